/**
 * What the rewrite puts into one body: probes, and calls in place of bulk instructions.
 *
 * @module
 */

import { doubled } from "./growable.ts";
import type { Reader } from "./reader.ts";
import type { Writer } from "./writer.ts";

const CALL = 0x10;
const PROBE = -1;

/** A list of places in a body, in ascending order. One object serves all bodies of a module, because there are many. */
export class Insertions {
  #offsets: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** For each place: the function to call there, or {@linkcode PROBE}. */
  #callees: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** For each place: where the module's own code goes on, past the instruction if a call replaces it. */
  #resumes: Int32Array<ArrayBuffer> = new Int32Array(64);
  #count = 0;

  /** How many places there are. */
  get count(): number {
    return this.#count;
  }

  /** Offsets of the places in the module; valid until the next change. */
  get offsets(): Int32Array {
    return this.#offsets.subarray(0, this.#count);
  }

  /** Forgets all places. */
  clear(): void {
    this.#count = 0;
  }

  /** Adds a probe before the instruction at `offset`. */
  addProbe(offset: number): void {
    this.#add(offset, PROBE, offset);
  }

  /** Adds a call of the function `callee` in place of the instruction in `[start, end)`. */
  addCall(start: number, end: number, callee: number): void {
    this.#add(start, callee, end);
  }

  /** How much longer than the module's own body the rewritten one is, in bytes. */
  addedBytes(probe: Uint8Array): number {
    let added = 0;
    for (let i = 0; i < this.#count; i++) {
      const callee = this.#callees[i] ?? PROBE;
      const replaced = (this.#resumes[i] ?? 0) - (this.#offsets[i] ?? 0);
      added += (callee === PROBE ? probe.length : callBytes(callee)) - replaced;
    }
    return added;
  }

  /** Writes the body in `[start, end)` of `bytes` with all that is to be put into it. */
  write(writer: Writer, bytes: Uint8Array, start: number, end: number, probe: Uint8Array): void {
    let copied = start;
    for (let i = 0; i < this.#count; i++) {
      const callee = this.#callees[i] ?? PROBE;
      writer.copy(bytes, copied, this.#offsets[i] ?? end);
      if (callee === PROBE) {
        writer.copy(probe);
      } else {
        writer.byte(CALL);
        writer.u32(callee);
      }
      copied = this.#resumes[i] ?? end;
    }
    writer.copy(bytes, copied, end);
  }

  /**
   * Writes down what {@linkcode originalPlace} reads: for each place how far it is behind the one before, times two, and one
   * more for a call, after which the bytes of the call and of what it replaces stand.
   */
  describe(writer: Writer, start: number): void {
    let behind = start;
    for (let i = 0; i < this.#count; i++) {
      const offset = this.#offsets[i] ?? 0;
      const callee = this.#callees[i] ?? PROBE;
      const resume = this.#resumes[i] ?? 0;
      writer.u32((offset - behind) * 2 + (callee === PROBE ? 0 : 1));
      if (callee !== PROBE) {
        writer.u32(callBytes(callee));
        writer.u32(resume - offset);
      }
      behind = resume;
    }
  }

  #add(offset: number, callee: number, resume: number): void {
    const at = this.#count++;
    if (at === this.#offsets.length) {
      this.#offsets = doubled(this.#offsets);
      this.#callees = doubled(this.#callees);
      this.#resumes = doubled(this.#resumes);
    }
    this.#offsets[at] = offset;
    this.#callees[at] = callee;
    this.#resumes[at] = resume;
  }
}

/**
 * What stood at `offset` of a rewritten body before it was rewritten, counted from the body's beginning; of what was put in, the
 * instruction that it was put in for.
 *
 * @param described What {@linkcode Insertions.describe} has written.
 */
export function originalPlace(described: Reader, offset: number, probeBytes: number): number {
  let from = 0;
  let at = 0;
  while (described.remaining > 0) {
    const word = described.u32();
    const isCall = (word & 1) === 1;
    const inserted = isCall ? described.u32() : probeBytes;
    const replaced = isCall ? described.u32() : 0;
    const distance = word >>> 1;
    if (offset < at + distance) break;
    from += distance;
    at += distance + inserted;
    if (offset < at) return from;
    from += replaced;
  }
  return from + offset - at;
}

/** Size of a call: the opcode and an unsigned LEB128. */
function callBytes(callee: number): number {
  let size = 2;
  for (let rest = callee >>> 7; rest > 0; rest >>>= 7) size++;
  return size;
}
