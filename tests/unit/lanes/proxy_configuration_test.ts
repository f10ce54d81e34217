import { assertEquals } from "@std/assert";
import type { ConfigurationSource } from "../../../src/config/mod.ts";
import { GuestError } from "../../../src/errors.ts";
import { type Edition, editionOf, ProxyConfiguration } from "../../../src/lanes/mod.ts";
import { createLog } from "../../../src/ops/mod.ts";
import { agentConfig } from "../config/configs.ts";
import { guestText, prepare } from "../guest/guests.ts";

const READS = '(import "sentinel" "config" (func $config (param i32 i32) (result i32)))';
const READER = await prepare(`${READS} (func $misbehave (result i64) (call $clean))`);
const OTHER = await prepare(guestText("traps"));

/** Editions that take what does not begin with "no", and what was logged. */
function play(module = READER, configuration: ConfigurationSource = { json: "{}" }) {
  const [first] = agentConfig().modules;
  const lines: string[] = [];
  const taken: string[] = [];
  const editions = {
    current: editionOf(agentConfig({ modules: [{ ...first, configuration }] }), [module]),
    async change(make: (current: Edition) => Edition | Promise<Edition>): Promise<Edition> {
      const next = await make(this.current);
      if (next === this.current) return next;
      const told = next.modules[0].configuration;
      if (told.startsWith('"no')) throw new GuestError("GUEST_CONFIG_REFUSED", `Cannot configure: received ${told}`);
      taken.push(told);
      return this.current = next;
    },
  };
  const log = createLog((level, message) => lines.push(`${level} ${message}`), true, () => Promise.resolve());
  return { proxied: new ProxyConfiguration(editions, log), lines, taken };
}

Deno.test("ProxyConfiguration.take() has modules run with what a proxy sends, once for all its connections", async () => {
  const { proxied, lines, taken } = play();
  for (let connection = 0; connection < 4; connection++) assertEquals(await proxied.take({ a: 1 }), undefined);
  assertEquals(await proxied.take([true]), undefined);
  assertEquals(taken, ['{"a":1}', "[true]"]);
  assertEquals(lines, ["info configuration of proxy taken", "info configuration of proxy taken"]);
});

Deno.test("ProxyConfiguration.take() changes nothing for a proxy that holds none", async () => {
  const { proxied, lines, taken } = play();
  for (const none of [null, undefined]) assertEquals(await proxied.take(none), undefined);
  assertEquals([lines, taken], [[], []]);
});

Deno.test("ProxyConfiguration.take() gives the reason of a refusal, and tries anew what was refused", async () => {
  const { proxied, lines, taken } = play();
  await proxied.take("yes");
  for (let time = 0; time < 2; time++) assertEquals(await proxied.take("no!"), 'Cannot configure: received "no!"');
  assertEquals(await proxied.take("yes"), undefined);
  assertEquals(taken, ['"yes"']);
  assertEquals(lines.slice(1), Array(2).fill("warning configuration of proxy refused: the one before stays"));
});

Deno.test("ProxyConfiguration.take() tries once what several connections send at once, and answers them all", async () => {
  const { proxied, lines, taken } = play();
  const answers = await Promise.all(["no!", "no!", "yes", "no!", "yes"].map((config) => proxied.take(config)));
  const no = 'Cannot configure: received "no!"';
  assertEquals(answers, [no, no, undefined, no, undefined]);
  assertEquals([taken, lines.length], [['"yes"'], 2]);
});

Deno.test("ProxyConfiguration.take() tries eight at once, and refuses one more", async () => {
  const { proxied, taken } = play();
  const answers = await Promise.all(Array.from({ length: 9 }, (_, config) => proxied.take(config)));
  assertEquals(answers.map((answer) => answer === undefined), [...Array(8).fill(true), false]);
  assertEquals(answers[8], "Cannot take configuration as at most 8 at once must come: received one more");
  assertEquals([taken.length, await proxied.take(8)], [8, undefined]);
});

Deno.test("ProxyConfiguration.take() refuses more than a module may be told", async () => {
  const { proxied, taken } = play();
  assertEquals(await proxied.take("x".repeat(1024 * 1024 - 2)), undefined);
  assertEquals(
    await proxied.take("x".repeat(1024 * 1024 - 1)),
    "Cannot take configuration as it must have at most 1048576 bytes: received 1048577",
  );
  assertEquals(taken.length, 1);
});

Deno.test.each([
  { name: "the operator tells the module", module: READER, json: '{"k":1}', why: "the operator's is" },
  { name: "no module reads one", module: OTHER, json: "{}", why: "no module reads one" },
])("ProxyConfiguration.take() delivers nothing where $name, and says so once", async ({ module, json, why }) => {
  const { proxied, lines, taken } = play(module, { json });
  for (const config of ["no!", "yes", "yes"]) assertEquals(await proxied.take(config), undefined);
  assertEquals([taken, lines], [[], [`warning configuration of proxy not used: ${why}`]]);
});
