import { assert, assertEquals } from "@std/assert";
import { findMutations, mutate } from "../../../tools/mutations.ts";

const changed = (source: string) => findMutations(source).map((mutation) => mutate(source, mutation));

for (
  const { name, source, results } of [
    { name: "each side of a limit", source: "if (a < 5) b();", results: ["if (a <= 5) b();", "if (a < 6) b();"] },
    { name: "an equality", source: "return a === b;", results: ["return a !== b;"] },
    { name: "a connective", source: "a && b || c", results: ["a || b || c", "a && b && c"] },
    {
      name: "a negation",
      source: "if (!done) return !x();",
      results: ["if (done) return !x();", "if (!done) return x();"],
    },
    { name: "constants of any spelling", source: "f(0x1f, 1_000)", results: ["f(32, 1_000)", "f(0x1f, 1001)"] },
    { name: "no type and no arrow", source: "const f = (a: Map<string, Set<B>>) => a!;", results: [] },
    { name: "no fraction and no part of a name", source: "x1 + 1.5 + 2n + utf8", results: [] },
    { name: "no comment", source: "/* a < 5 */ a(); // !b && 7", results: [] },
    { name: "no text", source: "f(\"a < 5\", 'b === 7', `c && ${d}`, /1 < [/2]/g)", results: [] },
    { name: "a division, which begins no text", source: "a / 2 / b", results: ["a / 3 / b"] },
  ]
) {
  Deno.test(`findMutations() changes ${name}`, () => assertEquals(changed(source), results));
}

Deno.test("findMutations() finds changes of each kind in the program itself", () => {
  const kinds = new Set<string>();
  for (const file of ["agent/codec/result.ts", "pool/semaphore.ts", "wasm/bounds.ts"]) {
    const source = Deno.readTextFileSync(new URL(`../../../src/${file}`, import.meta.url));
    for (const { kind, at, before } of findMutations(source)) {
      assert(source.startsWith(before, at));
      kinds.add(kind);
    }
  }
  assertEquals([...kinds].sort(), ["connective", "constant", "equality", "limit", "negation"]);
});
