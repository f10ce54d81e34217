/**
 * What a module answered, as a decision; anything that is not clearly one is an error, never a silent allow.
 *
 * @module
 */

import { GuestError } from "../errors.ts";
import type { Decision, HeaderOp, Verdict } from "../protocol/mod.ts";

type Fields = Readonly<Record<string, unknown>>;

const BLOCK_STATUS = 403;
const REDIRECT_STATUS = 302;
/** Far beyond any result that means something, far from the end of the stack. */
const MAX_DEPTH = 64;

// RFC 9110, 5.6.2.
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// deno-lint-ignore no-control-regex -- a control character in a value could end the header
const BAD_VALUE = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/**
 * The decision in a module's result text.
 *
 * @throws {GuestError} `GUEST_BAD_RESULT` naming the field that is wrong.
 */
export function parseResult(text: string): Decision {
  const fields = parseObject(text);
  const requestHeaders = headerOps(fields, "request");
  const responseHeaders = headerOps(fields, "response");
  return { verdict: parseVerdict(fields), requestHeaders, responseHeaders, tags: stringsAt(fields, "tags") };
}

function parseObject(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GuestError("GUEST_BAD_RESULT", "Cannot use result as it must be JSON: received other text", { cause });
  }
  const { keys, depth } = surveyJson(text);
  if (depth > MAX_DEPTH) {
    throw new GuestError(
      "GUEST_BAD_RESULT",
      `Cannot use result as it may be nested ${MAX_DEPTH} deep: received ${depth}`,
    );
  }
  if (!isFields(value)) throw bad("result", "an object", value);
  if (countKeys(value) !== keys) {
    throw new GuestError(
      "GUEST_BAD_RESULT",
      "Cannot use result as each key may stand once in an object: received one twice",
    );
  }
  return value;
}

function parseVerdict(fields: Fields): Verdict {
  const { decision } = fields;
  const body = fields.body === undefined ? undefined : stringOf(fields.body, "body");
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
  const { status } = fields;
  if (status === undefined) return undefined;
  if (typeof status !== "number" || !Number.isInteger(status) || status < min || status > max) {
    throw bad("status", `a whole number, ${min} to ${max}`, status);
  }
  return status;
}

/** Added first, then removed, as the seed's host does. */
function headerOps(fields: Fields, side: "request" | "response"): readonly HeaderOp[] {
  const addField = `add_${side}_headers`;
  const removeField = `remove_${side}_headers`;
  const added = fields[addField];
  const ops: HeaderOp[] = [];
  if (added !== undefined) {
    if (!isFields(added)) throw bad(addField, "an object of strings", added);
    for (const [name, value] of Object.entries(added)) {
      checkName(addField, name);
      const text = stringOf(value, `${addField}.${name}`);
      checkValue(`${addField}.${name}`, text);
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
  const value = fields[name];
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw bad(name, "a list of strings", value);
  return value.map((item) => stringOf(item, name));
}

/** Lone surrogates are refused: a proxy could not read the reply. */
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

/** JSON.parse keeps the last of two equal keys; that would be a guess. */
function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const children = Object.values(value);
  const own = Array.isArray(value) ? 0 : children.length;
  return children.reduce((sum: number, child) => sum + countKeys(child), own);
}

/** Keys and depth of valid JSON: outside of strings a colon follows each key and nothing else. */
function surveyJson(text: string): { readonly keys: number; readonly depth: number } {
  let keys = 0, depth = 0, open = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === "\\") at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === ":") keys++;
    else if (character === "{" || character === "[") depth = Math.max(depth, ++open);
    else if (character === "}" || character === "]") open--;
  }
  return { keys, depth };
}

const MAX_SHOWN = 80;

function bad(field: string, expected: string, value: unknown): GuestError {
  const shown = value === undefined ? "nothing" : JSON.stringify(value);
  const received = shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}...` : shown;
  const advice = value === null ? " (leave the field out instead)" : "";
  return new GuestError(
    "GUEST_BAD_RESULT",
    `Cannot use '${field}' as it must be ${expected}: received ${received}${advice}`,
  );
}
