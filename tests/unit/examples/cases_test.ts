import { assert, assertEquals } from "@std/assert";
import { differences, readCases } from "./cases.ts";
import { EXAMPLES } from "./examples.ts";
import { exampleUrl, GuestHost } from "./guest_host.ts";

for (const { name, module } of EXAMPLES) {
  const { config, cases } = readCases(name);
  Deno.test.each([...cases])(`examples/${name}: $name`, (row) => {
    const host = GuestHost.load(`${name}/${module}`);
    if (config !== undefined) assertEquals(host.configure(config), undefined);
    assertEquals(differences(row, host), []);
  });
}

Deno.test.each([...EXAMPLES])("examples/$name/cases.yaml names a schema that is there", ({ name }) => {
  const file = exampleUrl(`${name}/cases.yaml`);
  const [, schema = "none"] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(Deno.readTextFileSync(file)) ?? [];
  assert(Deno.statSync(new URL(schema, file)).isFile);
});

Deno.test.each(EXAMPLES.filter(({ name }) => name !== "wat"))(
  "examples/$name keeps the names of its functions, for the log of a failure",
  async ({ name, module }) => {
    const compiled = await WebAssembly.compile(Deno.readFileSync(exampleUrl(`${name}/${module}`)));
    assertEquals(WebAssembly.Module.customSections(compiled, "name").length, 1);
  },
);

Deno.test("every folder of examples is in the table of examples", () => {
  const folders = [...Deno.readDirSync(exampleUrl(""))].filter(({ isDirectory }) => isDirectory);
  assertEquals(folders.map(({ name }) => name).toSorted(), EXAMPLES.map(({ name }) => name).toSorted());
});
