import { assert, assertEquals, assertThrows } from "@std/assert";
import { type CodeOf, GuestError } from "../../../src/errors.ts";
import type { HostContext } from "../../../src/guest/imports/mod.ts";
import { sentinelImports } from "../../../src/guest/imports/sentinel.ts";
import { wasiImports } from "../../../src/guest/imports/wasi.ts";
import type { OutputStream } from "../../../src/guest/mod.ts";
import { LastWords } from "../../../src/guest/output.ts";

const ERRNO_INVAL = 28;
const EXPIRED = "GUEST_DEADLINE";

/** What host calls see of a guest with 40 MiB, whose deadline passes with the look after `looksLeft` of them. */
class FakeGuest implements HostContext {
  readonly configuration = "{}";
  readonly lastWords = new LastWords();
  readonly lines: string[] = [];
  looks = 0;
  readonly #memory = new WebAssembly.Memory({ initial: 640 });
  readonly #looksLeft: number;

  constructor(looksLeft = Infinity) {
    this.#looksLeft = looksLeft;
  }

  memory() {
    return this.#memory;
  }

  measure() {}

  output(_: OutputStream, line: () => string) {
    this.lines.push(line());
  }

  expired() {
    return ++this.looks > this.#looksLeft;
  }

  abort(code: CodeOf<"GuestError">, reason: string): never {
    throw new GuestError(code, reason);
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.#memory.buffer);
  }

  call(name: string, ...operands: number[]): unknown {
    const imports = { ...wasiImports(this), ...sentinelImports(this) };
    const call: ((...values: never[]) => unknown) | undefined = imports[name];
    assert(call);
    return Reflect.apply(call, undefined, operands);
  }

  /** Writes these buffers, each `[pointer, length]`, to stdout. */
  write(...buffers: readonly (readonly [pointer: number, length: number])[]): unknown {
    const view = new DataView(this.#memory.buffer);
    buffers.forEach(([pointer, length], index) => {
      view.setUint32(index * 8, pointer, true);
      view.setUint32(index * 8 + 4, length, true);
    });
    return this.call("fd_write", 1, 0, buffers.length, 65_000);
  }

  written(): number {
    return new DataView(this.#memory.buffer).getUint32(65_000, true);
  }
}

const MEBIBYTE = 1024 * 1024;

Deno.test.each([
  { length: 4096, looks: 0 },
  { length: 4097, looks: 1 },
  { length: 32 * MEBIBYTE, looks: 8191 },
])("fd_write of $length newlines looks at the deadline $looks times", ({ length, looks }) => {
  const guest = new FakeGuest();
  guest.bytes().fill(0x0a, MEBIBYTE, MEBIBYTE + length);
  assertEquals(guest.write([MEBIBYTE, length]), 0);
  assertEquals([guest.looks, guest.written(), guest.lines.length], [looks, length, 0]);
});

Deno.test("fd_write of many lines ends with the deadline, and not with the last line", () => {
  const guest = new FakeGuest(3);
  guest.bytes().fill(0x0a, MEBIBYTE, 3 * MEBIBYTE);
  for (let at = MEBIBYTE; at < 3 * MEBIBYTE; at += 2) guest.bytes()[at] = 0x61;
  const error = assertThrows(() => guest.write([MEBIBYTE, 2 * MEBIBYTE]), GuestError);
  assertEquals([error.code, guest.lines.length], [EXPIRED, 4 * 2048]);
});

Deno.test("fd_write looks at the deadline between small buffers too: 1,024 of them, and refuses one more", () => {
  const guest = new FakeGuest();
  const buffers = Array.from({ length: 1025 }, () => [MEBIBYTE, 1] as const);
  assertEquals(guest.write(...buffers), ERRNO_INVAL);
  assertEquals(guest.write(...buffers.slice(1)), 0);
  assertEquals([guest.looks, guest.written()], [1023, 1024]);
});

Deno.test("fd_write of buffers of which the last is outside of memory writes nothing", () => {
  const guest = new FakeGuest();
  guest.bytes().set([0x61, 0x0a], MEBIBYTE);
  assertThrows(() => guest.write([MEBIBYTE, 2], [39 * MEBIBYTE, 2 * MEBIBYTE]), GuestError, "must lie in memory");
  assertEquals(guest.lines, []);
});

Deno.test("fd_write takes 2,147,483,647 bytes in a call, and refuses one more before it has written any", () => {
  const half: readonly [number, number][] = Array.from({ length: 63 }, () => [MEBIBYTE, 32 * MEBIBYTE]);
  const guest = new FakeGuest(0);
  assertEquals(guest.write(...half, [MEBIBYTE, 32 * MEBIBYTE]), ERRNO_INVAL);
  assertThrows(() => guest.write(...half, [MEBIBYTE, 32 * MEBIBYTE - 1]), GuestError, "deadline");
});

for (const random of ["random_get", "random"]) {
  Deno.test.each([
    { length: 65_536, looks: 0 },
    { length: 65_537, looks: 1 },
    { length: 32 * MEBIBYTE, looks: 511 },
  ])(`${random} of $length bytes looks at the deadline $looks times`, ({ length, looks }) => {
    const guest = new FakeGuest();
    guest.call(random, MEBIBYTE, length);
    assertEquals(guest.looks, looks);
  });

  Deno.test(`${random} ends with the deadline, and has written nothing where its memory does not reach`, () => {
    const guest = new FakeGuest(2);
    const error = assertThrows(() => guest.call(random, MEBIBYTE, 32 * MEBIBYTE), GuestError);
    assertEquals(error.code, EXPIRED);
    assert(guest.bytes().subarray(MEBIBYTE + 3 * 65_536).every((byte) => byte === 0));
    const other = new FakeGuest();
    assertThrows(() => other.call(random, 39 * MEBIBYTE, 2 * MEBIBYTE), GuestError);
    assert(other.bytes().subarray(39 * MEBIBYTE).every((byte) => byte === 0));
  });
}

Deno.test("fd_read finds the end however many and large the buffers are, without a look at each", () => {
  const guest = new FakeGuest();
  assertEquals(guest.call("fd_read", 0, MEBIBYTE, 0xffff_ffff, 65_000), 0);
  assertEquals(guest.written(), 0);
});
