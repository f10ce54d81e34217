import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { GuestError } from "../../../src/errors.ts";
import { Guest, MAX_LINES_PER_SECOND } from "../../../src/guest/mod.ts";
import { LastWords, LineSplitter } from "../../../src/guest/output.ts";
import { callOf, guestText, PatientGuard, prepare, startGuest } from "./guests.ts";

const encoder = new TextEncoder();

/** What is taken of these texts, written one after the other. */
function lastWordsOf(...texts: readonly string[]): string | undefined {
  const words = new LastWords();
  const splitter = new LineSplitter(() => {}, words);
  for (const text of texts) splitter.write(encoder.encode(text));
  return words.take();
}

Deno.test.each<{ readonly name: string; readonly printed: string; readonly taken: string | undefined }>([
  { name: "nothing", printed: "", taken: undefined },
  { name: "empty lines", printed: "\n \n", taken: undefined },
  { name: "a line that has not ended", printed: "hello", taken: "hello" },
  { name: "the last line, where no runtime gives up", printed: "one\ntwo\n", taken: "two" },
  {
    name: "Rust",
    printed: "note\nthread '<unnamed>' panicked at src/lib.rs:12:5:\nno such key\nnote: run with `RUST_BACKTRACE=1`\n",
    taken: "thread '<unnamed>' panicked at src/lib.rs:12:5: no such key",
  },
  {
    name: "Rust before 1.73",
    printed: "thread '<unnamed>' panicked at 'no such key', src/lib.rs:12:5\nnote: run with `RUST_BACKTRACE=1`\n",
    taken: "thread '<unnamed>' panicked at 'no such key', src/lib.rs:12:5",
  },
  {
    name: "Go",
    printed:
      "panic: runtime error: index out of range [7] with length 3\n\ngoroutine 1 [running]:\nmain.f(...)\n\t/a.go:3\n",
    taken: "panic: runtime error: index out of range [7] with length 3",
  },
  {
    name: "Go, fatal",
    printed: "fatal error: all goroutines are asleep\n",
    taken: "fatal error: all goroutines are asleep",
  },
  {
    name: "Zig",
    printed: "panic: integer overflow\nCannot print stack trace: debug info unavailable for target\n",
    taken: "panic: integer overflow",
  },
  {
    name: "C",
    printed: "Assertion failed: x > 0 (policy.c: f: 12)\n",
    taken: "Assertion failed: x > 0 (policy.c: f: 12)",
  },
  { name: "control characters", printed: "panic: \u001b[31m\n", taken: "panic: \\u{1b}[31m" },
])("LastWords.take() takes of what is printed: $name", ({ printed, taken }) => {
  assertEquals(lastWordsOf(printed), taken);
});

Deno.test("LastWords.take() finds the panic before a stack of 50 lines, and forgets what was before 64", () => {
  const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`);
  assertEquals(lastWordsOf(...lines(500), "panic: p\n", "goroutine 1 [running]:\n", ...lines(50)), "panic: p");
  assertEquals(lastWordsOf("panic: p\n", ...lines(64)), "line 63");
});

Deno.test("LastWords.clear() forgets the call before", () => {
  const words = new LastWords();
  words.note(encoder.encode("panic: before"));
  words.clear();
  assertEquals(words.take(), undefined);
});

Deno.test("Guest.call() tells what a guest had printed when it trapped, also where the log takes no more lines", async () => {
  const module = await prepare(guestText("prints_lines_and_traps"));
  for (let call = 0; call <= MAX_LINES_PER_SECOND; call++) {
    const guest = new Guest(module, { guard: new PatientGuard(), output: () => {} });
    const error = assertThrows(() => guest.call(callOf(""), () => {}), GuestError);
    assertStringIncludes(error.message, 'after it had printed "');
  }
});

Deno.test("Guest.call() prints the line that a guest has begun when it traps", async () => {
  const { guest, printed } = await startGuest(`
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (data (i32.const 256) "\\08\\01\\00\\00\\0b\\00\\00\\00panic: oops")
  (func $misbehave (result i64)
    (drop (call $write (i32.const 2) (i32.const 256) (i32.const 1) (i32.const 300)))
    unreachable)`);
  const error = assertThrows(() => guest.call(callOf(""), () => {}), GuestError);
  assertStringIncludes(error.message, 'after it had printed "panic: oops"');
  assertEquals(printed, [{ stream: "stderr", line: "panic: oops", correlationId: "id" }]);
});
