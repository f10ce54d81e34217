/**
 * Speaks with proxies over a unix socket. Knows no module.
 *
 * @module
 */

export { type Socket, STALLED_MS } from "./connection.ts";
export { type Listener, openSharedSocket, openSocket, type SocketFile } from "./listener.ts";
export { MAX_CONNECTIONS, Server, type ServerOptions } from "./server.ts";
export type { WritableSocket } from "./output.ts";
export type { Arrival, Decide, SessionOptions } from "./session.ts";
export { SharedListener } from "./shared_listener.ts";
export { startLockPath } from "./start_lock.ts";
export { warmUp } from "./warm_up.ts";
