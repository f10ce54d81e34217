/**
 * Numbers as people read them.
 *
 * @module
 */

/** `0`, `7.3`, `980`, `12.4 k`, `1.25 M`, `3.20 G`. @param {number} value */
export function count(value) {
  if (value >= 999.5e6) return `${(value / 1e9).toPrecision(3)} G`;
  if (value >= 999.5e3) return `${(value / 1e6).toPrecision(3)} M`;
  if (value >= 9_995) return `${(value / 1e3).toPrecision(3)} k`;
  if (value >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(2)));
}

/** Milliseconds: `38 us`, `1.2 ms`, `2.5 s`. @param {number | undefined} value */
export function time(value) {
  if (value === undefined) return "–";
  if (value >= 1_000) return `${Number((value / 1_000).toPrecision(2))} s`;
  if (value >= 1) return `${Number(value.toPrecision(2))} ms`;
  return `${Number((value * 1_000).toPrecision(2))} µs`;
}

/** `512 B`, `64 KiB`, `1.5 MiB`. @param {number} value */
export function bytes(value) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let rest = value;
  while (rest >= 1024 && unit < units.length - 1) {
    rest /= 1024;
    unit++;
  }
  return `${rest >= 100 ? Math.round(rest) : Number(rest.toPrecision(3))} ${units[unit]}`;
}

/** Seconds as the two largest units: `42 s`, `3 min`, `5 h 12 min`, `3 d 4 h`. @param {number} value */
export function age(value) {
  const seconds = Math.max(0, Math.floor(value));
  const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
  if (days > 0) return hours % 24 > 0 ? `${days} d ${hours % 24} h` : `${days} d`;
  if (hours > 0) return minutes % 60 > 0 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
}

/** @param {number} part @param {number} whole */
export function percent(part, whole) {
  const share = whole > 0 ? 100 * part / whole : 0;
  return `${share > 0 && share < 0.01 ? "<0.01" : Number(share.toPrecision(2))} %`;
}
