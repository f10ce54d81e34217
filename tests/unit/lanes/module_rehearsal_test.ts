import { assertEquals, assertThrows } from "@std/assert";
import { GuestError } from "../../../src/errors.ts";
import { rehearseModule } from "../../../src/lanes/module_rehearsal.ts";
import { Watchdog } from "../../../src/pool/mod.ts";
import { guestText, prepare, useProgramsThreads } from "../guest/guests.ts";

useProgramsThreads();

/** A module that prints a line with each request, and traps with this one. */
function printsAndTrapsAt(call: number): string {
  return `(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 2)
    (data (i32.const 64) "a line\\n")
    (data (i32.const 80) "\\40\\00\\00\\00\\07\\00\\00\\00")
    (data (i32.const 128) "{\\"decision\\":\\"allow\\"}")
    (global $calls (mut i32) (i32.const 0))
    (func (export "alloc") (param i32) (result i32) (i32.const 65536))
    (func (export "dealloc") (param i32 i32))
    (func (export "on_request_headers") (param i32 i32) (result i64)
      (drop (call $write (i32.const 1) (i32.const 80) (i32.const 1) (i32.const 96)))
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (if (i32.eq (global.get $calls) (i32.const ${call})) (then unreachable))
      (i64.const ${128n << 32n | 20n})))`;
}

/** What went wrong, and that the row is free again. */
function failureOf(rehearse: () => void, watchdog: Watchdog): string {
  const { code } = assertThrows(rehearse, GuestError);
  using rows = watchdog.allot(1, { shortestMs: 10, longestMs: 10 });
  assertEquals(rows.rows, [0]);
  return code;
}

Deno.test("rehearseModule() asks a module at most a hundred times about what it handles, and what it prints counts for nothing", async () => {
  using watchdog = await Watchdog.start();
  const module = await prepare(printsAndTrapsAt(101));
  rehearseModule(module, watchdog);
  const traps = await prepare(printsAndTrapsAt(1));
  assertEquals(failureOf(() => rehearseModule(traps, watchdog), watchdog), "GUEST_TRAPPED");
  for (const { rates } of [module, traps]) {
    assertEquals(Object.values(rates).map((words) => [...words]), Array(4).fill([0, 0, 0]));
  }
});

Deno.test("rehearseModule() ends a module that does not come to an end, be it in its start or in a call", async () => {
  using watchdog = await Watchdog.start();
  const starts = await prepare(guestText("start_spins"));
  assertEquals(failureOf(() => rehearseModule(starts, watchdog), watchdog), "GUEST_DEADLINE");
  const calls = await prepare(printsAndTrapsAt(1).replace("unreachable", "(loop $again (br $again))"));
  assertEquals(failureOf(() => rehearseModule(calls, watchdog), watchdog), "GUEST_DEADLINE");
});
