import { assert, assertEquals } from "@std/assert";
import { differences, readCases } from "./cases.ts";
import { BuildFolder, buildsTheSame, type Example, EXAMPLES, lacksToolchain } from "./examples.ts";
import { exampleUrl, GuestHost } from "./guest_host.ts";
import { tryHelper } from "./helper.ts";

for (const example of EXAMPLES) {
  const lacking = lacksToolchain(example.name);
  const name = `examples/${example.name}, built anew, is what it was${lacking === undefined ? "" : ` (${lacking})`}`;
  Deno.test({ name, ignore: lacking !== undefined, fn: (t) => buildAnew(example, t) });
}

async function buildAnew(example: Example, t: Deno.TestContext): Promise<void> {
  using folder = new BuildFolder(example);
  const bytes = folder.build();
  await t.step("decides as its cases say", () => assertCases(example.name, new WebAssembly.Module(bytes)));
  await t.step("holds no path of this machine", () => {
    const text = new TextDecoder("latin1").decode(bytes);
    const paths = [folder.path, Deno.env.get("HOME") ?? folder.path];
    assertEquals(paths.filter((path) => text.includes(`${path}/`)), []);
  });
  const same = buildsTheSame(example);
  await t.step({
    name: `has the same bytes${same ? "" : ` (as only ${example.same} makes them)`}`,
    ignore: !same,
    fn: () => assert(areEqual(bytes, Deno.readFileSync(exampleUrl(`${example.name}/${example.module}`)))),
  });
  const { source } = example;
  if (source === undefined) return;
  // Deno would take a file of AssemblyScript with its own extension for TypeScript.
  const extension = example.name === "assemblyscript" ? ".as" : source.slice(source.lastIndexOf("."));
  const all = folder.build(new URL(`helpers/${example.name}${extension}`, import.meta.url));
  await t.step("has a helper for all of ABI version 2", async (t) => {
    await tryHelper(t, new GuestHost(new WebAssembly.Module(all)));
  });
}

function assertCases(name: string, module: WebAssembly.Module): void {
  const { config, cases } = readCases(name);
  for (const row of cases) {
    const host = new GuestHost(module);
    if (config !== undefined) assertEquals(host.configure(config), undefined);
    assertEquals(differences(row, host), [], row.name);
  }
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

Deno.test("examples/c-wasi has the helper of examples/c", () => {
  const [a, b] = ["c", "c-wasi"].map((name) => Deno.readTextFileSync(exampleUrl(`${name}/sentinel.h`)));
  assertEquals(a, b);
});
