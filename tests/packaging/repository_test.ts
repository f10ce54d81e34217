import { assertEquals, assertStringIncludes } from "@std/assert";
import { ROOT } from "../e2e/agent_process.ts";
import { exists } from "../../tools/exists.ts";

async function trackedFiles(): Promise<readonly string[]> {
  const command = new Deno.Command("git", { args: ["ls-files", "-z"], cwd: ROOT, stdout: "piped" });
  const { code, stdout } = await command.output();
  assertEquals(code, 0, "git ls-files failed");
  const names = new TextDecoder().decode(stdout).split("\0").filter((name) => name !== "");
  return names.filter((name) => {
    try {
      return Deno.lstatSync(`${ROOT}${name}`).isFile;
    } catch {
      return false;
    }
  });
}

Deno.test.each([
  { file: "LICENSE-MIT", says: "Permission is hereby granted, free of charge" },
  { file: "LICENSE-APACHE", says: "Apache License" },
])("$file is there", ({ file, says }) => {
  assertStringIncludes(Deno.readTextFileSync(`${ROOT}${file}`), says);
});

Deno.test("no tracked file holds a path of the machine it was made on", async () => {
  const home = Deno.env.get("HOME") ?? "";
  const own = [ROOT.replace(/\/$/, ""), home].filter((path) => path.split("/").length > 2 || path === "/root");
  // A folder of a user's own, whoever that is.
  const foreign = /\/(?:root|home\/\w+|Users\/\w+)\/[\w.]/;
  const decoder = new TextDecoder("latin1");
  const found: string[] = [];
  for (const name of await trackedFiles()) {
    const text = decoder.decode(Deno.readFileSync(`${ROOT}${name}`));
    if (foreign.test(text) || own.some((path) => text.includes(`${path}/`))) found.push(name);
  }
  assertEquals(found, []);
});

/** Folders in one of the project's. */
function foldersIn(path: string): string[] {
  return [...Deno.readDirSync(`${ROOT}${path}`)].filter(({ isDirectory }) => isDirectory).map(({ name }) => name)
    .toSorted();
}

Deno.test("tests/README.md has each folder of tests in its table, and no other", () => {
  const rows = Deno.readTextFileSync(`${ROOT}tests/README.md`).matchAll(/^\| `(\w+)\/`/gm);
  assertEquals(Array.from(rows, ([, name = ""]) => name).toSorted(), foldersIn("tests"));
});

Deno.test("tests/unit mirrors the folders of src, tools, examples and the benchmarks", () => {
  const known = new Set([...foldersIn("src"), "tools", "examples", "bench"]);
  assertEquals(foldersIn("tests/unit").filter((name) => !known.has(name)), []);
});

Deno.test("src/README.md has each folder of src in its table", () => {
  const text = Deno.readTextFileSync(`${ROOT}src/README.md`);
  assertEquals(foldersIn("src").filter((name) => !text.includes(`\n| \`${name}/\` `)), []);
});

/** Paths that a page names: those with a folder and an ending, and without a word in capitals, which stands for any. */
function pathsIn(page: string): readonly string[] {
  return [
    ...Deno.readTextFileSync(`${ROOT}${page}`).matchAll(/(?<=[` ])(?:[a-z0-9_.]+\/)+[a-z0-9_]+\.(?:tsx?|md|sh)\b/g),
  ]
    .map(([path]) => path);
}

Deno.test.each([
  { page: "src/README.md", below: ["src/", ""] },
  { page: "CONTRIBUTING.md", below: [""] },
  { page: "tests/README.md", below: ["tests/", ""] },
])("$page names no file that is not there", ({ page, below }) => {
  const paths = pathsIn(page);
  const isThere = (path: string) => below.some((folder) => exists(`${ROOT}${folder}${path}`));
  assertEquals(paths.filter((path) => !isThere(path)), []);
});
