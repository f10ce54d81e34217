import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { createLog, type LogFields } from "../../../src/ops/mod.ts";

const HOSTILE = "\u001b]0;x\u0007 \u009b2J \u2028\u202e\ud800 \n";
const ESCAPED = "\\u{1b}]0;x\\u{7} \\u{9b}2J \\u{2028}\\u{202e}\\u{d800} \\u{a}";

/** What reaches the writer. */
function written(message: string, fields?: LogFields) {
  const lines: { message: string; fields: LogFields }[] = [];
  const log = createLog((_, message, fields) => lines.push({ message, fields }), true, () => Promise.resolve());
  for (const level of ["debug", "info", "warning", "error"] as const) log[level](message, fields);
  for (const line of lines) assertEquals(line, lines[0]);
  assertEquals(lines.length, 4);
  return lines[0]!;
}

Deno.test("createLog() escapes message and fields at every level, lists and objects too", () => {
  assertEquals(written(HOSTILE, { id: HOSTILE, tags: ["a", HOSTILE], count: 3, on: true, gone: undefined }), {
    message: ESCAPED,
    fields: { id: ESCAPED, tags: ["a", ESCAPED], count: 3, on: true, gone: undefined },
  });
  const { fields } = written("x", { odd: { deep: "\u009b" } });
  assertEquals(fields.odd, '{"deep":"\\u{9b}"}');
});

Deno.test("createLog() cuts message, fields, lists and their items", () => {
  const long = "x".repeat(3_000_000);
  const { message, fields } = written(long, { id: long, tags: Array(10_000).fill(long), odd: { deep: long } });
  assertEquals(message.length, 4096);
  assertLessOrEqual(JSON.stringify(fields).length, 8_000);
  assert(Array.isArray(fields.tags));
  assertEquals(fields.tags.at(-1), "... (10000 in all)");
});

Deno.test("createLog() shows whole what is short enough", () => {
  const fields = { id: "x".repeat(1024), tags: Array(32).fill("y".repeat(128)) };
  assertEquals(written("z".repeat(4096), fields), { message: "z".repeat(4096), fields });
});
