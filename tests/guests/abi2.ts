/**
 * A guest of version 2 that answers as a test tells it, and logs each event that it gets.
 *
 * @module
 */

import { assemble } from "./build.ts";

const FIRST_ANSWER = 1024, ANSWER_BYTES = 1024, INPUT = 65_536;

/** Wasm of a guest that answers an event with `!N` in it, N being a digit, by the Nth answer, and others by allow. */
export async function buildAnswering(answers: readonly unknown[]): Promise<Uint8Array<ArrayBuffer>> {
  const rows = [{ decision: "allow" }, ...answers].map((answer, index) => {
    const text = JSON.stringify(answer);
    const at = FIRST_ANSWER + index * ANSWER_BYTES;
    return { at, text, length: new TextEncoder().encode(text).length };
  });
  const data = rows.map(({ at, text }) => `(data (i32.const ${at}) ${JSON.stringify(text)})`);
  const packed = rows.map(({ at, length }) => `(i64.const 0x${((BigInt(at) << 32n) | BigInt(length)).toString(16)})`);
  const [allow, ...others] = packed;
  const choices = others.map((answer, index) =>
    `(if (i32.eq (local.get $digit) (i32.const ${48 + index})) (then (return ${answer})))`
  );
  return await assemble(
    "answering",
    `(module
      (import "sentinel" "log" (func $log (param i32 i32 i32)))
      (memory (export "memory") 4)
      ${data.join("\n")}
      (func (export "agent_abi_version") (result i32) (i32.const 2))
      (func (export "alloc") (param $size i32) (result i32)
        (select (i32.const ${INPUT}) (i32.const 0) (i32.le_u (local.get $size) (i32.const 131072))))
      (func (export "dealloc") (param i32 i32))
      (func $answer (export "on_request_headers") (export "on_response_headers") (param $at i32) (param $length i32) (result i64)
        (local $end i32) (local $digit i32)
        (call $log (i32.const 2) (local.get $at) (local.get $length))
        (local.set $end (i32.add (local.get $at) (local.get $length)))
        (loop $next
          (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x21))
            (then (local.set $digit (i32.load8_u offset=1 (local.get $at))) ${choices.join(" ")}))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
        ${allow}))`,
  );
}
