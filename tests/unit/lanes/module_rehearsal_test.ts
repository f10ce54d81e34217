import { assertEquals } from "@std/assert";
import { GuestError } from "../../../src/errors.ts";
import type { GuestModule } from "../../../src/guest/mod.ts";
import { rehearseModules } from "../../../src/lanes/module_rehearsal.ts";
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

/** What went wrong with each that failed. All rows are free again. */
function rehearsed(watchdog: Watchdog, ...modules: GuestModule[]): Record<string, string> {
  const failures: Record<string, string> = {};
  rehearseModules(modules, watchdog, ({ name }, error) => {
    failures[name] = error instanceof GuestError ? error.code : String(error);
  });
  using rows = watchdog.allot(1, { shortestMs: 10, longestMs: 10 });
  assertEquals(rows.rows, [0]);
  return failures;
}

Deno.test("rehearseModules() asks each at most a hundred times about what it handles, and what one prints counts for nothing", async () => {
  using watchdog = await Watchdog.start();
  const patient = { ...await prepare(printsAndTrapsAt(101)), name: "patient" };
  const traps = { ...await prepare(printsAndTrapsAt(1)), name: "traps" };
  assertEquals(rehearsed(watchdog, patient), {});
  assertEquals(rehearsed(watchdog, traps, patient), { traps: "GUEST_TRAPPED" });
  for (const { rates } of [patient, traps]) {
    assertEquals(Object.values(rates).map((words) => [...words]), Array(4).fill([0, 0, 0]));
  }
});

Deno.test("rehearseModules() calls an instance no more once it is worn", async () => {
  using watchdog = await Watchdog.start();
  assertEquals(rehearsed(watchdog, await prepare(printsAndTrapsAt(2), { maxRequestsPerInstance: 1 })), {});
});

Deno.test("rehearseModules() ends a module that does not come to an end, be it in its start or in a call", async () => {
  using watchdog = await Watchdog.start();
  const starts = await prepare(guestText("start_spins"));
  assertEquals(rehearsed(watchdog, starts), { "guest.wasm": "GUEST_DEADLINE" });
  const calls = await prepare(printsAndTrapsAt(1).replace("unreachable", "(loop $again (br $again))"));
  assertEquals(rehearsed(watchdog, calls), { "guest.wasm": "GUEST_DEADLINE" });
});

Deno.test("rehearseModules() leaves out those for which there is no time", async () => {
  using watchdog = await Watchdog.start();
  const spins = await prepare(printsAndTrapsAt(1).replace("unreachable", "(loop $again (br $again))"));
  const traps = { ...await prepare(printsAndTrapsAt(1)), name: "traps" };
  assertEquals(rehearsed(watchdog, spins, traps), { "guest.wasm": "GUEST_DEADLINE" });
});
