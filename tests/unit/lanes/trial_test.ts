import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ModuleConfig } from "../../../src/config/mod.ts";
import { AgentError, ConfigError, ModuleError } from "../../../src/errors.ts";
import { Trial, wireEvent } from "../../../src/lanes/mod.ts";
import type { PrintedLine } from "../../../src/ops/mod.ts";
import { assembleGuest } from "../../guests/build.ts";
import { agentConfig } from "../config/configs.ts";
import { guestText, LIMITS, useProgramsThreads } from "../guest/guests.ts";

useProgramsThreads();

/** Asks a guest of `tests/guests/`, or of the text given, for several events. */
async function asked(text: string, uris: readonly string[], changes: Partial<ModuleConfig> = {}) {
  const path = await Deno.makeTempFile({ suffix: ".wasm" });
  const startLines: PrintedLine[] = [];
  try {
    await Deno.writeFile(path, await assembleGuest("guest", text));
    const [module] = agentConfig().modules;
    const config = agentConfig({
      modules: [{ ...module, path, poolSize: 1, reserveThreads: 0, limits: LIMITS, ...changes }],
    });
    await using trial = await Trial.start(config, { printed: (line) => startLines.push(line) });
    const answers = [];
    for (const uri of uris) answers.push(await trial.ask(wireEvent({ request: { uri } }, "here").event));
    return { answers, trial, startLines };
  } finally {
    await Deno.remove(path);
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof AgentError ? error.code : undefined;
}

Deno.test("Trial asks a module, and tells its decision and its memory", async () => {
  const { answers: [answer], trial } = await asked(guestText("does_as_told"), ["/"]);
  assertEquals(answer?.decision.verdict, { kind: "allow" });
  assertEquals(answer?.failure, undefined);
  assertEquals(trial.module.phases.includes("request_headers"), true);
  assert(answer !== undefined && answer.tookMs > 0);
  assertEquals(answer.memory?.beforeBytes, answer.memory?.afterBytes);
});

Deno.test("Trial keeps the instance from one event to the next, and tells how its memory grows", async () => {
  const { answers } = await asked(guestText("leaks_64_kib_a_call"), ["/!", "/!"]);
  const grown = answers.map(({ memory }) => memory && memory.afterBytes - memory.beforeBytes);
  assertEquals(grown, [65_536, 65_536]);
  assertEquals(answers[1]?.memory?.beforeBytes, answers[0]?.memory?.afterBytes);
});

Deno.test("Trial gives each event what was printed for it", async () => {
  const { answers } = await asked(guestText("prints_lines_and_traps"), ["/!", "/"]);
  assertEquals(answers.map(({ printed }) => printed.length), [10, 0]);
});

Deno.test.each(
  [
    { failMode: "closed", verdict: "block", tags: ["wasm-error"] },
    { failMode: "open", verdict: "allow", tags: ["wasm-error", "fail-open"] },
  ] as const,
)("Trial says why a decision is the fail mode's, and goes on with a new instance: $failMode", async (row) => {
  const { answers } = await asked(guestText("traps"), ["/!", "/"], { failMode: row.failMode });
  const [failed, next] = answers;
  assertEquals([failed?.decision.verdict.kind, failed?.decision.tags], [row.verdict, row.tags]);
  assertEquals([codeOf(failed?.failure), failed?.memory], ["GUEST_TRAPPED", undefined]);
  assertEquals([next?.decision.verdict.kind, next?.failure], ["allow", undefined]);
});

Deno.test("Trial ends a call at its deadline", async () => {
  const limits = { ...LIMITS, timeoutMs: 20 };
  const { answers: [answer] } = await asked(guestText("spins_forever"), ["/!"], { limits });
  assertEquals(codeOf(answer?.failure), "GUEST_DEADLINE");
});

Deno.test("Trial does not start what does not start when served", async () => {
  const error = await assertRejects(() => asked(guestText("initialize_traps"), []), ModuleError);
  assertEquals(error.code, "MODULE_DOES_NOT_START");
});

Deno.test("Trial.ask() takes what a proxy could not have sent for what it is", async () => {
  const path = await Deno.makeTempFile({ suffix: ".wasm" });
  try {
    await Deno.writeFile(path, await assembleGuest("guest", guestText("does_as_told")));
    const [module] = agentConfig().modules;
    const config = agentConfig({ modules: [{ ...module, path, poolSize: 1, reserveThreads: 0, limits: LIMITS }] });
    await using trial = await Trial.start(config);
    const ask = (payload: unknown) => trial.ask({ phase: "request_headers", payload });
    assertEquals((await assertRejects(() => ask({}), ConfigError, "one that a proxy sends")).code, "EVENT_UNREADABLE");
    const { failure, decision } = await ask({ metadata: { correlation_id: "1", client_ip: "::1" }, method: 1 });
    assertEquals([codeOf(failure), decision.tags], ["MESSAGE_BAD_FIELD", ["wasm-error", "unreadable"]]);
  } finally {
    await Deno.remove(path);
  }
});
