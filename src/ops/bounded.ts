/**
 * Makes fields of a log line harmless and short, because most of them come from outside: ids, paths, names, lines of a guest.
 *
 * @module
 */

import { escapeText } from "../escape.ts";

/** Longest message of a line, in UTF-16 units: what a guest prints is one. */
export const MAX_MESSAGE = 4096;
/** Most items of a list, and the longest one. */
const MAX_ITEMS = 32;
const MAX_ITEM = 128;

/** `fields` with every text escaped and cut; a line of ten fields is at most some 14 KB long. */
export function bounded(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const name in fields) result[name] = boundedValue(fields[name]);
  return result;
}

function boundedValue(value: unknown): unknown {
  if (typeof value === "string") return escapeText(value);
  if (Array.isArray(value)) {
    const shown = value.slice(0, MAX_ITEMS).map((item) => escapeText(String(item), MAX_ITEM));
    return value.length > MAX_ITEMS ? [...shown, `... (${value.length} in all)`] : shown;
  }
  return typeof value === "object" && value !== null ? escapeText(JSON.stringify(value)) : value;
}
