/**
 * The words that functions for bulk instructions are written in.
 *
 * @module
 */

import type { BulkOperation, Range } from "./bulk_operation.ts";
import type { ValueType } from "./types.ts";
import { Writer } from "./writer.ts";

/** Opcodes that occur in these functions. */
export const op = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  select: 0x1b,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
  return: 0x0f,
  call: 0x10,
  memorySize: [0x3f],
  tableSize: [0xfc, 0x10],
  arrayLen: [0xfb, 0x0f],
  wrap: 0xa7,
  extend: 0xad,
  i32: { const: 0x41, eqz: 0x45, eq: 0x46, gtU: 0x4b, add: 0x6a, sub: 0x6b },
  i64: {
    const: 0x42,
    eqz: 0x50,
    eq: 0x51,
    gtU: 0x56,
    add: 0x7c,
    sub: 0x7d,
    mul: 0x7e,
    shl: 0x86,
    shrU: 0x88,
  },
} as const;
/** Block types: no result, or one. */
export const VOID = 0x40;
export const I32 = 0x7f;
export const I64 = 0x7e;
/** Locals beside the operands: one i64. */
export const ONE_LOCAL = [1, 1, I64];
/** The immediate of a constant -1. */
export const MINUS_ONE = 0x7f;
/** A memory page is 2^16 bytes. */
const PAGE_BITS = 16;

/** The body of one function, written from its first byte to its last. */
export class BulkCode {
  readonly #code = new Writer(160);
  /** What the instruction does. */
  protected readonly operation: BulkOperation;
  readonly #instruction: Uint8Array;
  readonly #probe: Uint8Array;
  /** Operand that is the length, and its type. */
  protected readonly length: number;
  protected readonly lengthType: "i32" | "i64";
  /** A local of type i64 beside the operands. */
  protected readonly size: number;

  constructor(operation: BulkOperation, instruction: Uint8Array, probe: Uint8Array) {
    this.operation = operation;
    this.#instruction = instruction;
    this.#probe = probe;
    this.length = operation.params.length - 1;
    this.lengthType = operation.params[this.length] === "i64" ? "i64" : "i32";
    this.size = operation.params.length;
  }

  /** Writes bytes as they are. */
  protected bytes(...bytes: number[]): void {
    for (const byte of bytes) this.#code.byte(byte);
  }

  /** Pushes a local; operands are the first of them. */
  protected get(local: number): void {
    this.bytes(op.get, local);
  }

  /** Pushes a constant of 0 to 2^53. */
  protected constant(type: "i32" | "i64", value: number): void {
    this.bytes(op[type].const);
    this.#code.positive(value);
  }

  /** The type of this operand, if it is a number. */
  protected typeOf(operand: number): "i32" | "i64" {
    return this.operation.params[operand] === "i64" ? "i64" : "i32";
  }

  /** Pushes an operand as i64. */
  protected wide(operand: number): void {
    this.get(operand);
    this.widen(this.typeOf(operand));
  }

  /** Makes what was pushed an i64. */
  protected widen(type: ValueType): void {
    if (type === "i32") this.bytes(op.extend);
  }

  /** Pushes how many elements there are, as i64. */
  protected pushSize({ of, index, operand }: Range): void {
    if (of === "array") {
      this.get(index);
      this.bytes(...op.arrayLen, op.extend);
      return;
    }
    this.bytes(...(of === "memory" ? op.memorySize : op.tableSize));
    this.#code.u32(index);
    this.widen(this.typeOf(operand));
    if (of === "memory") {
      this.constant("i64", PAGE_BITS);
      this.bytes(op.i64.shl);
    }
  }

  /** Takes a piece off the length. */
  protected shorten(): void {
    this.get(this.length);
    this.constant(this.lengthType, this.operation.piece);
    this.bytes(op[this.lengthType].sub, op.set, this.length);
  }

  /** Adds the length to what was pushed for this operand. */
  protected addLength(operand: number): void {
    const type = this.typeOf(operand);
    this.get(this.length);
    if (type === "i64" && this.lengthType === "i32") this.bytes(op.extend);
    this.bytes(op[type].add);
  }

  /** Writes the probe. */
  protected probe(): void {
    this.#code.copy(this.#probe);
  }

  /** Writes the instruction itself, whose operands have been pushed. */
  protected instruct(): void {
    this.#code.copy(this.#instruction);
  }

  /** Writes a call of another function. */
  protected call(index: number): void {
    this.bytes(op.call);
    this.#code.u32(index);
  }

  /** Ends the body and returns it. */
  protected finish(): Uint8Array {
    this.bytes(op.end);
    return this.#code.finish();
  }
}
