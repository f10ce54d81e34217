/**
 * Sends a handful of requests to a running agent and shows what it decides.
 *
 * @module
 */

import { ListenError } from "../../errors.ts";
import { AgentClient } from "../client.ts";

const REQUESTS: readonly {
  readonly method: string;
  readonly uri: string;
  readonly headers: Record<string, string[]>;
}[] = [
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
 * Prints a table of request, decision and time.
 *
 * @returns Exit code.
 * @throws {ListenError} `CONNECT_FAILED` if no agent answers on `socket`.
 */
export async function tryOut(socket: string): Promise<number> {
  const client = await connect(socket);
  const rows = [["request", "decision", "tags", "time"]];
  try {
    for (const request of REQUESTS) {
      const sentAt = performance.now();
      const { decision, tags } = await client.requestHeaders(request);
      const took = `${Math.round((performance.now() - sentAt) * 1000)} us`;
      const agent = request.headers["user-agent"]?.[0]?.startsWith("Mozilla")
        ? ""
        : ` (${request.headers["user-agent"]?.[0]})`;
      const authorized = "authorization" in request.headers ? " (authorized)" : "";
      rows.push([`${request.method} ${request.uri}${agent}${authorized}`, decision, tags.join(", "), took]);
    }
  } finally {
    client.close();
  }
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows) console.log(row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd());
  return 0;
}

async function connect(socket: string): Promise<AgentClient> {
  try {
    return await AgentClient.connect(socket);
  } catch (cause) {
    const received = cause instanceof Error ? cause.message : String(cause);
    throw new ListenError(
      "CONNECT_FAILED",
      `Cannot try agent as one must answer on "${socket}": received "${received}" (start one first: deno task start)`,
      { cause },
    );
  }
}
