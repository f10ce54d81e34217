import { assert } from "@std/assert";
import { memoryOf } from "../../bench/process.ts";

Deno.test("memoryOf() tells what a process has for itself from pages of files, and the most there has been", () => {
  const before = memoryOf(Deno.pid);
  // What is written to is there.
  const held = new Uint8Array(64 * 1024 * 1024).fill(1);
  const after = memoryOf(Deno.pid);
  assert(after.own - before.own > 48, `${after.own - before.own} MiB of ${held.length} bytes`);
  assert(after.file > 1 && Math.abs(after.file - before.file) < 32);
  // What is shared besides is neither.
  assert(after.own + after.file <= after.resident + 1 && after.own + after.file > after.resident / 2);
  assert(after.peak >= after.resident - 1);
});
