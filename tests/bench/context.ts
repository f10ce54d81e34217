/**
 * What every part of the benchmarks is given.
 *
 * @module
 */

import { join } from "@std/path";
import { type AgentKind, peerKind } from "./agents.ts";
import { compileLoadgen, type Load, type RoundLimits } from "./loadgen.ts";
import type { BenchOptions } from "./options.ts";
import { ROOT } from "../e2e/agent_process.ts";
import type { ProxyRelease } from "../proxy/releases.ts";

/** The module of `examples/rust-security`, by its path from the project's root. */
export const EXAMPLE_MODULE = "examples/rust-security/rust_security.wasm";

/** What the parts work with. */
export interface BenchContext {
  /** Where sockets, the load generator and modules made for the occasion lie. */
  readonly folder: string;
  readonly loadgen: string;
  /** Absolute path of the module. */
  readonly module: string;
  readonly poolSize: number;
  /** The agent to compare with. */
  readonly peer?: AgentKind;
  /** Releases of the proxy that the agents are measured behind. */
  readonly proxies: readonly ProxyRelease[];
  readonly rounds: number;
  readonly limits: RoundLimits;
  readonly quick: boolean;
  /** Says what is being done. */
  readonly say: (what: string) => void;
}

/** Prepares a run in `folder`. */
export async function createContext(options: BenchOptions, folder: string): Promise<BenchContext> {
  return {
    folder,
    loadgen: await compileLoadgen(folder),
    module: options.module ?? join(ROOT, EXAMPLE_MODULE),
    poolSize: options.poolSize,
    peer: options.peer === undefined ? undefined : peerKind(options.peer),
    proxies: options.proxies,
    rounds: options.rounds,
    limits: options.quick
      ? { requests: 5_000, seconds: 0.5, warmUp: 500 }
      : { requests: 200_000, seconds: options.seconds, warmUp: 2_000 },
    quick: options.quick,
    say: (what) => console.error(`... ${what}`),
  };
}

/** At 50 requests a second a shorter round has no p99 worth the name. */
const LEAST_SECONDS = 6;

/** How long a round of a load with a given rate is. */
export function limitsOf({ rate = 0 }: Load, { limits, quick }: BenchContext): RoundLimits {
  const seconds = quick ? limits.seconds : Math.max(limits.seconds, LEAST_SECONDS);
  return { requests: Math.ceil(rate * seconds), seconds: 2 * seconds, warmUp: Math.ceil(rate * seconds / 10) };
}
