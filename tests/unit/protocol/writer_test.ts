import { assertEquals, assertLessOrEqual } from "@std/assert";
import { ByteWriter } from "../../../src/protocol/mod.ts";

const INITIAL_BYTES = 4 * 1024;
const KEPT_BYTES = 2 * 1024 * 1024;

Deno.test("ByteWriter puts bytes, numbers and text one after the other", () => {
  const writer = new ByteWriter();
  writer.putUint32(0x01020304);
  writer.putByte(0xff);
  writer.put(Uint8Array.of(5, 6));
  writer.putText("é😀");
  assertEquals(writer.written, Uint8Array.of(1, 2, 3, 4, 0xff, 5, 6, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80));
  assertEquals(writer.length, 13);
});

Deno.test("ByteWriter.putUint32() writes numbers from 2^31 on", () => {
  const writer = new ByteWriter();
  writer.putUint32(0xfffefdfc);
  assertEquals(writer.written, Uint8Array.of(0xff, 0xfe, 0xfd, 0xfc));
});

Deno.test("ByteWriter.setUint32() overwrites four bytes and nothing else", () => {
  const writer = new ByteWriter();
  writer.put(Uint8Array.of(9, 0, 0, 0, 0, 9));
  writer.setUint32(1, 7);
  assertEquals(writer.written, Uint8Array.of(9, 0, 0, 0, 7, 9));
  writer.putByte(8);
  assertEquals(writer.length, 7);
});

Deno.test("ByteWriter keeps what was put in when it grows", () => {
  const writer = new ByteWriter();
  const expected: number[] = [];
  for (let round = 0; round < 40; round++) {
    const piece = Uint8Array.from({ length: 1021 }, (_, at) => (at + round) & 0xff);
    writer.put(piece);
    expected.push(...piece);
  }
  assertEquals(writer.written, Uint8Array.from(expected));
});

for (const text of ["", "0e4f5a3e-8f7b", " ~", 'a"b', "a\\b", "\x1f", "\x7f", "é", "\ud800", "</script>\u2028"]) {
  Deno.test(`ByteWriter.putJsonString() writes ${JSON.stringify(text)} as JSON.stringify() does`, () => {
    const writer = new ByteWriter();
    writer.putByte(0x5b);
    writer.putJsonString(text);
    assertEquals(new TextDecoder().decode(writer.written), `[${JSON.stringify(text)}`);
  });
}

const ROOM = [
  { name: "put", size: 3, put: (writer: ByteWriter) => writer.put(Uint8Array.of(1, 2, 3)) },
  { name: "putByte", size: 1, put: (writer: ByteWriter) => writer.putByte(1) },
  { name: "putUint32", size: 4, put: (writer: ByteWriter) => writer.putUint32(1) },
  { name: "putText", size: 3, put: (writer: ByteWriter) => writer.putText("abc") },
  { name: "putText", size: 9, put: (writer: ByteWriter) => writer.putText("€€€") },
  { name: "putJsonString", size: 5, put: (writer: ByteWriter) => writer.putJsonString("abc") },
  { name: "putJsonString", size: 11, put: (writer: ByteWriter) => writer.putJsonString('a"b\n€') },
];

for (const { name, size, put } of ROOM) {
  Deno.test(`ByteWriter.${name}() loses none of ${size} bytes at the end of the buffer`, () => {
    const alone = new ByteWriter();
    put(alone);
    const piece = alone.written.slice();
    assertEquals(piece.length, size);
    for (let room = 0; room <= size; room++) {
      const writer = new ByteWriter();
      const before = new Uint8Array(INITIAL_BYTES - room).fill(7);
      writer.put(before);
      put(writer);
      assertEquals(writer.written.subarray(before.length), piece, `${room} bytes of room`);
      assertEquals(writer.written.subarray(0, before.length), before);
    }
  });
}

Deno.test("ByteWriter.clear() forgets the bytes, and the memory once it is large", () => {
  const writer = new ByteWriter();
  writer.put(new Uint8Array(10 * KEPT_BYTES));
  writer.clear();
  assertEquals(writer.length, 0);
  assertEquals(writer.written.length, 0);
  assertLessOrEqual(writer.written.buffer.byteLength, KEPT_BYTES);
  writer.putByte(1);
  assertEquals(writer.written, Uint8Array.of(1));
});
