/**
 * Instructions, read one at a time: the opcode, and what is to be skipped after it.
 *
 * @module
 */

import { ALLOCATES, END, FIRST_PREFIX, Immediate, IMMEDIATE_MASK, OPCODES, PREFIXED } from "./opcodes.ts";
import type { Reader } from "./reader.ts";
import { atomicOpcode, unknownOpcode } from "./unknown_opcode.ts";

/**
 * Reads one opcode and gives its entry of the tables in `opcodes.ts`; the reader then stands on its immediates.
 *
 * @throws {ModuleError} `MODULE_UNKNOWN_OPCODE`, `MODULE_USES_THREADS`, `MODULE_MALFORMED`.
 * @see https://webassembly.github.io/spec/core/binary/instructions.html#binary-instr
 */
export function readOpcode(reader: Reader): number {
  const start = reader.pos;
  const opcode = reader.byte();
  const what = OPCODES[opcode] ?? 0;
  if ((what & IMMEDIATE_MASK) === Immediate.prefix) {
    const sub = reader.u32();
    const found = PREFIXED[opcode - FIRST_PREFIX]?.[sub] ?? 0;
    if (found === 0) throw unknownOpcode(reader, start, opcode, sub);
    return found;
  }
  if ((what & IMMEDIATE_MASK) === Immediate.threads) throw atomicOpcode(reader, start);
  if (what === 0) throw unknownOpcode(reader, start, opcode);
  return what;
}

/** Moves past the immediates of an instruction, `what` being what {@linkcode readOpcode} gave for it. */
export function skipImmediates(reader: Reader, what: number): void {
  switch (what & IMMEDIATE_MASK) {
    case Immediate.none:
    case Immediate.end:
    case Immediate.otherwise:
    case Immediate.throwRef:
      return;
    case Immediate.leb:
    case Immediate.label:
    case Immediate.delegate:
    case Immediate.catchTag:
    case Immediate.call:
    case Immediate.callRef:
    case Immediate.setLocal:
    case Immediate.throwing:
    case Immediate.tailCall:
      return skipLeb(reader);
    case Immediate.twoLebs:
    case Immediate.callIndirect:
    case Immediate.tailCallIndirect:
      skipLeb(reader);
      return skipLeb(reader);
    case Immediate.block:
    case Immediate.loop:
    case Immediate.tryBlock:
      readBlockType(reader);
      return;
    case Immediate.memory:
      return skipMemoryImmediate(reader);
    case Immediate.memoryLane:
      skipMemoryImmediate(reader);
      return reader.skip(1);
    case Immediate.brTable:
      for (let targets = reader.count(1); targets >= 0; targets--) skipLeb(reader);
      return;
    case Immediate.selectTypes:
      return skipSelectTypes(reader);
    case Immediate.bytes1:
      return reader.skip(1);
    case Immediate.bytes4:
      return reader.skip(4);
    case Immediate.bytes8:
      return reader.skip(8);
    case Immediate.bytes16:
      return reader.skip(16);
    case Immediate.tryTable:
      readBlockType(reader);
      for (let clauses = reader.count(2); clauses > 0; clauses--) skipCatchClause(reader);
      return;
    case Immediate.castBranch:
      reader.skip(1);
      skipLeb(reader);
      skipLeb(reader);
      return skipLeb(reader);
  }
}

/** Moves past an LEB128 of any width; ten bytes are the most that any has. */
function skipLeb(reader: Reader): void {
  const { bytes, end } = reader;
  const limit = Math.min(end, reader.pos + 10);
  let pos = reader.pos;
  while (pos < limit && (bytes[pos] ?? 0) >= 0x80) pos++;
  if (pos >= limit) reader.fail("an integer must end within ten bytes", "a longer one");
  reader.pos = pos + 1;
}

/**
 * Reads a block type. `63` and `64` (-29 and -28) are followed by a heap type; the others are one integer.
 *
 * @see https://webassembly.github.io/spec/core/binary/instructions.html#binary-blocktype
 */
export function readBlockType(reader: Reader): number {
  const value = reader.s33();
  if (value === -29 || value === -28) skipLeb(reader);
  return value;
}

function skipMemoryImmediate(reader: Reader): void {
  if ((reader.u32() & 0x40) !== 0) skipLeb(reader);
  skipLeb(reader);
}

/** V8 keeps only the low 8 bits of this count, so a count of 257 would set reading apart: only the legal 1 passes. */
function skipSelectTypes(reader: Reader): void {
  const start = reader.pos;
  const types = reader.u32();
  if (types !== 1) reader.fail("a select must name one type", types, start);
  readBlockType(reader);
}

/** `00` and `01` name a tag and a label, `02` and `03` (catch all) only a label. */
function skipCatchClause(reader: Reader): void {
  const kind = reader.byte();
  if (kind > 3) reader.fail("a catch clause must be 0 to 3", kind, reader.pos - 1);
  if (kind < 2) skipLeb(reader);
  skipLeb(reader);
}

/**
 * Moves past a constant expression. True if it allocates on the garbage-collected heap.
 *
 * @see https://webassembly.github.io/spec/core/binary/instructions.html#binary-expr
 */
export function skipConstantExpression(reader: Reader): boolean {
  let allocates = false;
  while (reader.bytes[reader.pos] !== END || reader.remaining === 0) {
    const what = readOpcode(reader);
    if ((what & ALLOCATES) !== 0) allocates = true;
    skipImmediates(reader, what);
  }
  reader.pos++;
  return allocates;
}
