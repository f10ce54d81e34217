/**
 * Sends requests to a running agent and shows what it decides: a handful of its own, or the one that the command line describes.
 *
 * @module
 */

import { escapeText } from "../../escape.ts";
import type { Decision } from "../../protocol/mod.ts";
import { headersOf } from "../asked_events.ts";
import { AgentClient, type RequestHead } from "../client.ts";
import type { Asked } from "../command.ts";
import { showMs } from "../units.ts";
import { REQUEST_OPTIONS } from "../rows/event_options.ts";
import type { TRY_OPTIONS } from "../rows/try.ts";
import { decisionRows, paintVerdict } from "../show_decision.ts";
import { socketPath } from "../socket_path.ts";
import { paint, table } from "../terminal.ts";

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

/**
 * Prints a table of request, decision and time; for one request, all that was decided.
 *
 * @returns Exit code.
 * @throws {ListenError} `CONNECT_FAILED` if no agent answers on the socket. @throws {ConfigError} for a header that is none.
 */
export async function tryOut({ options, given }: Asked<typeof TRY_OPTIONS>): Promise<number> {
  const { method, uri } = options;
  const one = Object.keys(REQUEST_OPTIONS).some((name) => given.has(name));
  const path = socketPath(options.socket);
  const requests = one ? [{ method, uri, headers: headersOf(options.header) }] : REQUESTS;
  const answers: Answer[] = [];
  using client = await AgentClient.connect(path);
  for (const request of requests) {
    const sentAt = performance.now();
    const decision = await client.requestHeaders(request);
    answers.push({ request, decision, time: showMs(performance.now() - sentAt) });
  }
  const rows = one ? answers.flatMap(inFull) : [TITLES, ...answers.map(inShort)];
  for (const line of table(rows)) console.log(line);
  return 0;
}

/** What came of a request. */
interface Answer {
  readonly request: RequestHead;
  readonly decision: Decision;
  readonly time: string;
}

const TITLES = ["request", "decision", "tags", "time"].map((title) => paint("strong", title));

/** A row for each request. */
function inShort({ request: { method, uri, headers }, decision, time }: Answer): readonly string[] {
  const agent = headers["user-agent"]?.[0] ?? "Mozilla";
  const notes = `${agent.startsWith("Mozilla") ? "" : ` (${agent})`}${
    "authorization" in headers ? " (authorized)" : ""
  }`;
  return [
    `${method} ${uri}${notes}`,
    paintVerdict(decision.verdict),
    escapeText(decision.tags.join(", ")),
    time,
  ];
}

/** A row for each thing that was decided. */
function inFull({ request, decision, time }: Answer): readonly (readonly string[])[] {
  return [...decisionRows(decision, { request: request.headers }), ["time", time]];
}
