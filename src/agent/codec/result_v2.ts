/**
 * What a module of ABI 2 answered, as a decision; anything that is not clearly one is an error, never a silent allow.
 *
 * @module
 */

import type { AnswerHeaders, Audit, Decision, HeaderOp, Verdict } from "../../protocol/mod.ts";
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

/** All keys that mean something in a result. */
export const RESULT_KEYS_V2 = [
  "decision",
  "status",
  "body",
  "url",
  "headers",
  "challenge",
  "remove_request_headers",
  "set_request_headers",
  "add_request_headers",
  "remove_response_headers",
  "set_response_headers",
  "add_response_headers",
  "tags",
  "rule_ids",
  "reason_codes",
  "confidence",
  "routing_metadata",
  "audit",
] as const;

const KNOWN: ReadonlySet<string> = new Set(RESULT_KEYS_V2);
const WORDS = '"allow", "block", "deny", "redirect" or "challenge"';
/** Stands in each reply, where the proxy looks for its event. */
const ID_KEY = "correlation_id";

/**
 * The decision in a module's result. A key that is `null` counts as not given, but for `decision`.
 *
 * @param result JSON in UTF-8; not kept.
 * @throws {GuestError} `GUEST_BAD_RESULT` naming the field that is wrong.
 */
export function parseResultV2(result: Uint8Array): Result {
  const fields = parseObject(result);
  const decision: Decision = {
    verdict: parseVerdict(fields),
    requestHeaders: headerOps(fields, "request"),
    responseHeaders: headerOps(fields, "response"),
    tags: stringsAt(fields, "tags"),
    audit: parseAudit(fields),
    routingMetadata: stringMapAt(fields, "routing_metadata"),
  };
  return resultOf(fields, decision, KNOWN);
}

/** Each field is checked where it is given, also where this decision has no use for it. */
function parseVerdict(fields: Fields): Verdict {
  const { decision } = fields;
  const body = textAt(fields, "body");
  const url = textAt(fields, "url");
  const headers = answerHeaders(fields);
  const challenge = challengeAt(fields);
  switch (decision) {
    case "allow":
      statusAt(fields, 200, 599);
      return { kind: "allow" };
    case "block":
    case "deny":
      return { kind: "block", status: statusAt(fields, 200, 599) ?? BLOCK_STATUS, body, headers };
    case "redirect":
      if (url === undefined || url === "") throw bad("url", "the URL of the redirect", fields.url);
      checkValue("url", url);
      return { kind: "redirect", status: statusAt(fields, 300, 399) ?? REDIRECT_STATUS, url, body, headers };
    case "challenge":
      if (challenge === undefined) throw bad("challenge", "a type and its params", fields.challenge);
      if (valueAt(fields, "status") !== undefined) {
        throw bad("status", "left out of a challenge, whose status is the proxy's", fields.status);
      }
      return challenge;
  }
  throw bad("decision", WORDS, decision);
}

function challengeAt(fields: Fields): Verdict & { kind: "challenge" } | undefined {
  const value = valueAt(fields, "challenge");
  if (value === undefined) return undefined;
  if (!isFields(value)) throw bad("challenge", "an object with type and params", value);
  const unknown = Object.keys(value).find((key) => key !== "type" && key !== "params");
  if (unknown !== undefined) throw bad("challenge", "an object with type and params, and nothing else", unknown);
  const params = stringMapAt(value, "params", "challenge.params") ?? {};
  for (const [name, text] of Object.entries(params)) checkValue(`challenge.params.${name}`, text);
  const type = stringOf(value.type, "challenge.type");
  if (type === "") throw bad("challenge.type", "a name", type);
  return { kind: "challenge", type, params };
}

/** Removed first, then set, then added. */
function headerOps(fields: Fields, side: "request" | "response"): readonly HeaderOp[] {
  const removeField = `remove_${side}_headers`;
  const ops: HeaderOp[] = [];
  for (const name of stringsAt(fields, removeField)) {
    checkName(removeField, name);
    ops.push({ op: "remove", name });
  }
  for (const { name, values } of headersAt(fields, `set_${side}_headers`)) {
    // The first takes the place of what was there, the others come beside it.
    for (const [index, value] of values.entries()) ops.push({ op: index === 0 ? "set" : "add", name, value });
  }
  for (const { name, values } of headersAt(fields, `add_${side}_headers`)) {
    for (const value of values) ops.push({ op: "add", name, value });
  }
  return ops;
}

/** Headers of a block or redirect, of which a proxy takes one value a name. */
function answerHeaders(fields: Fields): AnswerHeaders | undefined {
  const joined = new Map<string, string>();
  for (const { name, values } of headersAt(fields, "headers")) {
    const key = name.toLowerCase();
    const before = joined.get(key);
    const all = before === undefined ? values : [before, ...values];
    // Cookies hold commas of their own.
    if (key === "set-cookie" && all.length > 1) {
      throw bad("headers.set-cookie", "one value, as proxies take one a name", all);
    }
    joined.set(key, all.join(", "));
  }
  return joined.size === 0 ? undefined : Object.fromEntries(joined);
}

function headersAt(fields: Fields, field: string): readonly { name: string; values: readonly string[] }[] {
  const value = valueAt(fields, field);
  if (value === undefined) return [];
  if (!isFields(value)) throw bad(field, "an object of strings or lists of strings", value);
  return Object.entries(value).map(([name, given]) => {
    checkName(field, name);
    const path = `${field}.${name}`;
    const values = Array.isArray(given) ? given.map((item) => stringOf(item, path)) : [stringOf(given, path)];
    if (values.length === 0) throw bad(path, "a string, or a list of at least one", given);
    for (const text of values) checkValue(path, text);
    return { name, values };
  });
}

function parseAudit(fields: Fields): Audit | undefined {
  const ruleIds = stringsAt(fields, "rule_ids");
  const reasonCodes = stringsAt(fields, "reason_codes");
  const confidence = confidenceAt(fields);
  const custom = customAt(fields);
  const none = ruleIds.length + reasonCodes.length + Object.keys(custom).length === 0 && confidence === undefined;
  return none ? undefined : { ruleIds, reasonCodes, confidence, custom };
}

function confidenceAt(fields: Fields): number | undefined {
  const value = valueAt(fields, "confidence");
  if (value === undefined) return undefined;
  if (typeof value !== "number" || value < 0 || value > 1) throw bad("confidence", "a number, 0 to 1", value);
  return value;
}

function customAt(fields: Fields): Fields {
  const value = valueAt(fields, "audit");
  if (value === undefined) return {};
  if (!isFields(value)) throw bad("audit", "an object", value);
  if (Object.hasOwn(value, ID_KEY)) throw bad("audit", `without "${ID_KEY}", which is the agent's`, value[ID_KEY]);
  checkTexts(value);
  return value;
}

/** Refuses lone surrogates anywhere in a value. */
function checkTexts(value: unknown): void {
  if (typeof value === "string") stringOf(value, "audit");
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    stringOf(key, "audit");
    checkTexts(inner);
  }
}

function stringMapAt(fields: Fields, name: string, path = name): Readonly<Record<string, string>> | undefined {
  const value = valueAt(fields, name);
  if (value === undefined) return undefined;
  if (!isFields(value)) throw bad(path, "an object of strings", value);
  return Object.fromEntries(
    Object.entries(value).map(([key, text]) => [stringOf(key, path), stringOf(text, `${path}.${key}`)]),
  );
}
