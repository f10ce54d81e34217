/**
 * Values of a configuration file as JSON, which has fewer kinds of them than TOML.
 *
 * @module
 */

import type { Mistake, ParsedFile, Path } from "./parsed_file.ts";
import { mistakeAt } from "./validate.ts";

/** The value with dates as texts. A number that JSON cannot hold is a mistake. No value is told: some are secrets. */
export function jsonOf(value: unknown, path: Path, file: ParsedFile, mistakes: Mistake[]): unknown {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "bigint" || typeof value === "number" && !Number.isFinite(value)) {
    mistakes.push(mistakeAt(file, path, "a number that JSON can hold, or a text", "another number"));
    return null;
  }
  if (Array.isArray(value)) return value.map((item, index) => jsonOf(item, [...path, index], file, mistakes));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, jsonOf(inner, [...path, key], file, mistakes)]),
  );
}
