/**
 * Requests and responses as people write them down: in a file of events, in a list of cases, in a recording.
 *
 *     {"request": {"method": "POST", "uri": "/a?b=1", "client_ip": "192.0.2.1", "headers": {"accept": "text/html", "cookie": ["a=1", "b=2"]}}}
 *     {"response": {"status": 404, "headers": {"content-type": "text/html"}}}
 *
 * Everything may be left out; {@linkcode wireEvent} says what it is then. Two more shapes are taken for the same: the fields alone, and
 * what a proxy sends, `{"event_type": "request_headers", "payload": {...}}`.
 *
 * @module
 */

import { closestString } from "@std/text/closest-string";
import { ConfigError } from "../errors.ts";
import { escapeText, listed, MAX_NAME_SHOWN, quoted } from "../escape.ts";
import { isHeadPhase } from "../phase.ts";
import type { WireEvent } from "./trial.ts";

type Fields = Readonly<Record<string, unknown>>;

/** An event, and what stands beside it. */
export interface DescribedEvent {
  /** As a proxy would send it. */
  readonly event: WireEvent;
  /** Length in bytes of a body that is described: a proxy does not send it, because modules decide on heads. */
  readonly bodyBytes?: number;
  /** Where it was described, for messages: `events.json, line 3`. */
  readonly where: string;
}

/** Values of a request for the fields that its description leaves out. */
export const REQUEST_DEFAULTS = {
  method: "GET",
  uri: "/",
  client_ip: "127.0.0.1",
  correlation_id: "request-1",
} as const;

/** The status of a response whose description gives none. */
export const DEFAULT_STATUS = 200;

/** Fields of a request that go to the metadata as they are: strings. */
const METADATA = [
  "client_ip",
  "correlation_id",
  "request_id",
  "server_name",
  "protocol",
  "tls_version",
  "tls_cipher",
  "route_id",
  "upstream_id",
  "timestamp",
  "traceparent",
] as const;

const REQUEST_KEYS = ["method", "uri", "headers", "body", "client_port", ...METADATA];
const RESPONSE_KEYS = ["status", "headers", "body", "correlation_id"];
const SHAPES = '"request" or "response"';

/**
 * The event that `described` tells of.
 *
 * @param described JSON, or what another format gives in its place. Of the wrapped shape, keys beside `request` or `response` are the
 * caller's.
 * @param where Names its place, for messages: `events.json, line 3`.
 * @param correlationId Of an event that does not say its own.
 * @throws {ConfigError} `EVENT_UNREADABLE` naming the field that is wrong, a key that means nothing among them.
 */
export function wireEvent(
  described: unknown,
  where: string,
  correlationId: string = REQUEST_DEFAULTS.correlation_id,
): DescribedEvent {
  const fields = fieldsOf(described, where, "event");
  const { request, response, event_type: phase, payload } = fields;
  if (request !== undefined && response !== undefined) {
    throw unreadable(where, `have a "request" or a "response"`, "both");
  }
  if (request !== undefined) return requestEvent(fieldsOf(request, where, "request"), where, correlationId);
  if (response !== undefined) return responseEvent(fieldsOf(response, where, "response"), where, correlationId);
  if (phase !== undefined) {
    if (typeof phase === "string" && isHeadPhase(phase)) return { event: { phase, payload }, where };
    throw unreadable(where, "be a request_headers or response_headers event", shown(phase));
  }
  if ("status" in fields) return responseEvent(fields, where, correlationId);
  if (["method", "uri", "headers"].some((key) => key in fields)) return requestEvent(fields, where, correlationId);
  throw unreadable(where, `have a ${SHAPES}`, listed(Object.keys(fields).map(quoted)));
}

/**
 * All events of a text: one JSON value, a list of such, or JSON lines. Empty lines are skipped.
 *
 * @param name The file's, for messages.
 * @throws {ConfigError} `EVENT_UNREADABLE`, also where there is no event at all.
 */
export function parseEvents(text: string, name: string): readonly DescribedEvent[] {
  const whole = tryJson(text);
  const events = whole === undefined
    ? parseLines(text, name)
    : Array.isArray(whole.value)
    ? whole.value.map((item, index) => wireEvent(item, `${name}, item ${index + 1}`, `request-${index + 1}`))
    : [wireEvent(whole.value, name)];
  if (events.length === 0) throw unreadable(name, "have an event", "none");
  return events;
}

function parseLines(text: string, name: string): readonly DescribedEvent[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    const where = `${name}, line ${index + 1}`;
    const parsed = tryJson(line);
    if (parsed === undefined) throw unreadable(where, "be JSON, or JSON lines", quoted(line));
    return [wireEvent(parsed.value, where, `request-${index + 1}`)];
  });
}

function tryJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function requestEvent(fields: Fields, where: string, correlationId: string): DescribedEvent {
  checkKeys(fields, REQUEST_KEYS, where);
  const metadata: Record<string, unknown> = {};
  for (const name of METADATA) {
    const text = stringAt(fields, name, where);
    if (text !== undefined) metadata[name] = text;
  }
  metadata.client_ip ??= REQUEST_DEFAULTS.client_ip;
  metadata.correlation_id ??= correlationId;
  metadata.client_port = numberAt(fields, "client_port", 0, 65_535, where) ?? 0;
  const { headers, bodyBytes } = headAt(fields, where);
  const payload = {
    metadata,
    method: stringAt(fields, "method", where) ?? REQUEST_DEFAULTS.method,
    uri: stringAt(fields, "uri", where) ?? REQUEST_DEFAULTS.uri,
    headers,
  };
  return { event: { phase: "request_headers", payload }, bodyBytes, where };
}

function responseEvent(fields: Fields, where: string, correlationId: string): DescribedEvent {
  checkKeys(fields, RESPONSE_KEYS, where);
  const { headers, bodyBytes } = headAt(fields, where);
  const payload = {
    correlation_id: stringAt(fields, "correlation_id", where) ?? correlationId,
    status: numberAt(fields, "status", 100, 999, where) ?? DEFAULT_STATUS,
    headers,
  };
  return { event: { phase: "response_headers", payload }, bodyBytes, where };
}

/** Headers by names in lower case, as proxies send them; a body's length among them. */
function headAt(fields: Fields, where: string) {
  const headers: Record<string, readonly string[]> = Object.create(null);
  const given = fields.headers ?? {};
  for (const [name, value] of Object.entries(fieldsOf(given, where, "headers"))) {
    const values = Array.isArray(value) ? value : [value];
    const field = `headers.${name}`;
    const texts = values.map((each) => {
      if (typeof each === "string" && each.isWellFormed()) return each;
      throw badField(where, field, "be a string or a list of strings", each);
    });
    const key = name.toLowerCase();
    headers[key] = [...headers[key] ?? [], ...texts];
  }
  const body = stringAt(fields, "body", where);
  if (body === undefined) return { headers };
  const bodyBytes = new TextEncoder().encode(body).length;
  if (headers["transfer-encoding"] === undefined) headers["content-length"] ??= [String(bodyBytes)];
  return { headers, bodyBytes };
}

function checkKeys(fields: Fields, known: readonly string[], where: string): void {
  const unknown = Object.keys(fields).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw unreadable(
    where,
    "have no key that means nothing",
    `${quoted(unknown)}, did you mean "${closestString(unknown, [...known])}"?`,
  );
}

function stringAt(fields: Fields, name: string, where: string): string | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined || (typeof value === "string" && value.isWellFormed())) return value;
  throw badField(where, name, "be a string", value);
}

function numberAt(fields: Fields, name: string, min: number, max: number, where: string): number | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw badField(where, name, `be a whole number, ${min} to ${max}`, value);
}

function fieldsOf(value: unknown, where: string, what: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw badField(where, what, "be an object", value);
}

function badField(where: string, field: string, must: string, value: unknown): ConfigError {
  return new ConfigError(
    "EVENT_UNREADABLE",
    `Cannot read event ${placed(where)} as ${quoted(field)} must ${must}: received ${shown(value)}`,
  );
}

/**
 * An event that is not as it must be.
 *
 * @param cause Why it is not, where that is known.
 */
export function unreadable(where: string, must: string, received: string, cause?: unknown): ConfigError {
  return new ConfigError(
    "EVENT_UNREADABLE",
    `Cannot read event ${placed(where)} as it must ${must}: received ${received}`,
    { cause },
  );
}

function placed(where: string): string {
  return `(${escapeText(where, 2 * MAX_NAME_SHOWN)})`;
}

function shown(value: unknown): string {
  return escapeText(JSON.stringify(value) ?? String(value), MAX_NAME_SHOWN);
}
