import { assert, assertEquals } from "@std/assert";
import { optionsTable } from "../../src/cli/help.ts";
import { ROOT } from "../e2e/agent_process.ts";

function read(path: string): string {
  return Deno.readTextFileSync(`${ROOT}${path}`);
}

/** A Markdown table without what only lines up its columns. */
function cells(table: string): string[][] {
  return table.trim().split("\n").map((row) => row.split("|").map((cell) => cell.trim().replace(/^-+$/, "---")));
}

Deno.test("README.md's table of options is the program's own", () => {
  const [, table] = /<!-- options -->\n([^]*?)<!-- \/options -->/.exec(read("README.md")) ?? [];
  assert(table !== undefined, "README.md has no <!-- options --> ... <!-- /options -->");
  assertEquals(cells(table), cells(optionsTable()));
});

Deno.test("README.md shows examples/zentinel.kdl as it stands", () => {
  const blocks = [...read("README.md").matchAll(/```kdl\n([^]*?)```/g)].map(([, text]) => text);
  assertEquals(blocks.filter((text) => text?.includes("listeners")), [read("examples/zentinel.kdl")]);
});

Deno.test("README.md names the Deno of .dvmrc wherever it names one", () => {
  const pinned = read(".dvmrc").trim();
  const versions = [...read("README.md").matchAll(/\bdeno@([\w.-]+)/g)].map(([, version]) => version);
  assert(versions.length > 0, "README.md has no npx deno@VERSION");
  assertEquals(versions, versions.map(() => pinned));
  assertEquals(Deno.version.deno, pinned);
});
