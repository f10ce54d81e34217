/**
 * End to end over a real socket: the usual loads, ours alone or taking turns with another agent.
 *
 * @module
 */

import { OURS, peerKind, RunningAgent } from "../agents.ts";
import type { BenchContext } from "../context.ts";
import { V1_LOADS, V2_LOAD } from "../loads.ts";
import type { PartResult } from "../report.ts";
import { type Compared, figuresTable, type Measured, ratioTable } from "../results.ts";
import { alternate, type Contender, type Round } from "../rounds.ts";

interface LoadResults {
  readonly measured: readonly Measured[];
  /** Ours with the peer's, where there is one. */
  readonly compared: readonly Compared[];
  /** v2 with v1. */
  readonly versions: Compared;
}

/** Runs every load; v2, which the peer may not speak, is compared with our own v1. */
export async function benchLoads(context: BenchContext): Promise<PartResult> {
  const results = await runLoads(context);
  const { measured, compared, versions } = results;
  return {
    part: "loads",
    data: results,
    tables: [
      ...(compared.length > 0 ? [ratioTable("Ours against the peer", compared)] : []),
      ratioTable("Ours: v2 against v1, 32 requests in flight", [versions]),
      figuresTable("End to end", measured),
    ],
  };
}

/** The same program against itself: what no difference looks like. */
export async function benchNoise(context: BenchContext): Promise<PartResult> {
  const { compared } = await runLoads({ ...context, peer: peerKind("self") });
  return { part: "noise", data: compared, tables: [ratioTable("Noise: ours against ours", compared)] };
}

async function runLoads(context: BenchContext): Promise<LoadResults> {
  const setup = { module: context.module, poolSize: context.poolSize };
  await using ours = await RunningAgent.start(OURS, setup, context.folder);
  await using peer = context.peer && await RunningAgent.start(context.peer, setup, context.folder);
  const measured: Measured[] = [];
  const compared: Compared[] = [];
  let ownV1: readonly Round[] = [];
  let ownV2: readonly Round[] = [];
  for (const load of V1_LOADS) {
    context.say(load.name);
    const last = load === V1_LOADS.at(-1);
    const contenders: Contender[] = [
      { agent: ours, load },
      ...(peer === undefined ? [] : [{ agent: peer, load }]),
      ...(last ? [{ agent: ours, load: V2_LOAD }] : []),
    ];
    const rounds = [...await alternate(context.loadgen, contenders, context.rounds, context.limits)];
    if (last) {
      ownV2 = rounds.pop() ?? [];
      ownV1 = rounds[0] ?? [];
    }
    const [own = [], other] = rounds;
    measured.push({ load: load.name, agent: OURS.name, rounds: own });
    if (other === undefined || context.peer === undefined) continue;
    measured.push({ load: load.name, agent: context.peer.name, rounds: other });
    compared.push({ load: load.name, ours: own, peer: other });
  }
  measured.push({ load: V2_LOAD.name, agent: OURS.name, rounds: ownV2 });
  const versions: Compared = { load: `${V2_LOAD.name} / ${V1_LOADS.at(-1)?.name}`, ours: ownV2, peer: ownV1 };
  return { measured, compared, versions };
}
