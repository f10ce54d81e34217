/**
 * The load generator: compiled when it is first needed, run once a round.
 *
 * @module
 */

import { fromFileUrl, join } from "@std/path";

/** Latencies in microseconds. */
export interface Latencies {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** What one run of the load generator saw. */
export interface Figures {
  /** Answers a second. */
  readonly rps: number;
  readonly seconds: number;
  readonly answered: number;
  /** Requests that are over, those of the warm-up included. */
  readonly finished: number;
  readonly fast: Latencies;
  /** Latencies of the requests with the slow URI. */
  readonly slow: Latencies;
  readonly allow: number;
  readonly block: number;
  /** Answers of the fail mode. */
  readonly error: number;
  /** Requests without an answer in time. */
  readonly lost: number;
  /** Connections that the agent closed. */
  readonly closed: number;
  /** Answers to no request in flight. */
  readonly late: number;
  readonly requestBytes: number;
  readonly replyBytes: number;
  /** Processor time of the load generator a request, in microseconds. */
  readonly ownCpuUs: number;
}

/** What to send. */
export interface Load {
  readonly name: string;
  readonly protocol: 1 | 2;
  readonly connections: number;
  /** Requests in flight on one connection; 1 on v1. */
  readonly depth?: number;
  /** The slow URI, on every `every`th request. */
  readonly slow?: { readonly uri: string; readonly every: number };
  /** Further headers of about 50 bytes. */
  readonly extraHeaders?: number;
  /** Bytes of the value of one more header. */
  readonly bigHeaderBytes?: number;
  /** So many requests a second; as fast as they are answered if not given. */
  readonly rate?: number;
  /** With a rate: a new connection for each so many requests. */
  readonly churn?: number;
}

/** When a round ends: whichever comes first. */
export interface RoundLimits {
  readonly requests: number;
  readonly seconds: number;
  readonly warmUp: number;
}

const SOURCE = fromFileUrl(new URL("./loadgen.c", import.meta.url));

/** Compiles the load generator into `folder`; its path. */
export async function compileLoadgen(folder: string): Promise<string> {
  const path = join(folder, "loadgen");
  const { success } = await new Deno.Command("cc", { args: ["-O2", "-o", path, SOURCE] }).output();
  if (!success) throw new Error(`cc did not compile ${SOURCE}`);
  return path;
}

/** Sends `load` to the agent on `socket`. */
export async function runLoad(loadgen: string, socket: string, load: Load, limits: RoundLimits): Promise<Figures> {
  const { slow } = load;
  const args = [
    ...["-p", load.protocol, "-c", load.connections, "-d", load.depth ?? 1],
    ...["-n", limits.requests, "-w", limits.warmUp, "-t", limits.seconds],
    ...["-x", load.extraHeaders ?? 0, "-H", load.bigHeaderBytes ?? 0],
    ...["-r", load.rate ?? 0, "-k", load.churn ?? 0],
    ...(slow === undefined ? [] : ["-s", slow.uri, "-m", slow.every]),
    socket,
  ];
  const { success, stdout, stderr } = await new Deno.Command(loadgen, { args: args.map(String) }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`loadgen ${args.join(" ")}: ${decoder.decode(stderr)}`);
  return JSON.parse(decoder.decode(stdout));
}
