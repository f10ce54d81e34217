import { assert, assertEquals, assertLessOrEqual, assertRejects } from "@std/assert";
import { begin } from "../../../../src/cli/commands/new.ts";
import { LANGUAGE_WORDS } from "../../../../src/cli/rows/new.ts";
import { filesOf, LANGUAGES } from "../../../../src/cli/starters/starters.ts";
import { ConfigError } from "../../../../src/errors.ts";
import { TempDir } from "../../../e2e/agent_process.ts";
import { captured } from "../captured.ts";

Deno.test("new has a starter for each of its languages", () => {
  assertEquals(Object.keys(LANGUAGES), [...LANGUAGE_WORDS]);
});

Deno.test.each(LANGUAGE_WORDS.map((language) => ({ language })))(
  "new $language writes source, helper, an executable build script, cases and a page of one screen",
  async ({ language }) => {
    using dir = new TempDir();
    const folder = dir.at("a/b");
    const { result, lines } = await captured(() => begin({ language, dir: folder }));
    const { source, helper } = LANGUAGES[language];
    assertEquals(result, 0);
    assert(lines.includes(`  cd ${folder}`), lines.join("\n"));
    for (const name of [source, helper, "build", "cases.yaml", "cases.schema.json", "README.md"]) {
      assert(Deno.statSync(`${folder}/${name}`).size > 0, name);
    }
    assertEquals((Deno.statSync(`${folder}/build`).mode ?? 0) & 0o111, 0o111);
    assertLessOrEqual(Deno.readTextFileSync(`${folder}/README.md`).split("\n").length, 40);
    const [, schema = ""] =
      /^# yaml-language-server: \$schema=(.*)$/m.exec(Deno.readTextFileSync(`${folder}/cases.yaml`)) ?? [];
    assert(Deno.statSync(`${folder}/${schema}`).isFile);
  },
);

Deno.test.each([
  {
    name: "a folder that is not empty",
    make: (dir: TempDir) => dir.write("policy.c", "mine"),
    says: 'received "policy.c"',
  },
  { name: "a file", make: (dir: TempDir) => dir.write("x", ""), inside: "x", says: "must be an empty folder" },
])("new refuses $name, and changes nothing", async ({ make, inside = "", says }) => {
  using dir = new TempDir();
  make(dir);
  const before = [...Deno.readDirSync(dir.path)];
  await assertRejects(() => begin({ language: "c", dir: dir.at(inside) }), ConfigError, says);
  assertEquals([...Deno.readDirSync(dir.path)], before);
});

Deno.test("a starter's files are those of the example that it begins like", () => {
  for (const language of Object.values(LANGUAGES)) {
    const helper = filesOf(language)[language.helper] ?? "";
    assert(helper.includes("Copy this"), language.title);
  }
});
