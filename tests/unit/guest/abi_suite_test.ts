/** One suite over all ABIs, each in both kinds of slots: what holds for one must hold for any. */

import { assertEquals } from "@std/assert";
import { type GuestModule, prepareModule } from "../../../src/guest/mod.ts";
import { LocalSlot } from "../../../src/pool/local_slot.ts";
import { ThreadSlot } from "../../../src/pool/thread_slot.ts";
import { Watchdog } from "../../../src/pool/watchdog.ts";
import { assemble, assembleGuest } from "../../guests/build.ts";
import { callOf, guestText, LIMITS, outcomeOf, textOf, useProgramsThreads } from "./guests.ts";
import { ABIS_AND_TOY } from "./toy_abi.ts";

const TOY = `(module
  (import "toy" "letter" (func $letter (result i32)))
  (memory (export "memory") 2)
  (func (export "toy_decide") (result i32)
    (if (i32.eq (call $letter) (i32.const 0x74)) (then (unreachable)))
    (if (i32.eq (call $letter) (i32.const 0x73)) (then (loop $again (br $again))))
    (i32.const 0)))`;

const VERSION_2 = '(func (export "agent_abi_version") (result i32) (i32.const 2))';

const GUESTS: readonly { readonly abi: string; readonly bytes: () => Promise<Uint8Array<ArrayBuffer>> }[] = [
  { abi: "agent/1", bytes: () => assembleGuest("does_as_told", guestText("does_as_told")) },
  { abi: "agent/2", bytes: () => assembleGuest("does_as_told", guestText("does_as_told") + VERSION_2) },
  { abi: "toy/1", bytes: () => assemble("toy", TOY) },
];

const ROWS = [
  { does: "answers", told: undefined, expected: { value: '{"decision":"allow","tags":["clean"]}' } },
  { does: "traps", told: "t", expected: { code: "GUEST_TRAPPED" } },
  { does: "spins", told: "s", expected: { code: "GUEST_DEADLINE" } },
] as const;

const places = ["LocalSlot", "ThreadSlot"] as const;
const rows = GUESTS.flatMap((guest) => places.flatMap((place) => ROWS.map((row) => ({ ...guest, place, ...row }))));

async function prepared(bytes: Uint8Array<ArrayBuffer>): Promise<GuestModule> {
  return await prepareModule(bytes, "guest.wasm", LIMITS, ABIS_AND_TOY);
}

Deno.test.each(rows)("$place keeps to its deadline and its errors with a guest of $abi that $does", async (row) => {
  useProgramsThreads();
  const module = await prepared(await row.bytes());
  assertEquals(module.abi, row.abi);
  const watchdog = await Watchdog.start();
  watchdog.allot(1, { shortestMs: LIMITS.timeoutMs, longestMs: LIMITS.timeoutMs });
  try {
    const slot = row.place === "LocalSlot"
      ? new LocalSlot(module, watchdog.guard(0), { output: () => {} }, ABIS_AND_TOY)
      : await ThreadSlot.start(module, watchdog, 0, { output: () => {} });
    try {
      const timeoutMs = row.told === "s" ? 60 : LIMITS.timeoutMs;
      const call = callOf(row.told, { deadline: performance.now() + timeoutMs });
      const outcome = await outcomeOf(() => slot.call(call, textOf));
      assertEquals("code" in outcome ? { code: outcome.code } : outcome, row.expected);
      // After a failure there is a new instance, and it answers.
      await slot.renew();
      assertEquals(await outcomeOf(() => slot.call(callOf(), textOf)), {
        value: '{"decision":"allow","tags":["clean"]}',
      });
    } finally {
      slot.close();
    }
  } finally {
    watchdog[Symbol.dispose]();
  }
});
