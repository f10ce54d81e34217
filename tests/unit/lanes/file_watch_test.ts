import { assertEquals } from "@std/assert";
import { FileWatch } from "../../../src/lanes/mod.ts";

/** Far beyond the end of a test: it looks by itself. */
const NEVER_MS = 3_600_000;

/** What was told after each look, by states of two files. */
async function told(rows: readonly (readonly [a: string, b: string])[]): Promise<readonly number[]> {
  let row = 0;
  let count = 0;
  const state = (path: string) => Promise.resolve(rows[row]![path === "a" ? 0 : 1]);
  using watch = new FileWatch(() => ["a", "b", "a"], () => count++, state, NEVER_MS);
  await watch.look();
  const counts: number[] = [];
  for (row = 1; row < rows.length; row++) {
    await watch.look();
    counts.push(count);
  }
  return counts;
}

Deno.test("FileWatch tells once of a change, when it has stayed from one look to the next", async () => {
  assertEquals(await told([["1", "1"], ["1", "1"], ["2", "1"], ["2", "1"], ["2", "1"]]), [0, 0, 1, 1]);
});

Deno.test("FileWatch waits while a file is still being written, and while another is", async () => {
  assertEquals(await told([["1", "1"], ["2", "1"], ["3", "1"], ["3", "2"], ["3", "2"], ["3", "2"]]), [0, 0, 0, 1, 1]);
});

Deno.test("FileWatch tells of a file that goes and of one that comes back, but not of what was undone", async () => {
  assertEquals(await told([["1", "1"], ["none", "1"], ["none", "1"], ["1", "1"], ["1", "1"]]), [0, 1, 1, 2]);
  assertEquals(await told([["1", "1"], ["2", "1"], ["1", "1"], ["1", "1"]]), [0, 0, 0]);
});

Deno.test("FileWatch sees that another file was renamed to the name, and no file at all", async () => {
  const folder = await Deno.makeTempDir({ prefix: "agent-" });
  try {
    const path = `${folder}/a`;
    const other = `${folder}/b`;
    let count = 0;
    using watch = new FileWatch(() => [path], () => count++, undefined, NEVER_MS);
    await watch.look();
    Deno.writeTextFileSync(path, "1");
    await watch.look();
    await watch.look();
    Deno.writeTextFileSync(other, "2");
    Deno.renameSync(other, path);
    await watch.look();
    await watch.look();
    assertEquals(count, 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
