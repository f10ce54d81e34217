/**
 * The command line of the benchmarks.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { resolve } from "@std/path";
import { isRelease, type ProxyRelease, RELEASES } from "../proxy/releases.ts";

/** Parts that can be asked for by name. */
export const PARTS = [
  "micro",
  "noise",
  "floor",
  "loads",
  "slow",
  "sizes",
  "paced",
  "idle",
  "startup",
  "memory",
  "lanes",
  "metrics",
  "chain",
  "proxy",
  "scaling",
] as const;

/** A part of the benchmarks. */
export type Part = typeof PARTS[number];

/** What was asked for. */
export interface BenchOptions {
  readonly parts: readonly Part[];
  /** Program to compare with, or `self`. */
  readonly peer?: string;
  readonly rounds: number;
  /** Longest round. */
  readonly seconds: number;
  readonly poolSize: number;
  readonly module?: string;
  /** Releases of the proxy. */
  readonly proxies: readonly ProxyRelease[];
  readonly quick: boolean;
  readonly markdown: boolean;
  readonly readme: boolean;
  readonly json?: string;
  readonly help: boolean;
}

/** One for each protocol. */
const DEFAULT_PROXIES: readonly ProxyRelease[] = ["sentinel-0.4.14", "zentinel-0.6.54"];

/** Text for `--help`. */
export const HELP = `deno task bench [PART...] [options]

Parts: micro, noise, floor, loads, slow, sizes, paced, idle, startup, memory, lanes, metrics, chain, proxy, scaling,
or all.
Without any: all but noise, floor, lanes, metrics, chain, proxy and scaling; with --peer: loads and slow.
The part proxy needs wrk, nginx and the proxies (tools/install_proxy.sh RELEASE).

  --peer PATH|self   take turns with another agent and show ratios
  --rounds N         rounds of each load and agent (default 5; with --peer at least 5)
  --seconds S        longest round (default 3)
  --pool-size N      of both agents (default 4)
  --module FILE      default examples/rust-security/rust_security.wasm
  --proxy RELEASE    the part "proxy" behind this one alone: ${Object.keys(RELEASES).join(", ")}
                     (default: ${DEFAULT_PROXIES.join(" and ")})
  --quick            short rounds, to see that all works
  --scaling          the part "scaling" too
  --markdown         tables as Markdown
  --readme           the same, in the place of those in tests/bench/README.md
  --json FILE        write everything measured`;

const STRINGS = ["peer", "rounds", "seconds", "pool-size", "module", "proxy", "json"] as const;
const SWITCHES = ["quick", "scaling", "markdown", "readme", "help"] as const;
const DEFAULT_ROUNDS = 5;
const DEFAULT_PARTS: readonly Part[] = PARTS.filter((part) =>
  !["noise", "floor", "lanes", "metrics", "chain", "proxy", "scaling"].includes(part)
);
const PEER_PARTS: readonly Part[] = ["loads", "slow"];

/** Reads the command line. @throws {Error} naming the word that does not fit. */
export function parseOptions(words: readonly string[]): BenchOptions {
  const switches = new Set(words.filter((word) => SWITCHES.some((name) => word === `--${name}`)));
  const parts: Part[] = [];
  const parsed = parseArgs(words.filter((word) => !switches.has(word)), {
    string: STRINGS,
    collect: [],
    alias: {},
    unknown(word, key) {
      const part = PARTS.find((name) => name === word);
      if (word === "all") {
        parts.push(...PARTS);
        return false;
      }
      if (key !== undefined || part === undefined) throw new Error(`"${word}" is no option and no part\n\n${HELP}`);
      parts.push(part);
      return false;
    },
  });
  const text = (name: typeof STRINGS[number]) => {
    const value = parsed[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const peer = text("peer");
  const module = text("module");
  const quick = switches.has("--quick");
  if (switches.has("--scaling") && !parts.includes("scaling")) parts.push("scaling");
  return {
    parts: parts.length > 0 ? parts : peer === undefined ? DEFAULT_PARTS : PEER_PARTS,
    peer: peer === undefined || peer === "self" ? peer : resolve(peer),
    rounds: Number(text("rounds") ?? (quick ? 2 : DEFAULT_ROUNDS)),
    seconds: Number(text("seconds") ?? 3),
    poolSize: Number(text("pool-size") ?? 4),
    module: module === undefined ? undefined : resolve(module),
    proxies: proxiesOf(text("proxy")),
    quick,
    markdown: switches.has("--markdown") || switches.has("--readme"),
    readme: switches.has("--readme"),
    json: text("json"),
    help: switches.has("--help"),
  };
}

function proxiesOf(name: string | undefined): readonly ProxyRelease[] {
  if (name === undefined) return DEFAULT_PROXIES;
  if (!isRelease(name)) throw new Error(`"${name}" is none of the proxies ${Object.keys(RELEASES).join(", ")}`);
  return [name];
}
