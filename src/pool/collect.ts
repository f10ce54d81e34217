/**
 * Asks V8 to collect dropped instances: it does not know how much memory they hold, and would leave gigabytes lying about.
 *
 * V8 counts a guest's memory as it was at its start, not what it has grown to. So whoever drops instances counts for it.
 * Works with V8's flag `--expose-gc`, which the tasks and the executable are made with; without it V8 collects when it sees fit.
 *
 * @module
 */

/** Memory of dropped instances, in bytes, after which V8 is asked; a collection takes some 10 ms. */
const COLLECT_AFTER_BYTES = 64 * 1024 * 1024;

let droppedBytes = 0;

/** Takes note that an instance of `memoryBytes` was dropped on this thread. */
export function noteDropped(memoryBytes: number): void {
  droppedBytes += memoryBytes;
  if (droppedBytes < COLLECT_AFTER_BYTES) return;
  droppedBytes = 0;
  const gc: unknown = Reflect.get(globalThis, "gc");
  if (typeof gc === "function") gc();
}
