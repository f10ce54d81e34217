/**
 * The functions that the rewrite appends to do bulk instructions in pieces.
 *
 * @module
 */

import { encodeBulkBodies } from "./bulk_body.ts";
import type { BulkTargets, Pieces } from "./bulk_operation.ts";
import { readBulkOperation } from "./bulk_reader.ts";
import { ModuleFault } from "./fault.ts";
import type { Declarations } from "./declarations.ts";
import type { Limits, ValueType } from "./types.ts";
import { writeValueType } from "./value_type.ts";
import { Writer } from "./writer.ts";

/**
 * Most instructions of a module that differ in opcode or immediates and need functions. Real modules have five at most;
 * the functions of one are 150 bytes of code that V8 compiles.
 */
const MAX_OPERATIONS = 1000;

/** One function that is appended. */
export interface BulkHelper {
  /** Index in {@linkcode BulkHelpers.types}. */
  readonly type: number;
  /** Locals, code and end. */
  readonly body: Uint8Array;
}

/**
 * The functions that do a module's bulk instructions in pieces, for each instruction with its own immediates; the code calls
 * them in place of the instruction.
 *
 * A length that is written into the code and no more than a piece needs none: V8 has shorter code for such.
 */
export class BulkHelpers implements BulkTargets {
  /** Function types as the type section has them, without the leading `60`: each once. */
  readonly types: Uint8Array[] = [];
  readonly helpers: BulkHelper[] = [];
  readonly declarations: Declarations;
  readonly tables: readonly Limits[];
  readonly pieces: Pieces;
  readonly #probe: Uint8Array;
  readonly #known = new Map<string, { readonly piece: number; readonly callee: number }>();
  readonly #typeIndices = new Map<string, number>();
  #operations = 0;
  #elementCounts: readonly number[] | undefined;

  /** @param tables The module's own, as they will be. */
  constructor(declarations: Declarations, tables: readonly Limits[], probe: Uint8Array, pieces: Pieces) {
    this.declarations = declarations;
    this.tables = tables;
    this.pieces = pieces;
    this.#probe = probe;
  }

  get dataSizes(): readonly number[] {
    return this.declarations.dataSizes;
  }

  get elementCounts(): readonly number[] {
    return this.#elementCounts ??= this.declarations.elementSegments.map(({ entries }) => entries);
  }

  /**
   * Index of the function to call in place of the instruction in `[start, end)`, or -1 if it may stay, after a probe.
   *
   * @param length Its last operand, if the instruction before it is a constant; or -1.
   * @throws {ModuleError} `MODULE_TOO_LARGE` for more than 1,000 different instructions.
   */
  replacementOf(bytes: Uint8Array, start: number, end: number, length: number): number {
    const key = bytes.subarray(start, end).join();
    let known = this.#known.get(key);
    if (known === undefined) {
      known = this.#add(bytes, start, end);
      this.#known.set(key, known);
    }
    const { piece, callee } = known;
    return length >= 0 && length <= piece ? -1 : callee;
  }

  /** The functions of an instruction that was not met before; the trap function comes first of what is appended. */
  #add(bytes: Uint8Array, start: number, end: number): { piece: number; callee: number } {
    const operation = readBulkOperation(this, bytes, start, end);
    if (operation === undefined) return { piece: 0, callee: -1 };
    if (++this.#operations > MAX_OPERATIONS) {
      throw new ModuleFault(
        "MODULE_TOO_LARGE",
        `it must have at most ${MAX_OPERATIONS} different bulk instructions on large memories, tables, segments and arrays`,
        "more",
      );
    }
    const callee = this.declarations.functions.length + 1 + this.helpers.length;
    const type = this.#typeOf(operation.params, operation.results);
    for (const body of encodeBulkBodies(operation, bytes.subarray(start, end), this.#probe, callee)) {
      this.helpers.push({ type, body });
    }
    return { piece: operation.piece, callee };
  }

  #typeOf(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${params} -> ${results}`;
    let index = this.#typeIndices.get(key);
    if (index === undefined) {
      index = this.types.length;
      const writer = new Writer(16);
      for (const types of [params, results]) {
        writer.u32(types.length);
        for (const type of types) writeValueType(writer, type);
      }
      this.types.push(writer.finish());
      this.#typeIndices.set(key, index);
    }
    return index;
  }
}
