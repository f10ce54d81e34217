import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { wasmFiles } from "./cache.ts";
import { mutate } from "./mutate.ts";

const MUTANTS = 3_000;
const MAX_BYTES = 50_000;

/** Valid changes that must not be rewritten: a flag that makes a memory shared, an opcode that becomes an atomic one. */
const RIGHTLY_REFUSED = ["MODULE_USES_THREADS", "MODULE_MEMORY_TOO_LARGE", "MODULE_TABLE_TOO_LARGE"];

Deno.test("instrumentModule() of changed modules refuses the invalid ones and makes valid ones of the rest", () => {
  const here = fromFileUrl(new URL("../..", import.meta.url));
  const modules = [...wasmFiles(`${here}examples`), ...wasmFiles(`${here}tests/guests`)]
    .map((path) => Deno.readFileSync(path))
    .filter((bytes) => bytes.length <= MAX_BYTES && WebAssembly.validate(bytes));
  assert(modules.length > 0);
  const { valid, refused } = mutate(modules, MUTANTS, 20_261_123);
  assert(valid > 0);
  assertEquals([...refused.keys()].filter((code) => !RIGHTLY_REFUSED.includes(code)), []);
});
