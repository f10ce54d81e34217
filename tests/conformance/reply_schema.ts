/**
 * What a proxy accepts from an agent, derived from captured frames: the ones it took, and its reasons for the ones it refused.
 *
 * The proxy's decoder is strict where JavaScript is not: integers must be written as integers and fit their type, no key may
 * stand twice, null is not the same as left out, strings have no lone surrogates. It is lenient where one might not expect it: unknown
 * fields are ignored, a struct may come as a list of its fields, `"allow"` as `{"allow": null}`.
 *
 * @module
 */

import type { Protocol } from "./golden.ts";
import { type Json, parseStrictJson } from "./strict_json.ts";

/** Says what is wrong with a value, or nothing. */
type Check = (value: Json, path: string) => string | undefined;

/** A frame that an agent sends in answer. */
export type AnswerKind = "agent_response" | "handshake_response";

const PREFIX_BYTES = 4;
const MAX_BYTES: Readonly<Record<Protocol, number>> = { "v1": 10 * 1024 * 1024, "v2-json": 16 * 1024 * 1024 };
const TYPE_BYTES: Readonly<Record<AnswerKind, number>> = { agent_response: 0x20, handshake_response: 0x02 };

/** True if a proxy accepts `frame` as an answer of that kind. */
export function isAcceptable(protocol: Protocol, kind: AnswerKind, frame: Uint8Array): boolean {
  return faultOf(protocol, kind, frame) === undefined;
}

/** Why a proxy would refuse `frame`, or undefined. */
export function faultOf(protocol: Protocol, kind: AnswerKind, frame: Uint8Array): string | undefined {
  if (frame.length < PREFIX_BYTES) return "frame: cut short";
  const length = new DataView(frame.buffer, frame.byteOffset).getUint32(0);
  if (length > MAX_BYTES[protocol]) return `frame: length ${length} is over the limit`;
  if (length !== frame.length - PREFIX_BYTES) return `frame: length ${length} for ${frame.length - PREFIX_BYTES} bytes`;
  let payload = frame.subarray(PREFIX_BYTES);
  if (protocol !== "v1") {
    if (payload[0] !== TYPE_BYTES[kind]) return `frame: type ${payload[0]} is no ${kind}`;
    payload = payload.subarray(1);
  }
  let json: Json;
  try {
    json = parseStrictJson(payload);
  } catch (error) {
    return `payload: ${error instanceof Error ? error.message : error}`;
  }
  if (kind === "handshake_response") return handshakeResponse(json, "handshake");
  return agentResponse(json, "reply") ?? (protocol === "v1" ? v1Only(json) : v2Only(json));
}

function integer(min: bigint, max: bigint): Check {
  return (value, path) => {
    if (value.kind !== "number") return `${path}: ${value.kind} in place of an integer`;
    if (!/^-?[0-9]+$/.test(value.text)) return `${path}: float ${value.text} in place of an integer`;
    const number = BigInt(value.text);
    return number < min || number > max ? `${path}: ${value.text} does not fit` : undefined;
  };
}

function plain(kind: "boolean" | "string" | "number"): Check {
  return (value, path) => value.kind === kind ? undefined : `${path}: ${value.kind} in place of a ${kind}`;
}

const anything: Check = () => undefined;
const u16 = integer(0n, 65535n);
const u32 = integer(0n, 2n ** 32n - 1n);
const i32 = integer(-(2n ** 31n), 2n ** 31n - 1n);
const u64 = integer(0n, 2n ** 64n - 1n);
const string = plain("string");
const boolean = plain("boolean");
const number = plain("number");

function orNull(check: Check): Check {
  return (value, path) => value.kind === "null" ? undefined : check(value, path);
}

function listOf(check: Check): Check {
  return (value, path) =>
    value.kind === "list"
      ? first(value.items, (item, index) => check(item, `${path}[${index}]`))
      : `${path}: ${value.kind} in place of a list`;
}

function mapOf(check: Check): Check {
  return (value, path) =>
    value.kind === "object"
      ? first(value.entries, ([name, item]) => check(item, `${path}.${name}`))
      : `${path}: ${value.kind} in place of a map`;
}

interface Field {
  readonly check: Check;
  readonly required: boolean;
}

const required = (check: Check): Field => ({ check, required: true });
const optional = (check: Check): Field => ({ check, required: false });

/** A struct with its fields in their order; as a list they stand in this order, optional ones at the end may be missing. */
function struct(fields: Readonly<Record<string, Field>>): Check {
  const inOrder = Object.entries(fields);
  return (value, path) => {
    if (value.kind === "list") {
      if (value.items.length > inOrder.length) return `${path}: too many fields`;
      return first(inOrder, ([name, field], index) => {
        const item = value.items[index];
        if (item === undefined) return field.required ? `${path}.${name}: missing` : undefined;
        return field.check(item, `${path}.${name}`);
      });
    }
    if (value.kind !== "object") return `${path}: ${value.kind} in place of a struct`;
    const seen = new Set<string>();
    const twice = value.entries.find(([name]) => name in fields && seen.size === seen.add(name).size);
    if (twice !== undefined) return `${path}.${twice[0]}: stands twice`;
    return first(value.entries, ([name, item]) => fields[name]?.check(item, `${path}.${name}`)) ??
      first(inOrder, ([name, field]) => field.required && !seen.has(name) ? `${path}.${name}: missing` : undefined);
  };
}

/** One of several variants: a bare name for those without content, else an object with one key. */
function variant(variants: Readonly<Record<string, Check | undefined>>): Check {
  return (value, path) => {
    if (value.kind === "string") {
      if (!Object.hasOwn(variants, value.value)) return `${path}: unknown variant "${value.value}"`;
      return variants[value.value] === undefined ? undefined : `${path}: ${value.value} without its content`;
    }
    const entry = value.kind === "object" && value.entries.length === 1 ? value.entries[0] : undefined;
    if (entry === undefined) return `${path}: ${value.kind} in place of a variant`;
    const [name, content] = entry;
    if (!Object.hasOwn(variants, name)) return `${path}: unknown variant "${name}"`;
    const check = variants[name];
    if (check !== undefined) return check(content, `${path}.${name}`);
    return content.kind === "null" ? undefined : `${path}.${name}: content where none may be`;
  };
}

function first<T>(items: readonly T[], fault: (item: T, index: number) => string | undefined): string | undefined {
  for (const [index, item] of items.entries()) {
    const found = fault(item, index);
    if (found !== undefined) return found;
  }
}

const headerOps = listOf(variant({
  set: struct({ name: required(string), value: required(string) }),
  add: struct({ name: required(string), value: required(string) }),
  remove: struct({ name: required(string) }),
}));
const mutation = orNull(struct({ data: optional(orNull(string)), chunk_index: optional(u32) }));

const agentResponse: Check = struct({
  version: required(u32),
  decision: required(variant({
    allow: undefined,
    block: struct({ status: required(u16), body: optional(orNull(string)), headers: optional(orNull(mapOf(string))) }),
    redirect: struct({ url: required(string), status: required(u16) }),
    challenge: struct({ challenge_type: required(string), params: required(mapOf(string)) }),
  })),
  request_headers: optional(headerOps),
  response_headers: optional(headerOps),
  routing_metadata: optional(mapOf(string)),
  audit: optional(struct({
    tags: optional(listOf(string)),
    rule_ids: optional(listOf(string)),
    confidence: optional(orNull(number)),
    reason_codes: optional(listOf(string)),
    custom: optional(mapOf(anything)),
  })),
  needs_more: optional(boolean),
  request_body_mutation: optional(mutation),
  response_body_mutation: optional(mutation),
  websocket_decision: optional(orNull(variant({
    allow: undefined,
    drop: undefined,
    close: struct({ code: required(u16), reason: required(string) }),
  }))),
});

const FEATURES = [
  "streaming_body",
  "websocket",
  "guardrails",
  "config_push",
  "metrics_export",
  "concurrent_requests",
  "cancellation",
  "flow_control",
  "health_reporting",
];

const isTrue: Check = (value, path) =>
  value.kind === "boolean" && value.value ? undefined : `${path}: not true, so the connection is given up`;

const handshakeResponse: Check = struct({
  protocol_version: required(u32),
  capabilities: required(struct({
    agent_id: required(string),
    name: required(string),
    version: required(string),
    supported_events: required(listOf(i32)),
    features: required(struct(Object.fromEntries(
      FEATURES.map((name) => [name, required(name === "concurrent_requests" ? u32 : boolean)]),
    ))),
    limits: required(struct({
      max_body_size: required(u64),
      max_concurrency: required(u32),
      preferred_chunk_size: required(u64),
    })),
  })),
  success: required(isTrue),
  error: optional(orNull(string)),
  encoding: optional(variant({ json: undefined, msgpack: undefined })),
});

function fieldOf(value: Json | undefined, name: string): Json | undefined {
  return value?.kind === "object" ? value.entries.find(([key]) => key === name)?.[1] : undefined;
}

function v1Only(reply: Json): string | undefined {
  const version = fieldOf(reply, "version");
  return version?.kind === "number" && version.text === "1" ? undefined : "reply.version: not 1";
}

function v2Only(reply: Json): string | undefined {
  return correlationIdOf(reply) === undefined
    ? "reply.audit.custom.correlation_id: missing, so the reply is dropped"
    : undefined;
}

function correlationIdOf(reply: Json): string | undefined {
  const id = fieldOf(fieldOf(fieldOf(reply, "audit"), "custom"), "correlation_id");
  return id?.kind === "string" ? id.value : undefined;
}
