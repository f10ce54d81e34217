/**
 * The blocks around an instruction, as {@linkcode WorkMeter} knows them.
 *
 * @module
 */

import { doubled } from "./growable.ts";

/** What is known of each open block, by its depth. */
export class OpenBlocks {
  /** Height of the stack below the block's own operands. */
  bases: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** How many parameters the block has. */
  params: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** How many results the block has. */
  results: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** Branches to the block's label so far. */
  edges: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** Calls and throws that the block, being a `try`, catches from so far. */
  unwinds: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** Depth of the innermost `try` that catches what is thrown here, or -1. */
  coveredBy: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** Heavy instructions before the block. */
  heavyBefore: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** A number that rises with each block, over all bodies. */
  openedAt: Int32Array<ArrayBuffer> = new Int32Array(64);

  /** Makes room for so many blocks one in the other. */
  reserve(depth: number): void {
    if (depth <= this.bases.length) return;
    this.bases = doubled(this.bases);
    this.params = doubled(this.params);
    this.results = doubled(this.results);
    this.edges = doubled(this.edges);
    this.unwinds = doubled(this.unwinds);
    this.coveredBy = doubled(this.coveredBy);
    this.heavyBefore = doubled(this.heavyBefore);
    this.openedAt = doubled(this.openedAt);
  }
}
