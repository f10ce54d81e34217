import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import house from "../../../tools/lint.ts";

const ROOT = fromFileUrl(new URL("../../../", import.meta.url));

/** What the project's rules find in a file of a checkout. */
function found(plugin: Deno.lint.Plugin, path: string, source: string): readonly string[] {
  return Deno.lint.runPlugin(plugin, path, source).map(({ id }) => id);
}

const CASES = [
  {
    name: "an import against the stream",
    file: "src/protocol/frame.ts",
    source: 'import { Agent } from "../agent/mod.ts"; Agent;',
    rules: ["house/layering"],
  },
  {
    name: "an import past the public list",
    file: "src/agent/module_policy.ts",
    source: 'import { Pool } from "../pool/pool.ts"; Pool;',
    rules: ["house/public-list"],
  },
  {
    name: "no fault in a public list that is loaded apart",
    file: "src/lanes/lane.ts",
    source: 'import { Admin } from "../ops/admin/mod.ts"; Admin;',
    rules: [],
  },
  {
    name: "an end of the process",
    file: "src/server/server.ts",
    source: "Deno.exit(1);",
    rules: ["house/exit-in-main"],
  },
  {
    name: "a value that is loaded later from where only types may come",
    file: "src/agent/module_policy.ts",
    source: 'const { createLog } = await import("../ops/mod.ts"); createLog;',
    rules: ["house/layering"],
  },
  {
    name: "an error that does not say what came",
    file: "src/guest/guest.ts",
    source: 'throw new GuestError("GUEST_TRAPPED", "Cannot call guest as it must not" + " trap");',
    rules: ["house/error-wording"],
  },
  {
    name: "no fault in an error whose pieces come from elsewhere",
    file: "src/guest/guest.ts",
    source: 'throw new GuestError("GUEST_TRAPPED", `Cannot ${what} as it must end` + `: received ${what}`);',
    rules: [],
  },
  {
    name: "an error without its wording",
    file: "src/guest/guest.ts",
    source: 'throw new GuestError("GUEST_TRAPPED", "it trapped");',
    rules: ["house/error-wording"],
  },
  {
    name: "a value from where only types may come",
    file: "src/agent/module_policy.ts",
    source: 'import { createLog, type Log } from "../ops/mod.ts"; createLog; export { openLog } from "../ops/mod.ts";',
    rules: ["house/layering", "house/layering"],
  },
  {
    name: "no fault in types from where only types may come",
    file: "src/agent/module_policy.ts",
    source: 'import type { Log } from "../ops/mod.ts"; import { type Log as L } from "../ops/mod.ts";' +
      ' export type { Log } from "../ops/mod.ts";',
    rules: [],
  },
  {
    name: "no fault in an import along the stream",
    file: "src/agent/module_policy.ts",
    source: 'import { Pool } from "../pool/mod.ts"; Pool;',
    rules: [],
  },
  {
    name: "no fault in an end of the process outside of src",
    file: "tools/compile.ts",
    source: "Deno.exit(1);",
    rules: [],
  },
] as const;

for (const { name, file, source, rules } of CASES) {
  Deno.test(`the lint rules find ${name}`, () => {
    assertEquals(found(house, join(ROOT, file), source), rules);
  });
}

Deno.test("the lint rules find the same in a checkout below a folder called src", async () => {
  const temporary = await Deno.makeTempDir();
  try {
    const checkout = join(temporary, "src/agent");
    await Deno.mkdir(join(checkout, "tools"), { recursive: true });
    const copy = join(checkout, "tools/lint.ts");
    await Deno.copyFile(join(ROOT, "tools/lint.ts"), copy);
    const { default: plugin } = await import(`file://${copy}`);
    for (const { file, source, rules } of CASES) assertEquals(found(plugin, join(checkout, file), source), rules);
    const outside = join(checkout, "tests/unit/tools/any_test.ts");
    assertEquals(found(plugin, outside, 'import "../../../src/pool/pool.ts"; Deno.exit(1);'), []);
    assert(found(house, join(checkout, CASES[0].file), CASES[0].source).length === 0, "the other checkout's files");
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
});
