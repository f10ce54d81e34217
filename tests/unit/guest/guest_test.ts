import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { GuestError } from "../../../src/errors.ts";
import { Guest } from "../../../src/guest/mod.ts";
import { callOf, guestText, PatientGuard, prepare, startGuest, textOf } from "./guests.ts";

Deno.test.each([{ Fault: RangeError }, { Fault: TypeError }, { Fault: Error }])(
  "Guest.call() throws an error of who takes the result as it is",
  async ({ Fault }) => {
    const { guest } = await startGuest(guestText("traps"));
    const fault = new Fault("a fault of our own");
    const thrown = assertThrows(() => {
      guest.call(callOf(), () => {
        throw fault;
      });
    }, Fault);
    assertStrictEquals(thrown, fault);
  },
);

Deno.test("Guest.call() takes the result within the call's time", async () => {
  const steps: string[] = [];
  class Recorder extends PatientGuard {
    override begin = () => steps.push("begin");
    override end = () => {
      steps.push("end");
      return steps.includes("take");
    };
  }
  const guest = new Guest(await prepare(guestText("traps")), { guard: new Recorder(), output: () => {} });
  steps.length = 0;
  const error = assertThrows(() => guest.call(callOf(), () => steps.push("take")), GuestError);
  assertEquals([steps, error.code], [["begin", "take", "end"], "GUEST_DEADLINE"]);
});

/** Answers with one byte at `offset` of its input: how many times `dealloc` has been called, the self-check's included. */
const counting = (offset: string) =>
  `(module (memory (export "memory") 2) (global $released (mut i32) (i32.const 0))
  (func (export "alloc") (param i32) (result i32) (i32.const 4096))
  (func (export "dealloc") (param i32 i32) (global.set $released (i32.add (global.get $released) (i32.const 1))))
  (func (export "on_request_headers") (param $input i32) (param $length i32) (result i64) (local $at i32)
    (local.set $at (i32.add (local.get $input) ${offset}))
    (i32.store8 (local.get $at) (i32.add (i32.const 48) (global.get $released)))
    (i64.or (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32)) (i64.const 1))))`;

Deno.test.each([
  { name: "before the input", offset: "(i32.const -1)", releases: 2 },
  { name: "at the input's first byte", offset: "(i32.const 0)", releases: 1 },
  { name: "inside of the input", offset: "(i32.const 5)", releases: 1 },
  { name: "at the input's last byte", offset: "(i32.sub (local.get $length) (i32.const 1))", releases: 1 },
  { name: "just behind the input", offset: "(local.get $length)", releases: 2 },
])("Guest.call() releases input and result once each: a result $name", async ({ offset, releases }) => {
  const { guest } = await startGuest(counting(offset));
  const counts = [0, 1, 2].map(() => Number(guest.call(callOf(), textOf)));
  assertEquals(counts, [1, 1 + releases, 1 + 2 * releases]);
});
