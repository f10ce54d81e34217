import { assertEquals, assertThrows } from "@std/assert";
import { ModuleError } from "../../../src/errors.ts";
import { Reader } from "../../../src/wasm/reader.ts";
import { Writer } from "../../../src/wasm/writer.ts";

const unsigned = [
  { name: "zero", bytes: [0], value: 0 },
  { name: "one byte", bytes: [0x7f], value: 127 },
  { name: "two bytes", bytes: [0x80, 0x01], value: 128 },
  { name: "the largest", bytes: [0xff, 0xff, 0xff, 0xff, 0x0f], value: 0xffff_ffff },
  { name: "padded to five bytes", bytes: [0x83, 0x80, 0x80, 0x80, 0x00], value: 3 },
  { name: "a 33rd bit", bytes: [0xff, 0xff, 0xff, 0xff, 0x1f], value: undefined },
  { name: "six bytes", bytes: [0x80, 0x80, 0x80, 0x80, 0x80, 0x00], value: undefined },
  { name: "cut off", bytes: [0x80], value: undefined },
  { name: "nothing", bytes: [], value: undefined },
];

for (const { name, bytes, value } of unsigned) {
  Deno.test(`Reader.u32() ${value === undefined ? "refuses" : "reads"} ${name}`, () => {
    const reader = new Reader(new Uint8Array(bytes), "test");
    if (value === undefined) {
      assertThrows(() => reader.u32(), ModuleError, "Cannot use the module as in its test ");
    } else {
      assertEquals(reader.u32(), value);
      assertEquals(reader.remaining, 0);
    }
  });
}

const signed = [
  { name: "zero", bytes: [0], value: 0 },
  { name: "the empty block type", bytes: [0x40], value: -64 },
  { name: "the padded empty block type", bytes: [0xc0, 0x7f], value: -64 },
  { name: "funcref", bytes: [0x70], value: -16 },
  { name: "an index of 64", bytes: [0xc0, 0x00], value: 64 },
  { name: "a padded index", bytes: [0x80, 0x80, 0x80, 0x80, 0x00], value: 0 },
  { name: "the largest index", bytes: [0xff, 0xff, 0xff, 0xff, 0x0f], value: 0xffff_ffff },
  { name: "six bytes", bytes: [0x80, 0x80, 0x80, 0x80, 0x80, 0x00], value: undefined },
];

for (const { name, bytes, value } of signed) {
  Deno.test(`Reader.s33() ${value === undefined ? "refuses" : "reads"} ${name}`, () => {
    const reader = new Reader(new Uint8Array(bytes), "test");
    if (value === undefined) assertThrows(() => reader.s33(), ModuleError, "33 bits");
    else assertEquals(reader.s33(), value);
  });
}

Deno.test("Reader.u64() reads 2^48 and saturates beyond 2^53", () => {
  assertEquals(new Reader(new Uint8Array([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40]), "t").u64(), 2 ** 48);
  const largest = new Uint8Array([...Array(9).fill(0xff), 0x01]);
  assertEquals(new Reader(largest, "t").u64(), 2 ** 64);
  assertThrows(() => new Reader(new Uint8Array([...Array(9).fill(0xff), 0x02]), "t").u64(), ModuleError, "64 bits");
});

Deno.test("Reader.count() refuses more entries than bytes remain, before room is made for them", () => {
  const reader = new Reader(new Uint8Array([0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0]), "import section");
  const error = assertThrows(() => reader.count(4), ModuleError);
  assertEquals(
    error.message,
    "Cannot use the module as in its import section a count must fit the 2 bytes that remain: received 4294967295 at byte 0",
  );
});

Deno.test("Reader.name() refuses what is not UTF-8 and keeps a byte order mark", () => {
  assertThrows(() => new Reader(new Uint8Array([1, 0xff]), "test").name(), ModuleError, "UTF-8");
  assertEquals(new Reader(new Uint8Array([3, 0xef, 0xbb, 0xbf]), "test").name(), "\ufeff");
});

Deno.test("Reader stays within its range though the module goes on", () => {
  const reader = new Reader(new Uint8Array([1, 2, 3]), "test", 0, 1);
  assertEquals(reader.byte(), 1);
  assertThrows(() => reader.byte(), ModuleError, "its end");
});

Deno.test("Writer.u64() writes what Reader.u64() reads", () => {
  for (const value of [0, 127, 128, 65_536, 0xffff_ffff, 2 ** 48]) {
    const writer = new Writer(1);
    writer.u64(value);
    assertEquals(new Reader(writer.finish(), "test").u64(), value);
  }
});

Deno.test("Writer grows from nothing and copies short and long ranges alike", () => {
  const source = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);
  const writer = new Writer(0);
  writer.copy(source, 3, 10);
  writer.copy(source, 0, 1000);
  assertEquals(writer.finish(), new Uint8Array([...source.subarray(3, 10), ...source]));
});
