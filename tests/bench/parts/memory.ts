/**
 * Memory after many requests: of ours, of a server on Deno that does not look at them, of the peer.
 *
 * @module
 */

import { type AgentKind, type AgentSetup, FLOOR, OURS, RunningAgent } from "../agents.ts";
import type { BenchContext } from "../context.ts";
import { runLoad } from "../loadgen.ts";
import { V1_LOADS } from "../loads.ts";
import type { PartResult } from "../report.ts";
import { memoryOf } from "../process.ts";
import { formatNumber } from "../table.ts";

const MARKS = [1_000, 100_000, 1_000_000];
const QUICK_MARKS = [1_000, 5_000];
const PATIENCE_S = 600;

/** An agent, and what it is started with. */
interface Candidate {
  readonly name: string;
  readonly kind: AgentKind;
  readonly setup: Omit<AgentSetup, "module">;
}

function candidates(peer: AgentKind | undefined): readonly Candidate[] {
  const pools = (kind: AgentKind): readonly Candidate[] =>
    [1, 4].map((poolSize) => ({ name: `${kind.name}, a pool of ${poolSize}`, kind, setup: { poolSize } }));
  const bare = { name: "ours, no thread in reserve", kind: OURS, setup: { poolSize: 4, reserveThreads: 0 } };
  const floor = { name: FLOOR.name, kind: FLOOR, setup: { poolSize: 1 } };
  return [...pools(OURS), bare, floor, ...peer === undefined ? [] : pools(peer)];
}

/** Memory of each agent at its start and after each mark. */
export async function benchMemory(context: BenchContext): Promise<PartResult> {
  const marks = context.quick ? QUICK_MARKS : MARKS;
  const [, load] = V1_LOADS;
  const found = [];
  for (const { name, kind, setup } of candidates(context.peer)) {
    context.say(`memory, ${name}`);
    await using agent = await RunningAgent.start(kind, { ...setup, module: context.module }, context.folder);
    found.push({ agent: name, requests: 0, memory: memoryOf(agent.pid) });
    let sent = 0;
    for (const mark of marks) {
      const limits = { requests: mark - sent, seconds: PATIENCE_S, warmUp: 0 };
      sent += (await runLoad(context.loadgen, agent.socket, load, limits)).finished;
      found.push({ agent: name, requests: mark, memory: memoryOf(agent.pid) });
    }
  }
  return {
    part: "memory",
    data: { found },
    tables: [{
      title: `Memory in MiB, ${load.name}`,
      head: ["agent", "requests", "resident", "its own", "of files", "peak"],
      rows: found.map(({ agent, requests, memory: { resident, own, file, peak } }) => [
        agent,
        requests === 0 ? "at start" : formatNumber(requests),
        ...[resident, own, file, peak].map((mib) => mib.toFixed(0)),
      ]),
      note:
        "Of files: pages of the program, which all processes share that run it, and which the system takes back when it is short.",
    }],
  };
}
