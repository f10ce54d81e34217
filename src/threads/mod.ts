/**
 * Starting threads, and what crosses them.
 *
 * @module
 */

export { commonClock } from "./clock.ts";
export { errorFrom, type ErrorRecord, MAX_CAUSES, recordOf } from "./errors.ts";
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
