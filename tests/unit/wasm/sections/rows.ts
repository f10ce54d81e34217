import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ModuleError } from "../../../../src/errors.ts";
import type { Reader } from "../../../../src/wasm/reader.ts";
import { readSections, sectionReader } from "../../../../src/wasm/sections/list.ts";
import type { DefinedType } from "../../../../src/wasm/sections/type.ts";
import { assemble, sectionOf } from "../assemble.ts";

/** Contents of a section that are to be read as `value`. */
export interface Accepted<T> {
  readonly name: string;
  readonly contents: readonly number[];
  readonly value: T;
}

/** Contents of a section that are to be refused with a message that has these words. */
export interface Refused {
  readonly name: string;
  readonly contents: readonly number[];
  readonly says: string;
}

/** A reader over the contents of a section, which stands in a module. */
export function readerOf(id: number, contents: readonly number[]): Reader {
  const bytes = assemble(sectionOf(id, contents));
  const [section] = readSections(bytes);
  if (section === undefined) throw new Error("assemble() has made a module without the section");
  return sectionReader(bytes, section);
}

/** Type index space for what names types: 0 is `(i32) -> ()`, 1 a struct, 2 `() -> (i64)`. */
export const TYPES: readonly DefinedType[] = [
  { kind: "function", params: ["i32"], results: [] },
  { kind: "struct" },
  { kind: "function", params: [], results: ["i64"] },
];

/**
 * Tests the reader of a section: each accepted row is read as it says, and refused if it is cut anywhere or if a byte
 * follows; each other row is refused as it says.
 *
 * @param leastBytes Of one entry, if the section begins with a count: entries that cannot fit must be refused by it.
 */
export function testSection<T>(
  title: string,
  id: number,
  read: (reader: Reader) => T,
  accepted: readonly Accepted<T>[],
  refused: readonly Refused[],
  leastBytes?: number,
): void {
  if (leastBytes !== undefined) testCount(title, id, read, leastBytes);

  for (const { name, contents, value } of accepted) {
    Deno.test(`${title} reads ${name}`, () => {
      assertEquals(read(readerOf(id, contents)), value);
    });

    Deno.test(`${title} refuses ${name} that is cut anywhere, or has a byte after it`, () => {
      for (let length = 0; length < contents.length; length++) {
        const error = assertThrows(() => read(readerOf(id, contents.slice(0, length))), ModuleError);
        assertEquals(error.code, "MODULE_MALFORMED", `cut to ${length} bytes`);
      }
      assertThrows(
        () => read(readerOf(id, [...contents, 0])),
        ModuleError,
        "nothing may follow its last entry: received 1 more bytes",
      );
    });
  }

  for (const { name, contents, says } of refused) {
    Deno.test(`${title} refuses ${name}`, () => {
      const { code, message } = assertThrows(() => read(readerOf(id, contents)), ModuleError);
      assertEquals(code, "MODULE_MALFORMED");
      assertStringIncludes(message, says);
    });
  }
}

function testCount(title: string, id: number, read: (reader: Reader) => unknown, leastBytes: number): void {
  const count = 3;
  const mostBytes = count * leastBytes;
  const refusal = (bytes: number) => {
    try {
      read(readerOf(id, [count, ...Array(bytes).fill(0)]));
      return "";
    } catch (error) {
      if (error instanceof ModuleError) return error.message;
      throw error;
    }
  };

  Deno.test(`${title} refuses by its count what cannot fit, and not what just fits`, () => {
    const words = (bytes: number) => `a count must fit the ${bytes} bytes that remain: received ${count} at byte 10`;
    assertStringIncludes(refusal(mostBytes - 1), words(mostBytes - 1));
    assert(!refusal(mostBytes).includes(words(mostBytes)));
  });
}
