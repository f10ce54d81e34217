import { assertEquals, assertStringIncludes } from "@std/assert";
import { callOf, outcomeOf, prepare, startGuest, textOf } from "./guests.ts";

const PAGE = 65_536;
const RESULT = String.raw`"{\"decision\":\"allow\"}"`;
const EXPORTS = `
  (func (export "alloc") (param i32) (result i32) (i32.const 4096))
  (func (export "dealloc") (param i32 i32))`;
const ANSWER = "(i64.const 0x0000001000000014)";
const HANDLER = '(func (export "on_request_headers") (param i32 i32) (result i64)';

/** Puts the result into another memory than the first, into which the assembler cannot put data. */
function storing(memory: string): string {
  const bytes = new TextEncoder().encode('{"decision":"allow"}');
  return Array.from(bytes, (byte, at) => `(i32.store8 ${memory} (i32.const ${16 + at}) (i32.const ${byte}))`).join(" ");
}

interface Row {
  readonly name: string;
  readonly text: string;
  /** Pages before and after a call. */
  readonly pages: readonly [number, number];
}

const ROWS: readonly Row[] = [
  {
    name: "its only one",
    text: `(module (memory (export "memory") 2 9) (data (i32.const 16) ${RESULT}) ${EXPORTS}
      ${HANDLER} (drop (memory.grow (i32.const 3))) ${ANSWER}))`,
    pages: [2, 5],
  },
  {
    name: "a second one that is not exported",
    text: `(module (memory (export "memory") 2 9) (memory $other 1) (data (i32.const 16) ${RESULT}) ${EXPORTS}
      ${HANDLER} (drop (memory.grow $other (i32.const 4))) ${ANSWER}))`,
    pages: [3, 7],
  },
  {
    name: "a second one that is exported too",
    text:
      `(module (memory (export "memory") 2 9) (memory $other (export "x") 0) (data (i32.const 16) ${RESULT}) ${EXPORTS}
      ${HANDLER} (drop (memory.grow $other (i32.const 4))) (drop (memory.grow (i32.const 1))) ${ANSWER}))`,
    pages: [2, 7],
  },
  {
    name: "one that is exported twice",
    text: `(module (memory $m (export "memory") (export "again") 2) (data (i32.const 16) ${RESULT}) ${EXPORTS}
      ${HANDLER} ${ANSWER}))`,
    pages: [2, 2],
  },
  {
    name: "one that is imported",
    text: `(module (import "env" "memory" (memory 2)) (data (i32.const 16) ${RESULT}) ${EXPORTS}
      ${HANDLER} (drop (memory.grow (i32.const 3))) ${ANSWER}))`,
    pages: [2, 5],
  },
  {
    name: "one that is imported and exported",
    text: `(module (import "env" "memory" (memory 2 20)) (export "memory" (memory 0)) (data (i32.const 16) ${RESULT})
      ${EXPORTS} ${HANDLER} (drop (memory.grow (i32.const 3))) ${ANSWER}))`,
    pages: [2, 5],
  },
  {
    name: "an imported one beside an exported one of its own",
    text: `(module (import "env" "memory" (memory $imported 2)) (memory $own (export "memory") 1)
      ${EXPORTS} ${HANDLER} ${storing("$own")} (drop (memory.grow $imported (i32.const 3))) ${ANSWER}))`,
    pages: [3, 6],
  },
];

Deno.test.each(ROWS)(
  "Guest counts the memory of a module with $name, and what it has grown to",
  async ({ text, pages }) => {
    const { guest } = await startGuest(text);
    assertEquals(guest.memoryBytes / PAGE, pages[0]);
    assertEquals(guest.call(callOf(), textOf), '{"decision":"allow"}');
    assertEquals(guest.memoryBytes / PAGE, pages[1]);
  },
);

const MIB_OF_LIMITS = 4;

Deno.test.each([
  { name: "without a maximum, up to the limit", imported: "1", grow: 16 * MIB_OF_LIMITS - 1, granted: true },
  { name: "without a maximum, not beyond the limit", imported: "1", grow: 16 * MIB_OF_LIMITS, granted: false },
  { name: "with a maximum, up to it", imported: "1 3", grow: 2, granted: true },
  { name: "with a maximum, not beyond it", imported: "1 3", grow: 3, granted: false },
  { name: "with a maximum above the limit, up to the limit", imported: "1 900", grow: 63, granted: true },
  { name: "with a maximum above the limit, not beyond the limit", imported: "1 900", grow: 64, granted: false },
])("Guest gives a module that imports its memory $name", async ({ imported, grow, granted }) => {
  const text =
    `(module (import "env" "memory" (memory ${imported})) (data (i32.const 16) ${RESULT}) ${EXPORTS} ${HANDLER}
    (if (i32.eq (memory.grow (i32.const ${grow})) (i32.const -1)) (then (unreachable))) ${ANSWER}))`;
  const { guest } = await startGuest(text);
  const outcome = await outcomeOf(() => guest.call(callOf(), textOf));
  assertEquals("value" in outcome, granted, JSON.stringify(outcome));
});

Deno.test.each([
  {
    name: "64-bit memory",
    text: '(import "env" "memory" (memory i64 1))',
    says: '"env.memory" (64-bit memory), here memory',
  },
  {
    name: "two memories under one name",
    text: '(import "env" "memory" (memory 1)) (import "env" "memory" (memory 1))',
    says: '"env.memory" twice',
  },
  { name: "memory of another name", text: '(import "env" "mem" (memory 1))', says: '"env.mem" (memory)' },
  { name: "memory of another module", text: '(import "js" "memory" (memory 1))', says: '"js.memory" (memory)' },
  { name: "more memory than it may have", text: '(import "env" "memory" (memory 65))', says: "65 pages" },
])("prepareModule() refuses a module that imports $name", async ({ text, says }) => {
  const outcome = await outcomeOf(async () => (await prepare(`(module ${text})`)).name);
  assertStringIncludes("message" in outcome ? outcome.message : outcome.value, says);
});
