/**
 * What a module of ABI 1 answered, as a decision; anything that is not clearly one is an error, never a silent allow.
 *
 * @module
 */

import type { HeaderOp, Verdict } from "../../protocol/mod.ts";
import {
  bad,
  BLOCK_STATUS,
  checkName,
  checkValue,
  type Fields,
  isFields,
  parseObject,
  REDIRECT_STATUS,
  type Result,
  resultOf,
  statusAt,
  stringOf,
  stringsAt,
  textAt,
  valueAt,
} from "./result_fields.ts";

export { MAX_UNKNOWN_KEYS, type Result } from "./result_fields.ts";

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

const KNOWN: ReadonlySet<string> = new Set(RESULT_KEYS);

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
  return resultOf(fields, decision, KNOWN);
}

function parseVerdict(fields: Fields): Verdict {
  const { decision } = fields;
  const body = textAt(fields, "body");
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
