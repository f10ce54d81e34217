import { doubled } from "./growable.ts";
import type { FunctionType, TagType } from "./types.ts";
import type { DefinedType } from "./type_section.ts";

/** The types that the height of the operand stack depends on. */
export interface Signatures {
  readonly types: readonly DefinedType[];
  readonly functions: readonly FunctionType[];
  readonly tags: readonly TagType[];
}

const VOID = -64;

/**
 * Estimates what V8's compiler has to do for one body: at every branch and every joint it goes through all locals and
 * all operands on the stack, 10 to 20 ns each, so a few kilobytes of code can cost it many seconds.
 *
 * The height is exact or too high in code that can be reached, and begins anew with each part of a block.
 */
export class WorkMeter {
  readonly #signatures: Signatures;
  #bases = new Int32Array(64);
  #params = new Int32Array(64);
  #results = new Int32Array(64);
  #depth = 0;
  #height = 0;
  #locals = 0;
  /** Sum over branches and blocks of locals and operands at that point. */
  work = 0;

  constructor(signatures: Signatures) {
    this.#signatures = signatures;
  }

  /** How many blocks are open, the body itself included. */
  get depth(): number {
    return this.#depth;
  }

  /** Begins a body with so many parameters and locals. */
  begin(locals: number): void {
    this.#locals = locals;
    this.#height = 0;
    this.#depth = 0;
    this.work = 0;
    this.#open(0, 0);
  }

  /** Takes an instruction that raises the stack by `effect`. */
  add(effect: number): void {
    this.#height += effect;
    const base = this.#bases[this.#depth - 1] ?? 0;
    if (this.#height < base) this.#height = base;
  }

  /** Takes `times` branches. */
  branch(times = 1): void {
    this.work += times * (this.#locals + this.#height);
  }

  /** Opens a block of this type: an s33 as the binary format has it. */
  open(blockType: number): void {
    this.branch();
    const type = blockType >= 0 ? this.#signatures.types[blockType] : undefined;
    if (type?.kind === "function") this.#open(type.params.length, type.results.length);
    else this.#open(0, blockType === VOID ? 0 : 1);
  }

  /** Begins the `else` part of an `if`, or a `catch_all`, which has none of the parameters; more is no harm. */
  otherwise(): void {
    this.#height = (this.#bases[this.#depth - 1] ?? 0) + (this.#params[this.#depth - 1] ?? 0);
    this.branch();
  }

  catchTag(tag: number): void {
    this.#height = (this.#bases[this.#depth - 1] ?? 0) + (this.#signatures.tags[tag]?.params.length ?? 0);
    this.branch();
  }

  /** Closes the innermost block. */
  close(): void {
    this.#depth--;
    this.#height = (this.#bases[this.#depth] ?? 0) + (this.#results[this.#depth] ?? 0);
  }

  call(functionIndex: number): void {
    const type = this.#signatures.functions[functionIndex];
    if (type) this.add(type.results.length - type.params.length);
  }

  callType(typeIndex: number): void {
    const type = this.#signatures.types[typeIndex];
    if (type?.kind === "function") this.add(type.results.length - type.params.length);
  }

  #open(params: number, results: number): void {
    const at = this.#depth++;
    if (at === this.#bases.length) {
      this.#bases = doubled(this.#bases);
      this.#params = doubled(this.#params);
      this.#results = doubled(this.#results);
    }
    this.#bases[at] = Math.max(0, this.#height - params);
    this.#params[at] = params;
    this.#results[at] = results;
  }
}
