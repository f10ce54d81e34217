import { assert, assertEquals } from "@std/assert";
import type { AgentConfig } from "../../../src/config/mod.ts";
import { ModuleError } from "../../../src/errors.ts";
import { type Edition, editionOf, Editions, Reloader } from "../../../src/lanes/mod.ts";
import { createLog, type ReloadOutcome } from "../../../src/ops/mod.ts";
import { sleep } from "../../../src/sleep.ts";
import { MODULE } from "../agent/policies.ts";
import { agentConfig } from "../config/configs.ts";

function edition(sha256: string, changes: Partial<AgentConfig> = {}): Edition {
  return editionOf(agentConfig(changes), [{ ...MODULE, sha256 }]);
}

/** A lane that notes what it is asked to do. */
class PlayedStage {
  readonly did: string[] = [];
  readonly #fails: (edition: Edition) => boolean;

  constructor(fails: (edition: Edition) => boolean = () => false) {
    this.#fails = fails;
  }

  stage(edition: Edition) {
    const [{ sha256 }] = edition.modules;
    this.did.push(`stage ${sha256}`);
    if (this.#fails(edition)) {
      return Promise.reject(new ModuleError("MODULE_DOES_NOT_START", "Cannot start module"));
    }
    return Promise.resolve({
      take: () => void this.did.push(`take ${sha256}`),
      drop: () => Promise.resolve(void this.did.push(`drop ${sha256}`)),
    });
  }
}

function setUp(load: () => Promise<Edition>, stages = [new PlayedStage(), new PlayedStage()]) {
  const lines: unknown[] = [];
  const outcomes: ReloadOutcome[] = [];
  const log = createLog((level, message) => lines.push([level, message]), true, () => Promise.resolve());
  const observer = { reloaded: (outcome: ReloadOutcome) => outcomes.push(outcome) };
  const editions = new Editions(edition("first"), stages);
  return { reloader: new Reloader({ editions, load, observer, log }), stages, lines, outcomes };
}

Deno.test("Reloader.reload() has what was read take over in all lanes, once it has started in all", async () => {
  const { reloader, stages, lines, outcomes } = setUp(() => Promise.resolve(edition("second")));
  const outcome = await reloader.reload("signal");
  assertEquals(stages.map(({ did }) => did), [["stage second", "take second"], ["stage second", "take second"]]);
  assertEquals(outcome.error, undefined);
  assertEquals(outcome.modules.map(({ sha256 }) => sha256), ["second"]);
  assertEquals([outcome.cause, outcomes, reloader.last], ["signal", [outcome], outcome]);
  assertEquals(reloader.edition.modules[0].sha256, "second");
  assertEquals(lines, [["info", "reloaded"]]);
});

Deno.test("Reloader.reload() changes nothing where one lane cannot start it", async () => {
  const second = new PlayedStage(() => true);
  const first = new PlayedStage();
  const { reloader, lines } = setUp(() => Promise.resolve(edition("second")), [first, second]);
  const { error, modules } = await reloader.reload("admin");
  assertEquals([first.did, second.did], [["stage second", "drop second"], ["stage second"]]);
  assertEquals([error?.code, modules.map(({ sha256 }) => sha256)], ["MODULE_DOES_NOT_START", ["first"]]);
  assertEquals(lines, [["error", "not reloaded: serving as before"]]);
});

Deno.test("Reloader.reload() asks no lane where nothing can be read, and goes on with the next", async () => {
  const loads = [
    () => Promise.reject(new ModuleError("MODULE_NOT_WASM", "Cannot use module")),
    () => Promise.resolve(edition("third")),
  ];
  const { reloader, stages } = setUp(() => loads.shift()!());
  assertEquals((await reloader.reload("files")).error, { code: "MODULE_NOT_WASM", cause: "Cannot use module" });
  assertEquals(stages[0]!.did, []);
  assertEquals((await reloader.reload("files")).error, undefined);
});

Deno.test("Reloader.reload() runs one at a time, and answers all who ask meanwhile by one that begins later", async () => {
  const loading: PromiseWithResolvers<Edition>[] = [];
  const { reloader } = setUp(() => {
    const load = Promise.withResolvers<Edition>();
    loading.push(load);
    return load.promise;
  });
  const first = reloader.reload("signal");
  while (loading.length < 1) await sleep(0);
  const others = [reloader.reload("admin"), reloader.reload("files")];
  assertEquals(loading.length, 1);
  loading[0]!.resolve(edition("a"));
  const { modules } = await first;
  while (loading.length < 2) await sleep(0);
  loading[1]!.resolve(edition("b"));
  const outcomes = await Promise.all(others);
  assertEquals([modules, ...outcomes.map(({ modules }) => modules)].map(([module]) => module?.sha256), ["a", "b", "b"]);
  assertEquals([outcomes[0] === outcomes[1], loading.length], [true, 2]);
});

Deno.test("Reloader.reload() leaves what holds for the life of the process as it was, and names it each time", async () => {
  const changed = { lanes: 7, timeoutMs: 99, log: { format: "text", verbose: false } } as const;
  const { reloader, lines } = setUp(() => Promise.resolve(edition("second", changed)));
  for (let round = 0; round < 2; round++) {
    assertEquals((await reloader.reload("signal")).needRestart, ["lanes", "log-format", "verbose"]);
  }
  const { config } = reloader.edition;
  assertEquals([config.lanes, config.timeoutMs, config.log], [agentConfig().lanes, 99, agentConfig().log]);
  assert(lines.some((line) => String(line).includes("restart")));
});

Deno.test("Reloader.close() waits for a reload, which takes over nothing any more, and refuses later ones", async () => {
  const load = Promise.withResolvers<Edition>();
  const { reloader, stages } = setUp(() => load.promise);
  const reloading = reloader.reload("signal");
  const closed = reloader.close();
  load.resolve(edition("second"));
  assertEquals((await reloading).error?.code, "POOL_CLOSED");
  await closed;
  assertEquals(stages[0]!.did, []);
  assertEquals((await reloader.reload("signal")).error?.code, "POOL_CLOSED");
});
