/**
 * Runs calls of one module in a fixed number of instances, none longer than its deadline.
 *
 * The words of this folder: an instance sits in a *slot*; a call takes a *lease* of a slot, for which there is a *permit*.
 * A slot is *worn* once its instance has served its share, and *spoilt* by a call that failed: in both cases it is *renewed*. Calls that
 * are taken to last alike are a *cohort*. Time that calls take from the event loop is a *debt*, which short calls and time pay off, and
 * short calls give their cohort *credit*: that is how the *pace* of a module is known. The *leash* is how long one call may hold up the
 * event loop. The *placement* has both, and says where a call runs. The *watchdog* ends a call that is past its time, by the row of a
 * table that the call runs in.
 *
 * @module
 */

export { type Slot, type Take, Wear } from "./slot.ts";
export { lowerPriority } from "./priority.ts";
export { collect } from "./collect.ts";
export { ringForNobody, type UsualTimes } from "./deadlines.ts";
export { LocalSlot } from "./local_slot.ts";
export { Pool, type PoolOptions } from "./pool.ts";
export type { PoolCall } from "./pool_call.ts";
export { type Rows, Watchdog } from "./watchdog.ts";
