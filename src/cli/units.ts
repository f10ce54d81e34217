/**
 * Times, sizes and counts as people read them.
 *
 * @module
 */

/** Most digits that say something of a measured time. */
const DIGITS = 3;

/** `21.3 us`, `1.91 ms`, `2 s`. */
export function showMs(ms: number): string {
  if (ms < 0.9995) return `${short(ms * 1_000)} us`;
  return ms < 999.5 ? `${short(ms)} ms` : `${short(ms / 1_000)} s`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(DIGITS)));
}

/** `512 B`, `64 KiB`, `1.06 MiB`. */
export function showBytes(bytes: number): string {
  const size = Math.abs(bytes);
  const sign = bytes < 0 ? "-" : "";
  if (size < 1_024) return `${sign}${size} B`;
  return size < 1_024 * 1_024 ? `${sign}${short(size / 1_024)} KiB` : `${sign}${short(size / 1_024 / 1_024)} MiB`;
}

/** `1,000`. */
export function showCount(count: number): string {
  return count.toLocaleString("en-US");
}
