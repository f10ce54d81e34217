import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { DecodedHead, MessageType } from "../../../../src/protocol/mod.ts";
import { hashOf, MAX_NAMES, NameSet } from "../../../../src/protocol/scan/name_set.ts";
import { V2 } from "../wires.ts";

const encoder = new TextEncoder();

/** Counts what is read of the names. */
class CountingView extends DataView<ArrayBuffer> {
  reads = 0;
  override getInt32(at: number, littleEndian?: boolean): number {
    this.reads++;
    return super.getInt32(at, littleEndian);
  }
  override getUint8(at: number): number {
    this.reads++;
    return super.getUint8(at);
  }
}

/** All names in one buffer; for each whether the set took it. */
function addAll(set: NameSet, names: readonly string[]): { readonly taken: boolean[]; readonly reads: number } {
  const view = new CountingView(encoder.encode(names.join("")).buffer);
  let at = 0;
  const taken = names.map((name) => set.add(view, at, at += encoder.encode(name).length));
  return { taken, reads: view.reads };
}

/** The same as a JavaScript set has it. */
function expected(names: readonly string[]): boolean[] {
  const seen = new Set<string>();
  return names.map((name) => {
    const isNew = !seen.has(name);
    seen.add(name);
    return isNew;
  });
}

const name = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 6 }),
  // Alike in length, first and last four bytes.
  fc.string({ unit: fc.constantFrom("x", "y"), minLength: 3, maxLength: 3 }).map((middle) => `same${middle}tail`),
  fc.string({ maxLength: 20 }),
);

Deno.test("NameSet.add() tells names apart as a set of strings does, one object after the other", () => {
  const set = new NameSet();
  fc.assert(fc.property(fc.array(name, { maxLength: 60 }), (names) => {
    set.clear();
    assertEquals(addAll(set, names).taken, expected(names));
  }));
});

Deno.test("NameSet.add() takes no more names than an object may have", () => {
  const set = new NameSet();
  const names = Array.from({ length: MAX_NAMES + 1 }, (_, index) => `name-${index}`);
  assertEquals(addAll(set, names).taken.lastIndexOf(true), MAX_NAMES - 1);
  set.clear();
  assertEquals(addAll(set, names).taken[0], true);
});

const LENGTHS = [8, 9, 10, 11, 12, 30, 100, 900];

/** `index` in eight digits, at a place of a name of `length` bytes that is the same for all names otherwise. */
const SWEEPS: Readonly<Record<string, (index: number, length: number) => string>> = {
  "their beginning": (index, length) => digits(index) + "x".repeat(length - 8),
  "their end": (index, length) => "x".repeat(length - 8) + digits(index),
  "their middle": (index, length) => "x".repeat((length - 8) >> 1) + digits(index) + "x".repeat((length - 7) >> 1),
  "the bytes before the last four": (index, length) => ("x".repeat(length) + digits(index) + "yyyy").slice(-length),
  "one byte": (index, length) => {
    const at = index % length;
    return "x".repeat(at) + String.fromCharCode(0x21 + Math.floor(index / length) % 87) + "x".repeat(length - at - 1);
  },
};

function digits(index: number): string {
  return String(index).padStart(8, "0");
}

for (const [where, nameAt] of Object.entries(SWEEPS)) {
  Deno.test(`NameSet.add() reads each byte of names that differ in ${where} once, and takes them all`, () => {
    for (const length of LENGTHS) {
      const names = [...new Set(Array.from({ length: MAX_NAMES }, (_, index) => nameAt(index, length)))];
      assert(names.length > 80, `${names.length}`);
      const { taken, reads } = addAll(new NameSet(), names);
      assertEquals(taken.indexOf(false), -1, `of ${length} bytes`);
      assert(reads <= names.length * Math.ceil(length / 4), `${reads} reads for ${names.length} names of ${length}`);
    }
  });
}

Deno.test("NameSet.add() takes names that are numbers, whatever their distance", () => {
  for (const step of [1, 2, 7, 10, 256, 999, 1000, 4093, 65536, 1e6, 16777213]) {
    const names = Array.from({ length: MAX_NAMES }, (_, index) => String(index * step));
    assertEquals(addAll(new NameSet(), names).taken.indexOf(false), -1, `every ${step}`);
  }
});

/** The `PRIME` of the hash, and what takes a multiplication by it back. */
const PRIME = 0x85ebca77;
const INVERSE = [1, 2, 3, 4, 5].reduce((inverse) => Math.imul(inverse, 2 - Math.imul(PRIME, inverse)), PRIME);

const shifted = (value: number) => value ^ value >>> 15;
const unshifted = (value: number) => shifted(value) ^ value >>> 30;

/** A name of eight bytes that begins with the four of `first` and has a hash of one's choice. */
function nameWithHash(first: number, hash: number): Uint8Array<ArrayBuffer> {
  const name = new DataView(new ArrayBuffer(8));
  name.setInt32(0, first, true);
  name.setInt32(
    4,
    Math.imul(unshifted(hash), INVERSE) ^ shifted(Math.imul(Math.imul(8, PRIME) ^ first, PRIME)),
    true,
  );
  assertEquals(hashOf(name, 0, 8), hash | 0);
  return new Uint8Array(name.buffer);
}

function addEach(names: readonly Uint8Array[]): { readonly taken: number; readonly reads: number } {
  const view = new CountingView(Uint8Array.from(names.flatMap((name) => [...name])).buffer);
  const set = new NameSet();
  return { taken: names.filter((_, index) => set.add(view, index * 8, index * 8 + 8)).length, reads: view.reads };
}

Deno.test("NameSet.add() declines names of one hash, and reads them once", () => {
  const names = Array.from({ length: 1000 }, (_, index) => nameWithHash(index, 0x12345678));
  assertEquals(addEach(names), { taken: 1, reads: 2 * names.length });
});

Deno.test("NameSet.add() follows a bucket that names were chosen for to the 16th name, and declines those beyond the 17th", () => {
  const names = Array.from({ length: 200 }, (_, index) => nameWithHash(index, index << 17));
  assertEquals(addEach(names), { taken: 17, reads: 2 * names.length });
});

/** True if the scan can take the bytes as they are. */
function isPlain(name: Uint8Array): boolean {
  return name.every((byte) => byte > 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c && byte !== 0x3a);
}

Deno.test("a head whose names have one hash is read all the same", () => {
  const names: string[] = [];
  for (let index = 0; names.length < 3; index++) {
    const first = 0x61616161 + (index % 20) + ((index / 20 % 20) << 8) + ((index / 400 % 20) << 16);
    const name = nameWithHash(first, 0x3ade6842 + Math.floor(index / 8000) * (names.length === 0 ? 1 : 0));
    if (isPlain(name)) names.push(new TextDecoder().decode(name));
  }
  const headers = Object.fromEntries(names.map((name) => [name, ["v"]]));
  const payload = encoder.encode(JSON.stringify({ correlation_id: "c", status: 200, headers }));
  const message = V2.decode(Uint8Array.of(MessageType.responseHeaders, ...payload));
  assert(message instanceof DecodedHead, "not declined");
  assertEquals(message.fields.headers, headers);
});
