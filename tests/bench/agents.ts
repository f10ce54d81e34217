/**
 * The agents that are measured, each a process of its own: ours as `deno task start` runs it, or another program with the same
 * command line.
 *
 * @module
 */

import { fromFileUrl, join } from "@std/path";
import { AgentLog } from "./agent_log.ts";
import { ROOT, startEnv, startFlags } from "../e2e/agent_process.ts";
import type { AgentConfig } from "../../src/config/mod.ts";
import { askOnce } from "./ask.ts";

/** What to start an agent with. */
export interface AgentSetup {
  /** Path of the module. */
  readonly module: string;
  readonly poolSize: number;
  /** Event loops, for ours alone. */
  readonly lanes?: number;
  /** True to count and serve metrics, for ours alone. */
  readonly metrics?: boolean;
  /** A configuration file in the place of the module, for ours alone. */
  readonly config?: { readonly path: string; readonly says: AgentConfig };
  /** Deadline of an event, for ours alone; the other kind of agent has none. */
  readonly timeoutMs?: number;
  /** Threads that wait for the first long call, for ours alone. */
  readonly reserveThreads?: number;
}

/** Starts agents of one kind. */
export interface AgentKind {
  readonly name: string;
  command(socket: string, setup: AgentSetup): {
    readonly program: string;
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  };
}

/** This project's agent, from source. */
export const OURS: AgentKind = {
  name: "ours",
  command: (socket, { module, poolSize, lanes, config, metrics = false, timeoutMs, reserveThreads }) => ({
    program: Deno.execPath(),
    env: startEnv(),
    args: [
      ...startFlags(
        ...[socket, module, "{}", metrics ? `unix:${socket}.admin` : "off", []] as const,
        config && { ...config.says, socket: { ...config.says.socket, path: socket } },
      ),
      ...["--socket", socket, "--pool-size", String(poolSize)],
      ...(config === undefined ? ["--module", module] : ["--config", config.path]),
      ...(timeoutMs === undefined ? [] : ["--timeout-ms", String(timeoutMs)]),
      ...(reserveThreads === undefined ? [] : ["--reserve-threads", String(reserveThreads)]),
      ...(metrics ? ["--admin", `unix:${socket}.admin`] : []),
      ...(lanes === undefined ? [] : ["--lanes", String(lanes)]),
    ],
  }),
};

/** No agent at all: what is left when nothing is decided. */
export const FLOOR: AgentKind = {
  name: "floor",
  command: (socket) => ({
    program: Deno.execPath(),
    args: ["run", "--allow-all", "--frozen", fromFileUrl(new URL("./floor.ts", import.meta.url)), "--socket", socket],
  }),
};

/** The agent to compare with: a program's path, or `self` for ours once more. */
export function peerKind(peer: string): AgentKind {
  if (peer === "self") return { ...OURS, name: "self" };
  return {
    name: "peer",
    command: (socket, { module, poolSize }) => ({
      program: peer,
      args: ["--socket", socket, "--module", module, "--pool-size", String(poolSize)],
    }),
  };
}

const START_MS = 20_000;
let started = 0;

/** A running agent. */
export class RunningAgent implements AsyncDisposable {
  readonly socket: string;
  /** From the start of the program to its first answer, in milliseconds. */
  readonly startMs: number;
  readonly log: AgentLog;
  readonly #child: Deno.ChildProcess;

  private constructor(socket: string, child: Deno.ChildProcess, startMs: number) {
    this.socket = socket;
    this.log = new AgentLog(child.stderr);
    this.#child = child;
    this.startMs = startMs;
  }

  /** Starts an agent with its socket in `folder` and waits for its first answer. */
  static async start(kind: AgentKind, setup: AgentSetup, folder: string): Promise<RunningAgent> {
    const socket = join(folder, `${kind.name}-${++started}.sock`);
    const { program, args, env } = kind.command(socket, setup);
    const begun = performance.now();
    const child = new Deno.Command(program, {
      args: [...args],
      cwd: ROOT,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      env: { ...env, RUST_LOG: "error" },
    }).spawn();
    try {
      await askOnce(socket, { untilMs: START_MS, gaveUp: child.status });
    } catch (cause) {
      await end(child);
      const said = await new Response(child.stderr).text();
      throw new Error(`no answer from ${program} ${args.join(" ")}\n${said}`, { cause });
    }
    return new RunningAgent(socket, child, performance.now() - begun);
  }

  get pid(): number {
    return this.#child.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#child);
  }
}

async function end(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGTERM");
  } catch {
    // It has ended by itself.
  }
  const stuck = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await child.status;
  clearTimeout(stuck);
}
