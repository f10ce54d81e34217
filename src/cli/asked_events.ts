/**
 * The events that a command line asks for: one that its options describe, or those of a file.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { escapeText, MAX_NAME_SHOWN, quoted } from "../escape.ts";
import { type DescribedEvent, parseEvents, wireEvent } from "../lanes/mod.ts";
import type { Asked } from "./command.ts";
import type { INVOKE_OPTIONS } from "./rows/invoke.ts";

/** Options that only a request has. */
const OF_REQUEST = ["method", "uri", "client-ip"] as const;
/** All options that describe an event. */
const DESCRIBING = [...OF_REQUEST, "header", "status", "body", "phase"] as const;

/** What is read in place of a file, until its end. */
const STDIN = "-";

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
  try {
    return path === STDIN ? await new Response(Deno.stdin.readable).text() : await Deno.readTextFile(path);
  } catch (cause) {
    const advice = cause instanceof Deno.errors.NotCapable ? ` (grant --allow-read=${escapeText(path)})` : "";
    const received = escapeText(cause instanceof Error ? cause.message : String(cause));
    throw new ConfigError(
      "EVENT_UNREADABLE",
      `Cannot read events (${
        escapeText(path, 2 * MAX_NAME_SHOWN)
      }) as the file must be readable: received "${received}"${advice}`,
      { cause },
    );
  }
}

function badValue(name: string, must: string, received: string): ConfigError {
  return new ConfigError("USAGE_BAD_VALUE", `Cannot read "--${name}" as it must ${must}: received ${received}`);
}
