/**
 * Speaks with proxies over a unix socket. Knows no module: a policy decides each event.
 *
 * @module
 */

export type { Socket } from "./connection.ts";
export { lateAfterMs } from "./lateness.ts";
export { inheritSocket } from "./inherited_socket.ts";
export {
  type FileOwner,
  type Listener,
  openServerSocket,
  openSharedSocket,
  openSocket,
  type SocketFile,
} from "./listener.ts";
export { type MadeUpPeers, madeUpV2Frame, makeUpPeers } from "./made_up_events.ts";
export { MAX_CONNECTIONS, Server, type ServerOptions } from "./server.ts";
export type { WritableSocket } from "./output.ts";
export { STALLED_MS } from "./peer_watch.ts";
export { type Decide, sessionFor, type SessionOptions } from "./session.ts";
export { SharedListener } from "./shared_listener.ts";
export { startLockPath } from "./start_lock.ts";
export { Successor, successorPath } from "./successor.ts";
export { warmUp, type WarmUpOptions } from "./warm_up.ts";
