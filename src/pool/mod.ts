/**
 * Runs calls of one module in a fixed number of instances, none longer than its deadline.
 *
 * @module
 */

export type { Take } from "./host.ts";
export { Pool, type PoolCall, type PoolOptions } from "./pool.ts";
export {
  onMessages,
  type Post,
  setThreadEntry,
  setThreadStart,
  type Spawned,
  spawnThread,
  type StartThread,
  startThread,
  Thread,
  type ThreadRole,
} from "./threads.ts";
