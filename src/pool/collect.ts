/**
 * Asks V8 to collect dropped instances. V8 does not know how much memory they hold, and would not free gigabytes of it in time.
 *
 * V8 counts a guest's memory as large as it was at its start, and not as large as it has grown. So the code that drops an instance tells its
 * size here. This needs V8's flag `--expose-gc`, which the tasks and the executable set. Without it, V8 collects when it sees fit.
 *
 * @module
 */

/** Memory of dropped instances, in bytes, after which V8 is asked; a collection takes some 10 ms. */
const COLLECT_AFTER_BYTES = 64 * 1024 * 1024;

let droppedBytes = 0;

/** Counts an instance of `memoryBytes` that was dropped on this thread, and asks V8 once enough have been dropped. */
export function noteDropped(memoryBytes: number): void {
  droppedBytes += memoryBytes;
  if (droppedBytes >= COLLECT_AFTER_BYTES) collect();
}

/** Asks V8 to collect all garbage of this thread, which holds it up for some 10 ms. */
export function collect(): void {
  droppedBytes = 0;
  const gc: unknown = Reflect.get(globalThis, "gc");
  if (typeof gc === "function") gc();
}
