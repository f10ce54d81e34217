import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { GuestError } from "../../../src/errors.ts";
import { type Edition, editionOf, Editions } from "../../../src/lanes/mod.ts";
import { withProxyConfiguration } from "../../../src/lanes/proxy_configuration.ts";
import { agentConfig } from "../config/configs.ts";
import { guestText, prepare } from "../guest/guests.ts";

const READS = '(import "sentinel" "config" (func $config (param i32 i32) (result i32)))';
const READER = await prepare(`${READS} (func $misbehave (result i64) (call $clean))`);
const OTHER = await prepare(guestText("traps"));
const [MODULE] = agentConfig().modules;

function edition(): Edition {
  return editionOf(agentConfig({ modules: [{ ...MODULE, configuration: { json: "{}" } }] }), [READER]);
}

/** Two places where editions start, and what becomes of them; the second fails where the edition's configuration is `"no"`. */
function play(first = edition()) {
  const told: string[] = [];
  const stage = (name: string, refuses: boolean) => ({
    stage: ({ modules: [{ configuration }] }: Edition) => {
      told.push(`${name} stage ${configuration}`);
      if (refuses && configuration === '"no"') {
        return Promise.reject(new GuestError("GUEST_CONFIG_REFUSED", "Cannot configure"));
      }
      return Promise.resolve({
        take: () => void told.push(`${name} take`),
        drop: () => Promise.resolve(void told.push(`${name} drop`)),
      });
    },
  });
  return { told, editions: new Editions(first, [stage("a", false), stage("b", true)]) };
}

Deno.test("Editions.change() has an edition start everywhere before it is taken anywhere", async () => {
  const { told, editions } = play();
  const next = edition();
  assertStrictEquals(await editions.change(() => next), next);
  assertEquals(told, ["a stage {}", "b stage {}", "a take", "b take"]);
  assertStrictEquals(editions.current, next);
});

Deno.test("Editions.change() drops everywhere what does not start somewhere, and goes on with what served", async () => {
  const first = edition();
  const { told, editions } = play(first);
  await assertRejects(() => editions.change((current) => withProxyConfiguration(current, '"no"')), GuestError);
  assertEquals(told, ['a stage "no"', 'b stage "no"', "a drop"]);
  assertStrictEquals(editions.current, first);
  const next = await editions.change((current) => withProxyConfiguration(current, '"yes"'));
  assertStrictEquals(editions.current, next);
});

Deno.test("Editions.change() starts nothing for the same edition", async () => {
  const { told, editions } = play();
  await editions.change((current) => current);
  assertEquals(told, []);
});

Deno.test("Editions.change() makes one change after the other", async () => {
  const { told, editions } = play();
  const seen: (string | undefined)[] = [];
  const changes = ["1", "2"].map((json) =>
    editions.change((current) => {
      seen.push(current.proxyConfiguration);
      return withProxyConfiguration(current, json);
    })
  );
  await Promise.all(changes);
  assertEquals(seen, [undefined, "1"]);
  assertEquals(told, ["1", "2"].flatMap((json) => [`a stage ${json}`, `b stage ${json}`, "a take", "b take"]));
});

Deno.test("Editions.change() hands on what the proxy has told to the edition that comes after", async () => {
  const { editions } = play();
  await editions.change((current) => withProxyConfiguration(current, '"told"'));
  const { modules, proxyConfiguration } = await editions.change(() => edition());
  assertEquals([modules[0].configuration, proxyConfiguration], ['"told"', '"told"']);
});

Deno.test("withProxyConfiguration() tells modules that read one and that the operator tells nothing", () => {
  const rows = [
    { module: READER, configuration: { json: "{}" }, told: "[1]" },
    { module: READER, configuration: { json: '{"of":"operator"}' }, told: "{}" },
    { module: READER, configuration: { path: "config.json" }, told: "{}" },
    { module: OTHER, configuration: { json: "{}" }, told: "{}" },
  ];
  for (const { module, configuration, told } of rows) {
    const before = editionOf(agentConfig({ modules: [{ ...MODULE, configuration }] }), [module]);
    const after = withProxyConfiguration(before, "[1]");
    assertEquals([after.modules[0].configuration, before.modules[0].configuration], [told, "{}"]);
    assertStrictEquals(withProxyConfiguration(after, "[1]"), after);
  }
});

Deno.test("withProxyConfiguration() tells each module of a chain apart", () => {
  const operators = { ...MODULE, configuration: { json: '{"of":"operator"}' } };
  const nobodys = { ...MODULE, configuration: { json: "{}" } };
  const told = { ...READER, configuration: '{"of":"operator"}' };
  const chain = editionOf(agentConfig({ modules: [operators, nobodys, nobodys] }), [told, READER, OTHER]);
  const { modules } = withProxyConfiguration(chain, "[1]");
  assertEquals(modules.map(({ configuration }) => configuration), ['{"of":"operator"}', "[1]", "{}"]);
});
