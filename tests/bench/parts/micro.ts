/**
 * What each step of the hot path costs.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { engineFlags } from "../../../tools/engine_flags.ts";
import { ROOT } from "../../e2e/agent_process.ts";
import type { BenchContext } from "../context.ts";
import type { StepTimes } from "../micro/measure.ts";
import type { PartResult } from "../report.ts";
import { spreadOf } from "../stats.ts";
import { formatNumber } from "../table.ts";

const ROUND_MS = 50;
const QUICK_ROUND_MS = 5;
const MIN_ROUNDS = 9;
const PROGRAM = fromFileUrl(new URL("../micro/main.ts", import.meta.url));

/** Measures in a process with the engine flags of the agent. */
export async function benchMicro(context: BenchContext): Promise<PartResult> {
  context.say("steps of the hot path");
  const rounds = Math.max(MIN_ROUNDS, context.rounds);
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--frozen", "--allow-all", engineFlags(), PROGRAM],
      ...[context.module, String(rounds), String(context.quick ? QUICK_ROUND_MS : ROUND_MS)],
    ],
    cwd: ROOT,
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`${PROGRAM} failed`);
  const times: readonly StepTimes[] = JSON.parse(new TextDecoder().decode(stdout));
  return {
    part: "micro",
    data: times,
    tables: [{
      title: "Steps of the hot path, nanoseconds a request",
      head: ["step", "median", "min", "max"],
      rows: times.map(({ name, ns }) => {
        const { min, median, max } = spreadOf(ns);
        return [name, ...[median, min, max].map(formatNumber)];
      }),
      note: `${rounds} rounds; the request that the load generator sends; no system calls in any of these.`,
    }],
  };
}
