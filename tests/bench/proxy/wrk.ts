/**
 * The clients in front of the proxy: wrk, with its report read from `wrk.lua`.
 *
 * @see https://github.com/wg/wrk/blob/4.1.0/SCRIPTING what its `done` is given.
 * @module
 */

import { fromFileUrl } from "@std/path";
import type { Latencies } from "../loadgen.ts";
import { programPath } from "./installed.ts";

/** Connections, each with one request at a time. */
export const CLIENTS = 16;

const SCRIPT = fromFileUrl(new URL("./wrk.lua", import.meta.url));
const TROUBLE = ["status", "connect", "read", "write", "timeout"] as const;

/** What wrk saw. */
export interface WrkReport {
  /** Answers. */
  readonly finished: number;
  readonly rps: number;
  readonly fast: Latencies;
  /** Answers with a status of 400 or more, and what happened to sockets. */
  readonly trouble: Readonly<Record<string, number>>;
}

/** Reads what `wrk.lua` writes. @throws {Error} naming what is missing, more than expected or of no use. */
export function parseReport(text: string): WrkReport {
  const report: unknown = JSON.parse(text);
  const fields = new Map<string, unknown>(Object.entries(report ?? {}));
  const take = (name: string): number => {
    const value = fields.get(name);
    fields.delete(name);
    if (typeof value === "number" && value >= 0) return value;
    throw new Error(`wrk reported ${value} as ${name}`);
  };
  const finished = take("requests");
  const seconds = take("durationUs") / 1e6;
  const fast = {
    count: finished,
    p50: take("p50"),
    p90: take("p90"),
    p99: take("p99"),
    p999: take("p999"),
    max: take("max"),
  };
  const trouble = Object.fromEntries(TROUBLE.map((name) => [name, take(name)]));
  if (fields.size > 0) throw new Error(`wrk reported ${[...fields.keys()]}, too`);
  if (finished === 0) throw new Error(`wrk saw no answer: ${text}`);
  return { finished, rps: finished / seconds, fast, trouble };
}

/** Has all clients ask for `url`, again and again. @throws {Error} with what wrk said if it fails. */
export async function runWrk(url: string, seconds: number): Promise<WrkReport> {
  const args = ["-t", "1", "-c", String(CLIENTS), "-d", `${Math.max(1, Math.round(seconds))}s`, "-s", SCRIPT, url];
  const { success, stdout, stderr } = await new Deno.Command(programPath("wrk"), { args }).output();
  const [said, report] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success || report === undefined || report === "") throw new Error(`wrk ${args.join(" ")}: ${said}${report}`);
  return parseReport(report);
}
