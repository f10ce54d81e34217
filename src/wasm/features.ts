/**
 * Which parts of WebAssembly beyond its first version a module uses.
 *
 * @module
 */

import { ModuleError } from "../errors.ts";
import { Declarations } from "./declarations.ts";
import { readOpcode, skipImmediates } from "./instructions.ts";
import { FIRST_PREFIX, Immediate, IMMEDIATE_MASK } from "./opcodes.ts";
import { Reader } from "./reader.ts";
import { readCodeSection, readLocals } from "./sections/code.ts";
import { SectionId, sectionReader } from "./sections/list.ts";

type Row = readonly [from: number, to: number, feature: string];

/** Opcodes of one byte; none else belongs to a feature. */
const SINGLE: readonly Row[] = [
  [0x06, 0x07, "legacy exceptions"],
  [0x08, 0x08, "exceptions"],
  [0x09, 0x09, "legacy exceptions"],
  [0x0a, 0x0a, "exceptions"],
  [0x12, 0x13, "tail calls"],
  [0x14, 0x14, "typed function references"],
  [0x15, 0x15, "tail calls"],
  [0x18, 0x19, "legacy exceptions"],
  [0x1c, 0x1c, "reference types"],
  [0x1f, 0x1f, "exceptions"],
  [0x25, 0x26, "reference types"],
  [0xc0, 0xc4, "sign extension"],
  [0xd0, 0xd2, "reference types"],
  [0xd3, 0xd3, "garbage collection"],
  [0xd4, 0xd6, "typed function references"],
];

/** Opcodes behind each prefix, from {@linkcode FIRST_PREFIX} on. */
const PREFIXED: readonly (readonly Row[])[] = [
  [[0, Infinity, "garbage collection"]],
  [[0, 7, "saturating conversions"], [8, 14, "bulk memory"], [15, 17, "reference types"]],
  [[0, 0xff, "SIMD"], [0x100, Infinity, "relaxed SIMD"]],
];

/** Feature of each one-byte opcode, because a table walk is what an instruction has time for. */
const FEATURES: readonly (string | undefined)[] = Array.from({ length: 256 }, (_, opcode) => find(SINGLE, opcode));

/**
 * Features that a module's declarations and code use, in alphabetical order. Of code that this program cannot read, up to there.
 *
 * @throws {ModuleError} as {@linkcode Declarations} does.
 */
export function featuresOf(bytes: Uint8Array<ArrayBuffer>): readonly string[] {
  const declarations = new Declarations(bytes);
  const found = new Set<string>(declared(declarations));
  const section = declarations.section(SectionId.code);
  if (section !== undefined) {
    try {
      readCodeSection(sectionReader(bytes, section), (start, end) => addFeatures(found, bytes, start, end));
    } catch (error) {
      if (!(error instanceof ModuleError)) throw error;
      if (error.code === "MODULE_USES_THREADS") found.add("threads");
    }
  }
  return [...found].sort();
}

function* declared(
  { memories, tables, tags, imports, exports, functions }: Declarations,
): Generator<string> {
  if (memories.length > 1) yield "several memories";
  if (memories.some(({ index64 }) => index64) || tables.some(({ index64 }) => index64)) yield "64-bit memory";
  if (memories.some(({ shared }) => shared)) yield "threads";
  if (tables.length > 1) yield "reference types";
  if (tags.length > 0) yield "exceptions";
  if (functions.some(({ results }) => results.length > 1)) yield "several results";
  const globals = [...imports, ...exports].map(({ type }) => type);
  if (globals.some((type) => type.kind === "global" && type.mutable)) yield "mutable globals across the border";
}

function addFeatures(found: Set<string>, bytes: Uint8Array, start: number, end: number): void {
  const reader = new Reader(bytes, "code section", start, end);
  readLocals(reader);
  while (reader.pos < end) {
    const at = reader.pos;
    const opcode = bytes[at] ?? 0;
    const what = readOpcode(reader);
    const feature = opcode < FIRST_PREFIX
      ? FEATURES[opcode]
      : find(PREFIXED[opcode - FIRST_PREFIX], reader.u32At(at + 1));
    if (feature !== undefined) found.add(feature);
    if (isBlock(what) && reader.s33At(reader.pos) >= 0) found.add("several results");
    skipImmediates(reader, what);
  }
}

/** A block whose type may be the index of one with parameters. */
function isBlock(what: number): boolean {
  const immediate = what & IMMEDIATE_MASK;
  return immediate === Immediate.block || immediate === Immediate.loop;
}

function find(rows: readonly Row[] | undefined, opcode: number): string | undefined {
  return rows?.find(([from, to]) => opcode >= from && opcode <= to)?.[2];
}
