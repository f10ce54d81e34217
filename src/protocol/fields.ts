/**
 * Reads typed fields out of decoded JSON: a wrong type is a {@linkcode ProtocolError}, never a guess.
 *
 * @module
 */

import { ProtocolError } from "../errors.ts";
import type { HeaderValues } from "./event.ts";
import { checkShape } from "./message_shape.ts";
import { MAX_HEADERS, MAX_ID_LENGTH, overLimit } from "./limits.ts";

/** A decoded JSON object whose fields are not known yet. */
export type Fields = Readonly<Record<string, unknown>>;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** The number nearest to 2^64 - 1, which the largest u64 on the wire becomes. */
const MAX_U64 = 2 ** 64;

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "string" ? "a string" : typeof value === "object" ? "an object" : String(value);
}

function wrong(path: string, expected: string, value: unknown): ProtocolError {
  return new ProtocolError(
    "MESSAGE_BAD_FIELD",
    `Cannot read message as '${path}' must be ${expected}: received ${describe(value)}`,
  );
}

/** True for a JSON object: no list, no null. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * JSON text in UTF-8 as a value.
 *
 * @throws {ProtocolError} `MESSAGE_NOT_JSON` if it is not UTF-8 or not JSON, `MESSAGE_OVER_LIMIT` as {@linkcode checkShape} does.
 */
export function parseJson(bytes: Uint8Array): unknown {
  checkShape(bytes);
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new ProtocolError(
      "MESSAGE_NOT_JSON",
      "Cannot read message as it must be JSON in UTF-8: received other bytes",
      {
        cause,
      },
    );
  }
}

/** `value` as an object. @throws {ProtocolError} `MESSAGE_BAD_FIELD` */
export function objectAt(value: unknown, path: string): Fields {
  if (!isFields(value)) throw wrong(path, "an object", value);
  return value;
}

/** A string without lone surrogates, which proxies refuse. @throws {ProtocolError} `MESSAGE_BAD_FIELD` */
export function stringAt(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== "string" || !value.isWellFormed()) throw wrong(name, "a string of whole characters", value);
  return value;
}

/** A string, or undefined for null or nothing. @throws {ProtocolError} `MESSAGE_BAD_FIELD` */
export function optionalStringAt(fields: Fields, name: string): string | undefined {
  return fields[name] === undefined || fields[name] === null ? undefined : stringAt(fields, name);
}

/**
 * A correlation id.
 *
 * @throws {ProtocolError} `MESSAGE_BAD_FIELD`, or `MESSAGE_OVER_LIMIT` beyond {@linkcode MAX_ID_LENGTH}.
 */
export function idAt(fields: Fields, name: string): string {
  const id = stringAt(fields, name);
  if (id.length > MAX_ID_LENGTH) throw overLimit(`the length of '${name}'`, MAX_ID_LENGTH, id.length);
  return id;
}

/** A correlation id, or undefined for null or nothing. @throws {ProtocolError} as {@linkcode idAt} does. */
export function optionalIdAt(fields: Fields, name: string): string | undefined {
  return fields[name] === undefined || fields[name] === null ? undefined : idAt(fields, name);
}

/** A whole number from 0 to 2^53 - 1, exact. @throws {ProtocolError} `MESSAGE_BAD_FIELD` */
export function countAt(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw wrong(name, "a whole number", value);
  }
  return value;
}

/**
 * A whole number of 64 bits, as sizes and durations are on the wire; beyond 2^53 the nearest one that a number can be, and so
 * nothing to send back.
 *
 * @throws {ProtocolError} `MESSAGE_BAD_FIELD`
 */
export function sizeAt(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > MAX_U64) {
    throw wrong(name, "a whole number of 64 bits", value);
  }
  return value;
}

/** A whole number of 64 bits, or undefined for null or nothing. @throws {ProtocolError} `MESSAGE_BAD_FIELD` */
export function optionalSizeAt(fields: Fields, name: string): number | undefined {
  return fields[name] === undefined || fields[name] === null ? undefined : sizeAt(fields, name);
}

/** A whole number, or undefined for null or nothing. @throws {ProtocolError} `MESSAGE_BAD_FIELD` */
export function optionalCountAt(fields: Fields, name: string): number | undefined {
  return fields[name] === undefined || fields[name] === null ? undefined : countAt(fields, name);
}

/** A boolean. @throws {ProtocolError} `MESSAGE_BAD_FIELD` */
export function booleanAt(fields: Fields, name: string): boolean {
  const value = fields[name];
  if (typeof value !== "boolean") throw wrong(name, "true or false", value);
  return value;
}

/** A list of strings of whole characters. @throws {ProtocolError} `MESSAGE_BAD_FIELD` */
export function stringsAt(fields: Fields, name: string): readonly string[] {
  const value = fields[name];
  if (!isStrings(value)) throw wrong(name, "a list of strings of whole characters", value);
  return value;
}

function isStrings(value: unknown): value is readonly string[] {
  if (!Array.isArray(value)) return false;
  for (const item of value) if (typeof item !== "string" || !item.isWellFormed()) return false;
  return true;
}

/** Stops where there are too many, before it has looked at them all. */
function isHeaderValues(value: Fields): value is HeaderValues {
  let names = 0, values = 0;
  for (const name in value) {
    const list = value[name];
    if (!Array.isArray(list)) return false;
    values += list.length;
    if (++names > MAX_HEADERS) throw overLimit("its header names", MAX_HEADERS, "more");
    if (values > MAX_HEADERS) throw overLimit("its header values", MAX_HEADERS, "more");
    if (!name.isWellFormed() || !isStrings(list)) return false;
  }
  return true;
}

/**
 * Header names to lists of values.
 *
 * @throws {ProtocolError} `MESSAGE_BAD_FIELD`, or `MESSAGE_OVER_LIMIT` beyond {@linkcode MAX_HEADERS}.
 */
export function headersAt(fields: Fields, name: string): HeaderValues {
  const value = fields[name];
  if (!isFields(value) || !isHeaderValues(value)) {
    throw wrong(name, "an object of lists of strings of whole characters", value);
  }
  return value;
}
