/**
 * Sends requests to a running agent and shows what it decides: a handful of its own, or the one that the command line describes.
 *
 * @module
 */

import { ConfigError } from "../../errors.ts";
import { escapeText, quoted } from "../../escape.ts";
import { AgentClient, type Answer, type RequestHead } from "../client.ts";
import type { Asked } from "../command.ts";
import type { ValuesOf } from "../options.ts";
import type { TRY_OPTIONS } from "../rows/try.ts";
import { socketPath } from "../socket_path.ts";

/** Options that describe the one request to send. */
const DESCRIBING = ["method", "uri", "header"];

const REQUESTS: readonly RequestHead[] = [
  { method: "GET", uri: "/", headers: { "user-agent": ["Mozilla/5.0"] } },
  { method: "GET", uri: "/search?q=shoes&page=2", headers: { "user-agent": ["Mozilla/5.0"], "x-debug": ["1"] } },
  { method: "GET", uri: "/search?q=1%27%20OR%20%271%27=%271", headers: { "user-agent": ["Mozilla/5.0"] } },
  { method: "GET", uri: "/search?q=%3Cscript%3Ealert(1)%3C/script%3E", headers: { "user-agent": ["Mozilla/5.0"] } },
  { method: "GET", uri: "/files/../../etc/passwd", headers: { "user-agent": ["Mozilla/5.0"] } },
  { method: "GET", uri: "/", headers: { "user-agent": ["sqlmap/1.8"] } },
  { method: "GET", uri: "/admin/users", headers: { "user-agent": ["Mozilla/5.0"] } },
  { method: "GET", uri: "/admin/users", headers: { "user-agent": ["Mozilla/5.0"], "authorization": ["Bearer token"] } },
];

/** Longest text shown of a body, in UTF-16 units. */
const MAX_BODY_SHOWN = 4_096;

/**
 * Prints a table of request, decision and time; for one request, all that was decided.
 *
 * @returns Exit code.
 * @throws {ListenError} `CONNECT_FAILED` if no agent answers on the socket. @throws {ConfigError} for a header that is none.
 */
export async function tryOut({ options, given }: Asked<typeof TRY_OPTIONS>): Promise<number> {
  const one = DESCRIBING.some((name) => given.has(name));
  const path = socketPath(options.socket);
  const requests = one ? [describedRequest(options)] : REQUESTS;
  const answers: Timed[] = [];
  using client = await AgentClient.connect(path);
  for (const request of requests) {
    const sentAt = performance.now();
    const answer = await client.requestHeaders(request);
    answers.push({ ...answer, took: `${Math.round((performance.now() - sentAt) * 1000)} us` });
  }
  const rows = one && answers[0] !== undefined ? inFull(answers[0]) : inShort(requests, answers);
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows) console.log(row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd());
  return 0;
}

interface Timed extends Answer {
  readonly took: string;
}

/** A line for each request. */
function inShort(requests: readonly RequestHead[], answers: readonly Timed[]): readonly (readonly string[])[] {
  const lines = answers.map(({ decision, tags, took }, index) => {
    const { method = "", uri = "", headers = {} } = requests[index] ?? {};
    const agent = headers["user-agent"]?.[0] ?? "Mozilla";
    const notes = `${agent.startsWith("Mozilla") ? "" : ` (${agent})`}${
      "authorization" in headers ? " (authorized)" : ""
    }`;
    return [`${method} ${uri}${notes}`, escapeText(decision), escapeText(tags.join(", ")), took];
  });
  return [["request", "decision", "tags", "time"], ...lines];
}

/** A line for each thing that was decided. */
function inFull(
  { decision, tags, body, requestHeaders, responseHeaders, took }: Timed,
): readonly (readonly string[])[] {
  const list = (name: string, entries: readonly string[]) =>
    (entries.length === 0 ? ["none"] : entries).map((entry, index) => [index === 0 ? name : "", escapeText(entry)]);
  return [
    ["decision", escapeText(decision)],
    ["tags", tags.length === 0 ? "none" : escapeText(tags.join(", "))],
    ...list("body", body?.slice(0, MAX_BODY_SHOWN).trimEnd().split("\n") ?? []),
    ...list("request headers", requestHeaders),
    ...list("response headers", responseHeaders),
    ["time", took],
  ];
}

function describedRequest({ method, uri, header }: ValuesOf<typeof TRY_OPTIONS>): RequestHead {
  const headers: Record<string, string[]> = Object.create(null);
  for (const text of header) {
    const colon = text.indexOf(":");
    const name = text.slice(0, Math.max(0, colon)).trim().toLowerCase();
    if (name === "") {
      throw new ConfigError(
        "USAGE_BAD_VALUE",
        `Cannot read "--header" as it must be NAME: VALUE: received ${quoted(text)}`,
      );
    }
    (headers[name] ??= []).push(text.slice(colon + 1).trim());
  }
  return { method, uri, headers };
}
