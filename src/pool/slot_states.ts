/**
 * What slots do at this moment, for people.
 *
 * @module
 */

import type { Place, SlotSnapshot } from "../ops/mod.ts";
import type { Slot } from "./slot.ts";
import type { SlotSet } from "./slot_set.ts";

/** Each slot of a set, and where it is. */
export function* statesOf<S extends Slot>(set: SlotSet<S>, place: Place): Iterable<SlotSnapshot> {
  const time = performance.now();
  for (const slot of set.slots) {
    const { wear, work } = slot;
    const taken = set.stateOf(slot);
    yield {
      place,
      state: taken !== "taken" ? taken : work === undefined ? "resting" : "working",
      work: work && { phase: work.phase, forMs: time - work.since },
      calls: wear.calls,
      memoryBytes: wear.memoryBytes,
      ageMs: time - wear.since,
    };
  }
}
