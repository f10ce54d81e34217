/**
 * What a module answered, as a decision; anything that is not clearly one is an error, never a silent allow.
 *
 * This runs in the thread where the call ran, within the call's time, and so the work is bounded before any of it is begun.
 *
 * @module
 */

import { GuestError } from "../../errors.ts";
import { escapeText, MAX_NAME_SHOWN } from "../../escape.ts";
import { measureJson } from "../../json_shape.ts";
import type { Decision, HeaderOp, Verdict } from "../../protocol/mod.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What a result comes to. */
export interface Result {
  readonly decision: Decision;
  /** Keys that mean nothing here, escaped and cut; the first {@linkcode MAX_UNKNOWN_KEYS} of them. Left out where there are none. */
  readonly unknownKeys?: readonly string[];
}

/** All keys that mean something in a result. */
export const RESULT_KEYS = [
  "decision",
  "status",
  "body",
  "add_request_headers",
  "remove_request_headers",
  "add_response_headers",
  "remove_response_headers",
  "tags",
] as const;

/** Most unknown keys that one result tells of. */
export const MAX_UNKNOWN_KEYS = 16;

const BLOCK_STATUS = 403;
const REDIRECT_STATUS = 302;
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

const KNOWN: ReadonlySet<string> = new Set(RESULT_KEYS);
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The decision in a module's result. A key that is `null` counts as not given, but for `decision`.
 *
 * @param result JSON in UTF-8; not kept.
 * @throws {GuestError} `GUEST_BAD_RESULT` naming the field that is wrong.
 */
export function parseResult(result: Uint8Array): Result {
  const fields = parseObject(result);
  const requestHeaders = headerOps(fields, "request");
  const responseHeaders = headerOps(fields, "response");
  const decision = { verdict: parseVerdict(fields), requestHeaders, responseHeaders, tags: stringsAt(fields, "tags") };
  const unknownKeys = Object.keys(fields).filter((key) => !KNOWN.has(key));
  return unknownKeys.length === 0 ? { decision } : {
    decision,
    unknownKeys: unknownKeys.slice(0, MAX_UNKNOWN_KEYS).map((key) => escapeText(key, MAX_NAME_SHOWN)),
  };
}

function parseObject(result: Uint8Array): Fields {
  const { members, commas, containers, depth } = measureJson(result, LIMITS);
  if (depth > MAX_DEPTH) throw unfit(`may be nested ${MAX_DEPTH} deep: received more`);
  if (members > MAX_ITEMS || commas + containers > MAX_ITEMS) {
    throw unfit(`may have ${MAX_ITEMS} keys and list items: received more`);
  }
  let text: string;
  try {
    text = decoder.decode(result);
  } catch (cause) {
    throw unfit("must be UTF-8: received other bytes", cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unfit("must be JSON: received other text", cause);
  }
  if (!isFields(value)) throw bad("result", "an object", value);
  // JSON.parse keeps the last of two equal keys, which would be a guess.
  if (countKeys(value) !== members) throw unfit("may have each key once in an object: received one twice");
  return value;
}

function parseVerdict(fields: Fields): Verdict {
  const { decision } = fields;
  const given = valueAt(fields, "body");
  const body = given === undefined ? undefined : stringOf(given, "body");
  switch (decision) {
    case "allow":
      statusAt(fields, 200, 599);
      return { kind: "allow" };
    case "block":
    case "deny":
      return { kind: "block", status: statusAt(fields, 200, 599) ?? BLOCK_STATUS, body };
    case "redirect":
      if (body === undefined || body === "") throw bad("body", "the URL of the redirect", fields.body);
      checkValue("body", body);
      return { kind: "redirect", status: statusAt(fields, 300, 399) ?? REDIRECT_STATUS, url: body };
  }
  throw bad("decision", `"allow", "block", "deny" or "redirect"`, decision);
}

function statusAt(fields: Fields, min: number, max: number): number | undefined {
  const status = valueAt(fields, "status");
  if (status === undefined) return undefined;
  if (typeof status !== "number" || !Number.isInteger(status) || status < min || status > max) {
    throw bad("status", `a whole number, ${min} to ${max}`, status);
  }
  return status;
}

/** Serializers write null for what is not given, and it means the same here. */
function valueAt(fields: Fields, name: string): unknown {
  return fields[name] ?? undefined;
}

/** Added first, then removed, as the seed's host does. */
function headerOps(fields: Fields, side: "request" | "response"): readonly HeaderOp[] {
  const addField = `add_${side}_headers`;
  const removeField = `remove_${side}_headers`;
  const added = valueAt(fields, addField);
  const ops: HeaderOp[] = [];
  if (added !== undefined) {
    if (!isFields(added)) throw bad(addField, "an object of strings", added);
    for (const [name, value] of Object.entries(added)) {
      checkName(addField, name);
      const field = `${addField}.${name}`;
      const text = stringOf(value, field);
      checkValue(field, text);
      ops.push({ op: "set", name, value: text });
    }
  }
  for (const name of stringsAt(fields, removeField)) {
    checkName(removeField, name);
    ops.push({ op: "remove", name });
  }
  return ops;
}

function stringsAt(fields: Fields, name: string): readonly string[] {
  const value = valueAt(fields, name);
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw bad(name, "a list of strings", value);
  return value.map((item) => stringOf(item, name));
}

/** Lone surrogates are refused, because a proxy could not read the reply. */
function stringOf(value: unknown, name: string): string {
  if (typeof value !== "string" || !value.isWellFormed()) throw bad(name, "a string of whole characters", value);
  return value;
}

function checkName(field: string, name: string): void {
  if (!TOKEN.test(name)) throw bad(field, "header names of letters, digits and !#$%&'*+-.^_`|~", name);
}

function checkValue(field: string, value: string): void {
  if (BAD_VALUE.test(value)) throw bad(field, "free of CR, LF, NUL and other control characters", value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const children = Object.values(value);
  const own = Array.isArray(value) ? 0 : children.length;
  return children.reduce((sum: number, child) => sum + countKeys(child), own);
}

function bad(field: string, expected: string, value: unknown): GuestError {
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

function unfit(must: string, cause?: unknown): GuestError {
  return new GuestError("GUEST_BAD_RESULT", `Cannot use result as it ${must}`, { cause });
}
