/**
 * Runs calls of one module in a fixed number of instances, none longer than its deadline.
 *
 * @module
 */

export type { Take } from "./slot.ts";
export { Pool, type PoolCall, type PoolOptions } from "./pool.ts";
export { Watchdog, type WatchdogNeeds } from "./watchdog.ts";
