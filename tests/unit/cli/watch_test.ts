import { assertEquals } from "@std/assert";
import { changes } from "../../../src/cli/watch.ts";

/** At which looks, counted from 1, a turn comes; each look sees the next state of the file, the last one again and again. */
async function turns(states: readonly string[], looks: number): Promise<readonly number[]> {
  let look = 0;
  const found: number[] = [];
  const over = new Error("over");
  const watch = changes(
    ["m.wasm"],
    () => Promise.resolve(states[Math.min(look++, states.length - 1)] ?? ""),
    () => look < looks ? Promise.resolve() : Promise.reject(over),
  );
  try {
    for await (const _ of watch) found.push(look);
  } catch (error) {
    if (error !== over) throw error;
  }
  return found;
}

Deno.test.each([
  { name: "a file that stays", states: ["a"], turns: [1] },
  { name: "a file that is written anew", states: ["a", "a", "b"], turns: [1, 4] },
  { name: "a file that is written bit by bit", states: ["a", "b", "c", "d", "d", "d"], turns: [1, 5] },
  { name: "a file that is removed and written", states: ["a", "", "", "b"], turns: [1, 5] },
  { name: "a file that is removed", states: ["a", ""], turns: [1] },
  { name: "a file that is touched and put back", states: ["a", "b", "a"], turns: [1] },
  { name: "a file that comes later", states: ["", "", "a"], turns: [1, 4] },
  { name: "a file that changes twice", states: ["a", "b", "b", "c"], turns: [1, 3, 5] },
])("changes() gives turns at $turns for $name", async ({ states, turns: expected }) => {
  assertEquals(await turns(states, 9), [...expected]);
});
