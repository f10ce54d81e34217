/**
 * From a place in rewritten code back to the module's own file: for people who look for where a module failed.
 *
 * Neither the file nor its custom sections stay in memory. What is kept of them is this map, in memory that all threads share:
 * a few bytes for each function, one or two for each place at which the rewrite put something in, and the functions' names.
 *
 * | field of a function | |
 * |---|---|
 * | gap | bytes between the end of the body before it and this body, in the file |
 * | size | bytes of the body in the file |
 * | new size | bytes of the rewritten body |
 * | name | its bytes, after their number; none if nobody knows the name |
 * | insertions | those of {@linkcode Insertions.describe}, after the number of their bytes |
 *
 * All numbers are unsigned LEB128, as in a module.
 *
 * @module
 */

import type { Declarations } from "./declarations.ts";
import { ExternKind } from "./sections/export.ts";
import { type Insertions, originalPlace } from "./insertions.ts";
import { Reader } from "./reader.ts";
import { FunctionNames } from "./sections/custom.ts";
import { Writer } from "./writer.ts";

/** The map of one module. It survives structured clone as the same memory. */
export interface CodeMap {
  /** A record for each function that the module defines. */
  readonly records: Uint8Array<SharedArrayBuffer>;
  /** For every 64th function three words: where its record is, where the body before it ends in the file, and where in the rewritten module. */
  readonly marks: Uint32Array<SharedArrayBuffer>;
  /** Functions that the module imports: they come first in the index space. */
  readonly importedFunctions: number;
  /** Bytes of a probe. */
  readonly probeBytes: number;
}

/** A place in a module's file. */
export interface CodePlace {
  /** Index of the function that it is in. */
  readonly functionIndex: number;
  /** As the name section has it, or else an export; cut to 200 bytes, not escaped. */
  readonly name?: string;
  /** Of the instruction, in bytes from the beginning of the file. */
  readonly offset: number;
}

/** Functions between two marks. */
const STRIDE = 64;
const MARK_WORDS = 3;
/** Longest part of a name that is kept, in bytes. */
const MAX_NAME_BYTES = 200;
/** Most bytes of all names that are kept; the largest of real modules have some 2 MB. Functions after that have none. */
const MAX_NAMES_BYTES = 4 * 1024 * 1024;

/** Writes a {@linkcode CodeMap} while code is rewritten, function after function. */
export class CodeMapWriter {
  readonly #records: Writer;
  readonly #marks: number[] = [];
  readonly #importedFunctions: number;
  readonly #probeBytes: number;
  readonly #names: FunctionNames | undefined;
  readonly #exported: ReadonlyMap<number, string>;
  readonly #insertions = new Writer(64);
  #namesBytes = 0;
  #count = 0;
  /** Ends of the body before, in the file and in the rewritten code, which begins at 0 with its first body's size. */
  #end = 0;
  #newEnd = 0;

  /** For the functions that a module defines. */
  constructor(declarations: Declarations, probeBytes: number) {
    const { importedFunctions, functions, bytes, exportEntries } = declarations;
    const names = declarations.customSection("name");
    this.#records = new Writer(8 * (functions.length - importedFunctions) + 64);
    this.#importedFunctions = importedFunctions;
    this.#probeBytes = probeBytes;
    this.#names = names && new FunctionNames(bytes, names);
    this.#exported = new Map(
      exportEntries.filter(({ kind }) => kind === ExternKind.function).map(({ index, name }) => [index, name]),
    );
  }

  /** Takes the next function: `[start, end)` is its body in the file, `newSize` the rewritten body's size. */
  add(start: number, end: number, newSize: number, insertions: Insertions): void {
    const records = this.#records;
    if (this.#count % STRIDE === 0) this.#marks.push(records.length, this.#end, this.#newEnd);
    const name = this.#nameOf(this.#importedFunctions + this.#count);
    this.#insertions.clear();
    insertions.describe(this.#insertions, start);
    records.u32(start - this.#end);
    records.u32(end - start);
    records.u32(newSize);
    records.u32(name.length);
    records.copy(name);
    records.u32(this.#insertions.length);
    records.copy(this.#insertions.finish());
    this.#newEnd += lebBytes(newSize) + newSize;
    this.#end = end;
    this.#count++;
  }

  /** @param codeAt Where the first body's size stands in the rewritten module. */
  finish(codeAt: number): CodeMap {
    const marks = new Uint32Array(new SharedArrayBuffer(this.#marks.length * Uint32Array.BYTES_PER_ELEMENT));
    marks.set(this.#marks.map((word, index) => index % MARK_WORDS === 2 ? word + codeAt : word));
    const records = new Uint8Array(new SharedArrayBuffer(this.#records.length));
    records.set(this.#records.finish());
    return { records, marks, importedFunctions: this.#importedFunctions, probeBytes: this.#probeBytes };
  }

  #nameOf(index: number): Uint8Array {
    const name = this.#names?.of(index) ?? encoder.encode(this.#exported.get(index) ?? "");
    const kept = name.subarray(0, MAX_NAME_BYTES);
    if (this.#namesBytes + kept.length > MAX_NAMES_BYTES) return NO_NAME;
    this.#namesBytes += kept.length;
    return kept;
  }
}

/**
 * Where in the file the instruction is that stands at `offset` in the rewritten module; for what the rewrite put in, the
 * instruction that it was put in for. Undefined for code that is the rewrite's own.
 */
export function placeOf(map: CodeMap, offset: number): CodePlace | undefined {
  const { records, marks } = map;
  let mark = lastMarkBefore(marks, offset);
  if (mark < 0) return undefined;
  let index = map.importedFunctions + mark * STRIDE;
  mark *= MARK_WORDS;
  const reader = new Reader(records, "code map", marks[mark]);
  let end = marks[mark + 1] ?? 0;
  let newEnd = marks[mark + 2] ?? 0;
  for (; reader.remaining > 0; index++) {
    const start = end + reader.u32();
    end = start + reader.u32();
    const newSize = reader.u32();
    const newStart = newEnd + lebBytes(newSize);
    newEnd = newStart + newSize;
    const name = bytesOf(reader);
    const insertions = bytesOf(reader);
    if (offset < newStart) return undefined;
    if (offset >= newEnd) continue;
    const place = originalPlace(new Reader(insertions, "code map"), offset - newStart, map.probeBytes);
    // A copy, because the records are shared memory.
    const shown = name.length === 0 ? undefined : decoder.decode(name.slice());
    return { functionIndex: index, name: shown, offset: start + place };
  }
  return undefined;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const NO_NAME = new Uint8Array();

/** Number of the last mark whose code begins at or before `offset`; -1 if there is none. */
function lastMarkBefore(marks: Uint32Array, offset: number): number {
  let low = 0;
  for (let high = marks.length / MARK_WORDS; low < high;) {
    const middle = (low + high) >>> 1;
    if ((marks[middle * MARK_WORDS + 2] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function bytesOf(reader: Reader): Uint8Array {
  const length = reader.u32();
  reader.skip(length);
  return reader.bytes.subarray(reader.pos - length, reader.pos);
}

function lebBytes(value: number): number {
  let size = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) size++;
  return size;
}
