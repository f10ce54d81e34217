/**
 * The events that a command line asks for: one that its options describe, or those of a file.
 *
 * @module
 */

import { type TextKind, unreadable } from "../config/mod.ts";
import { ConfigError } from "../errors.ts";
import { escapeText, quoted } from "../escape.ts";
import { type DescribedEvent, parseEvents, wireEvent } from "../lanes/mod.ts";
import type { Asked } from "./command.ts";
import type { INVOKE_OPTIONS } from "./rows/invoke.ts";

/** Options that only a request has. */
const OF_REQUEST = ["method", "uri", "client-ip"] as const;
/** All options that describe an event. */
const DESCRIBING = [...OF_REQUEST, "header", "status", "body", "phase"] as const;

/** What is read in place of a file, until its end. */
const STDIN = "-";

/** Most bytes that are read of events: half of the longest text that V8 has. */
const MAX_EVENTS_BYTES = 256 * 1024 * 1024;

const KIND: TextKind = { what: "events", code: "EVENT_UNREADABLE" };

/** At least one event. @throws {ConfigError} `USAGE_BAD_VALUE`, `EVENT_UNREADABLE` */
export async function askedEvents(asked: Asked<typeof INVOKE_OPTIONS>): Promise<readonly DescribedEvent[]> {
  const { options, given } = asked;
  if (options.event === "") return [describedEvent(asked)];
  const other = DESCRIBING.find((name) => given.has(name));
  if (options.event === STDIN && options.watch) throw badValue("event", "be a file where --watch is given", "stdin");
  if (other !== undefined) throw badValue("event", "come without options that describe an event", `"--${other}"`);
  return parseEvents(await readText(options.event), options.event === STDIN ? "stdin" : options.event);
}

function describedEvent({ options, given }: Asked<typeof INVOKE_OPTIONS>): DescribedEvent {
  const { phase, status, uri } = options;
  const response = phase.startsWith("response") || (phase === "auto" && given.has("status"));
  const misplaced = response ? OF_REQUEST.find((name) => given.has(name)) : given.has("status") ? "status" : undefined;
  if (misplaced !== undefined) {
    const kind = response ? "request" : "response";
    throw badValue(misplaced, `describe a ${kind}`, `it for a ${response ? "response" : "request"}`);
  }
  const headers = headersOf(options.header);
  const body = given.has("body") ? options.body : undefined;
  if (response) return wireEvent({ response: { status, headers, body } }, "command line");
  // A body without a method means a method that has a body.
  const method = body !== undefined && !given.has("method") ? "POST" : options.method;
  return wireEvent({ request: { method, uri, client_ip: options["client-ip"], headers, body } }, "command line");
}

/** `NAME: VALUE` texts to values by name. @throws {ConfigError} `USAGE_BAD_VALUE` */
export function headersOf(texts: readonly string[]): Record<string, string[]> {
  const headers: Record<string, string[]> = Object.create(null);
  for (const text of texts) {
    const colon = text.indexOf(":");
    const name = text.slice(0, Math.max(0, colon)).trim().toLowerCase();
    if (name === "") throw badValue("header", "be NAME: VALUE", quoted(text));
    (headers[name] ??= []).push(text.slice(colon + 1).trim());
  }
  return headers;
}

async function readText(path: string): Promise<string> {
  const name = path === STDIN ? "stdin" : path;
  try {
    if (path === STDIN) return await textOf(Deno.stdin.readable, name);
    using file = await Deno.open(path);
    const { size } = await file.stat();
    if (size > MAX_EVENTS_BYTES) throw tooLarge(name, `${size}`);
    return await textOf(file.readable, name);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const advice = cause instanceof Deno.errors.NotCapable ? ` (grant --allow-read=${escapeText(path)})` : "";
    const received = escapeText(cause instanceof Error ? cause.message : String(cause));
    throw unreadable(KIND, name, "be a readable file", `"${received}"${advice}`, cause);
  }
}

/** The size of a pipe is known only at its end. */
async function textOf(readable: ReadableStream<Uint8Array<ArrayBuffer>>, name: string): Promise<string> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const chunk of readable) {
    bytes += chunk.length;
    if (bytes > MAX_EVENTS_BYTES) throw tooLarge(name, "more");
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await new Blob(chunks).bytes());
  } catch (cause) {
    throw unreadable(KIND, name, "be UTF-8", "other bytes", cause);
  }
}

function tooLarge(name: string, received: string): ConfigError {
  return unreadable(KIND, name, `have at most ${MAX_EVENTS_BYTES} bytes`, received);
}

function badValue(name: string, must: string, received: string): ConfigError {
  return new ConfigError("USAGE_BAD_VALUE", `Cannot read "--${name}" as it must ${must}: received ${received}`);
}
