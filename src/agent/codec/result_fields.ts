/**
 * A module's result as an object, and what is asked of its fields, whatever ABI it is of.
 *
 * This runs in the thread where the call ran, within the call's time, and so the work is bounded before any of it is begun.
 *
 * @module
 */

import { GuestError } from "../../errors.ts";
import { escapeText, MAX_NAME_SHOWN } from "../../escape.ts";
import { measureJson } from "../../json_shape.ts";
import type { Decision } from "../../protocol/mod.ts";

/** An object of JSON. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a result comes to. */
export interface Result {
  readonly decision: Decision;
  /** Keys that mean nothing here, escaped and cut; the first {@linkcode MAX_UNKNOWN_KEYS} of them. Left out where there are none. */
  readonly unknownKeys?: readonly string[];
}

/** Most unknown keys that one result tells of. */
export const MAX_UNKNOWN_KEYS = 16;

/** Statuses that a block and a redirect have where the module gives none. */
export const BLOCK_STATUS = 403, REDIRECT_STATUS = 302;

/** Far beyond any result that means something, far from the end of the stack. */
const MAX_DEPTH = 64;
/**
 * Keys and list items in all of a result, an empty object or list counted as one. The proxy takes 256 headers a head (Pingora 0.9,
 * `MAX_HEADERS`), a result can add to and remove from two heads: this is four times as much as could all mean something.
 */
const MAX_ITEMS = 4096;
const LIMITS = { members: MAX_ITEMS, commas: MAX_ITEMS, depth: MAX_DEPTH };

// RFC 9110, 5.6.2.
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// deno-lint-ignore no-control-regex -- a control character in a value could end the header
const BAD_VALUE = /[\u0000-\u0008\u000a-\u001f\u007f]/;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A decision, and which keys of its result are none of the known ones. */
export function resultOf(fields: Fields, decision: Decision, known: ReadonlySet<string>): Result {
  const unknownKeys = Object.keys(fields).filter((key) => !known.has(key));
  return unknownKeys.length === 0 ? { decision } : {
    decision,
    unknownKeys: unknownKeys.slice(0, MAX_UNKNOWN_KEYS).map((key) => escapeText(key, MAX_NAME_SHOWN)),
  };
}

/** The object in a result. @throws {GuestError} `GUEST_BAD_RESULT` */
export function parseObject(result: Uint8Array): Fields {
  const { members, commas, containers, depth } = measureJson(result, LIMITS);
  if (depth > MAX_DEPTH) throw unfit(`may be nested ${MAX_DEPTH} deep`, "more");
  if (members > MAX_ITEMS || commas + containers > MAX_ITEMS) {
    throw unfit(`may have ${MAX_ITEMS} keys and list items`, "more");
  }
  let text: string;
  try {
    text = decoder.decode(result);
  } catch (cause) {
    throw unfit("must be UTF-8", "other bytes", cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unfit("must be JSON", "other text", cause);
  }
  if (!isFields(value)) throw bad("result", "an object", value);
  // JSON.parse keeps the last of two equal keys, which would be a guess.
  if (countKeys(value) !== members) throw unfit("may have each key once in an object", "one twice");
  return value;
}

/** A status within bounds. */
export function statusAt(fields: Fields, min: number, max: number): number | undefined {
  const status = valueAt(fields, "status");
  if (status === undefined) return undefined;
  if (typeof status !== "number" || !Number.isInteger(status) || status < min || status > max) {
    throw bad("status", `a whole number, ${min} to ${max}`, status);
  }
  return status;
}

/** A field; undefined where it is not given. Serializers write that as null, too. */
export function valueAt(fields: Fields, name: string): unknown {
  return fields[name] ?? undefined;
}

/** A field that is text, or undefined if it is not given. @throws {GuestError} `GUEST_BAD_RESULT` for anything else. */
export function textAt(fields: Fields, name: string): string | undefined {
  const value = valueAt(fields, name);
  return value === undefined ? undefined : stringOf(value, name);
}

/** A list of strings, empty where none is given. */
export function stringsAt(fields: Fields, name: string): readonly string[] {
  const value = valueAt(fields, name);
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw bad(name, "a list of strings", value);
  return value.map((item) => stringOf(item, name));
}

/** A string without lone surrogates, because a proxy could not read a reply with one. */
export function stringOf(value: unknown, name: string): string {
  if (typeof value !== "string" || !value.isWellFormed()) throw bad(name, "a string of whole characters", value);
  return value;
}

/** Refuses what is no name of a header. */
export function checkName(field: string, name: string): void {
  if (!TOKEN.test(name)) throw bad(field, "header names of letters, digits and !#$%&'*+-.^_`|~", name);
}

/** Refuses what would end a header. */
export function checkValue(field: string, value: string): void {
  if (BAD_VALUE.test(value)) throw bad(field, "free of CR, LF, NUL and other control characters", value);
}

/** True for an object that is no list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const children = Object.values(value);
  const own = Array.isArray(value) ? 0 : children.length;
  return children.reduce((sum: number, child) => sum + countKeys(child), own);
}

/** The error of a field that is not as it must be. */
export function bad(field: string, expected: string, value: unknown): GuestError {
  const shown = value === undefined
    ? "nothing"
    : JSON.stringify(typeof value === "string" ? value.slice(0, 2 * MAX_NAME_SHOWN) : value);
  return new GuestError(
    "GUEST_BAD_RESULT",
    `Cannot use '${escapeText(field, MAX_NAME_SHOWN)}' as it must be ${expected}: received ${
      escapeText(shown, MAX_NAME_SHOWN)
    }`,
  );
}

function unfit(must: string, received: string, cause?: unknown): GuestError {
  return new GuestError("GUEST_BAD_RESULT", `Cannot use result as it ${must}: received ${received}`, { cause });
}
