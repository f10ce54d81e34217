/**
 * What large heads cost.
 *
 * @module
 */

import { OURS, RunningAgent } from "../agents.ts";
import type { BenchContext } from "../context.ts";
import { SIZE_LOADS } from "../loads.ts";
import type { PartResult } from "../report.ts";
import { type Compared, figuresTable, formatSpread, type Measured, METRICS, ratios, ratioTable } from "../results.ts";
import { alternate } from "../rounds.ts";

/** Runs every size in turn, so that each is compared with the smallest under the same conditions. */
export async function benchSizes(context: BenchContext): Promise<PartResult> {
  context.say("sizes of heads");
  const setup = { module: context.module, poolSize: context.poolSize };
  await using ours = await RunningAgent.start(OURS, setup, context.folder);
  await using peer = context.peer && await RunningAgent.start(context.peer, setup, context.folder);
  const limits = { ...context.limits, seconds: context.limits.seconds / 2, warmUp: context.limits.warmUp / 2 };
  const own = SIZE_LOADS.map((load) => ({ agent: ours, load }));
  const others = peer === undefined ? [] : SIZE_LOADS.map((load) => ({ agent: peer, load }));
  const contenders = own.flatMap((contender, index) => [contender, ...others.slice(index, index + 1)]);
  const rounds = await alternate(context.loadgen, contenders, context.rounds, limits);
  const measured: Measured[] = contenders.map(({ agent, load }, index) => ({
    load: `${load.name} (frame ${rounds[index]?.[0]?.requestBytes} B)`,
    agent: agent === ours ? OURS.name : context.peer?.name ?? "",
    rounds: rounds[index] ?? [],
  }));
  const mine = measured.filter(({ agent }) => agent === OURS.name);
  const theirs = measured.filter(({ agent }) => agent !== OURS.name);
  const growth: Compared[] = mine.map(({ load, rounds }) => ({ load, ours: rounds, peer: mine[0]?.rounds ?? [] }));
  const compared: Compared[] = mine.flatMap(({ load, rounds }, index) => {
    const other = theirs[index];
    return other === undefined ? [] : [{ load, ours: rounds, peer: other.rounds }];
  });
  return {
    part: "sizes",
    data: { measured, growth, compared },
    tables: [
      {
        title: "Large heads: ours, against our own figures for the smallest",
        head: ["head", ...METRICS.map(({ name }) => name)],
        rows: growth.map((pair) => [pair.load, ...METRICS.map(({ of }) => formatSpread(ratios(pair, of)))]),
      },
      ...(compared.length > 0 ? [ratioTable("Large heads: ours against the peer", compared)] : []),
      figuresTable("Large heads", measured),
    ],
  };
}
