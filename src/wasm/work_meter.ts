/**
 * What a function body costs V8's compilers, estimated while it is scanned.
 *
 * @module
 */

import { OpenBlocks } from "./open_blocks.ts";
import { HEAVY_NODES } from "./opcodes.ts";
import type { FunctionType, TagType } from "./types.ts";
import type { DefinedType } from "./sections/type.ts";

/** The types that the height of the operand stack depends on. */
export interface Signatures {
  readonly types: readonly DefinedType[];
  readonly functions: readonly FunctionType[];
  readonly tags: readonly TagType[];
}

/** What one function body costs V8's compilers, see `body_limits.ts` for what each number keeps from happening. */
export interface BodyCost {
  /** Parameters and declared locals. */
  readonly locals: number;
  /** Locals and operands on the stack, summed over blocks, branches, inserted probes and, for a part, calls. */
  readonly work: number;
  /** Estimated memory of the optimising compiler, in units of 256 bytes. */
  readonly nodes: number;
  /** Values that blocks and loops may have to merge: for each, the locals set in it, its parameters and results. */
  readonly merges: number;
  /** Most edges that lead to one label. */
  readonly edges: number;
  /** Most calls and throws that one `try` may catch from. */
  readonly unwinds: number;
  readonly loops: number;
  /** Uses of locals after calls: the calls before each of them, summed. */
  readonly crossings: number;
}

const VOID = -64;
/** Of what a branch costs for each local and operand, what a call does: 0.3 to 0.8 ns against 14 to 20. */
const CALL_SHARE = 1 / 16;
/** Nodes for each function, for each local, and for each value that a block merges, a call passes, an exception carries. */
const FUNCTION_NODES = 40;
const LOCAL_NODES = 1 / 4;
const MERGE_NODES = 2;
const PASSED_NODES = 2;
const CARRIED_NODES = 14;
/** An entry of a br_table, and the edge of a call to the `try` around it. */
const TABLE_ENTRY_NODES = 8;
const UNWIND_NODES = 16;
/** A load, a branch and a trap. */
const PROBE_NODES = 14;
/** For each heavy instruction in a block and each edge to its end, of which more than so many cost nothing more. */
const HEAVY_EDGE_NODES = 0.22;
const MAX_HEAVY_EDGES = 2048;
/** For each two heavy instructions of a body: 20,000 `table.get` take 2.3 s, three times what 5,000 let expect. */
const HEAVY_PAIR_NODES = 0.008;
/** For each two branches, blocks and probes of a body: 60,000 branches take 5 s, where 30,000 take 1.8. */
const JOINT_PAIR_NODES = 0.0008;
/** Merges are counted up to here, far above any limit, because counting takes time too. */
const MERGES_STOP = 2 ** 24;
/** V8's own limit is 50,000; only what V8 does not take has a higher index. */
const MAX_LOCAL_INDEX = 50_000;

/**
 * Estimates what V8's compilers have to do for one body.
 *
 * The baseline compiler goes through all locals and all operands on the stack at every branch and every joint. The
 * optimising compiler makes nodes, merges the locals that differ at a joint, and keeps the edges to one label in 16
 * bits: one more than that ends the process.
 *
 * The height is exact or too high in code that can be reached, and begins anew with each part of a block.
 */
export class WorkMeter {
  readonly #signatures: Signatures;
  readonly #blocks: OpenBlocks = new OpenBlocks();
  readonly #setAt = new Int32Array(MAX_LOCAL_INDEX);
  #clock = 0;
  #depth = 0;
  #height = 0;
  #heavy = 0;
  #joints = 0;
  #locals = 0;
  #work = 0;
  #nodes = 0;
  #merges = 0;
  #edges = 0;
  #unwinds = 0;
  #loops = 0;
  #calls = 0;
  #crossings = 0;

  constructor(signatures: Signatures) {
    this.#signatures = signatures;
  }

  /** How many blocks are open, the body itself included. */
  get depth(): number {
    return this.#depth;
  }

  /** What the body costs so far. */
  cost(): BodyCost {
    return {
      locals: this.#locals,
      work: this.#work,
      nodes: this.#nodes,
      merges: this.#merges,
      edges: this.#edges,
      unwinds: this.#unwinds,
      loops: this.#loops,
      crossings: this.#crossings,
    };
  }

  /** Begins a body with so many parameters and locals. */
  begin(locals: number): void {
    this.#locals = locals;
    this.#height = 0;
    this.#depth = 0;
    this.#heavy = 0;
    this.#joints = 0;
    this.#work = locals;
    this.#nodes = FUNCTION_NODES + locals * LOCAL_NODES;
    this.#merges = 0;
    this.#edges = 0;
    this.#unwinds = 0;
    this.#loops = 0;
    this.#calls = 0;
    this.#crossings = 0;
    this.#open(0, 0, false);
  }

  /** Takes an instruction of so many nodes that raises the stack by `effect`. */
  add(effect: number, nodes: number): void {
    this.#nodes += nodes;
    if (nodes >= HEAVY_NODES) this.#nodes += HEAVY_PAIR_NODES * this.#heavy++;
    this.#raise(effect);
  }

  /** Takes an inserted probe, which is a branch. */
  probe(): void {
    this.#join();
    this.#nodes += PROBE_NODES;
  }

  /** Takes an inserted call, whose operands are those of the instruction that it replaces. */
  callHelper(): void {
    this.#walk(CALL_SHARE);
    this.#calls++;
    this.#unwind(0);
  }

  /** Takes a branch to a label, counted from the innermost block. */
  branch(label: number): void {
    this.#join();
    this.#edge(label);
  }

  /** Takes one entry of a `br_table`. */
  tableEntry(label: number): void {
    this.#nodes += TABLE_ENTRY_NODES;
    this.branch(label);
  }

  /** Takes a value given to a local: each block around that it was not set in before may have to merge it. */
  setLocal(index: number): void {
    const before = this.#setAt[index];
    if (before === undefined || this.#merges > MERGES_STOP) return;
    const { openedAt } = this.#blocks;
    for (let at = this.#depth - 1; at > 0 && (openedAt[at] ?? 0) > before; at--) this.#merge(1);
    this.#setAt[index] = this.#clock;
  }

  /**
   * Takes a use of a local. What each local holds is not followed: a copy of a value, and a value computed again, are one value to the
   * optimising compiler.
   */
  useLocal(): void {
    this.#crossings += this.#calls;
  }

  /** Opens a block of this type: an s33 as the binary format has it. */
  open(blockType: number, isLoop = false, isTry = false): void {
    this.#join();
    if (isLoop) this.#loops++;
    const type = blockType >= 0 ? this.#signatures.types[blockType] : undefined;
    if (type?.kind === "function") this.#open(type.params.length, type.results.length, isTry);
    else this.#open(0, blockType === VOID ? 0 : 1, isTry);
  }

  /** Begins the `else` part of an `if`, or a `catch_all`, which has none of the parameters; more is no harm. */
  otherwise(): void {
    const at = this.#depth - 1;
    this.#height = (this.#blocks.bases[at] ?? 0) + (this.#blocks.params[at] ?? 0);
    this.#join();
    this.#endTry();
  }

  /** Begins the `catch` part of a `try`. */
  catchTag(tag: number): void {
    this.#height = this.#blocks.bases[this.#depth - 1] ?? 0;
    this.#carry(tag, 1);
    this.#join();
    this.#endTry();
  }

  /** Takes a catch clause of a `try_table`, the label counted from the block around it. */
  catchClause(label: number, tag: number | undefined): void {
    if (tag !== undefined) this.#nodes += (this.#signatures.tags[tag]?.params.length ?? 0) * CARRIED_NODES;
    this.#nodes += UNWIND_NODES;
    this.branch(label + 1);
  }

  /** Closes the innermost block; what it does not catch goes on to the `try` around it. */
  close(): void {
    this.#endTry();
    this.#depth--;
    this.#crossing(this.#blocks.edges[this.#depth] ?? 0, this.#depth);
    this.#height = (this.#blocks.bases[this.#depth] ?? 0) + (this.#blocks.results[this.#depth] ?? 0);
  }

  /** Closes a `try` whose exceptions go to the block at this label, counted from the one around it. */
  delegate(label: number): void {
    this.close();
    this.#unwind(label);
  }

  /** Takes a throw of this tag; undefined for an exception that was caught before. */
  throw(tag?: number): void {
    if (tag !== undefined) this.#carry(tag, -1);
    this.#unwind(0);
  }

  /** Takes a call of this function; `isTail` if it takes the place of a return. */
  call(functionIndex: number, isTail = false): void {
    this.#call(this.#signatures.functions[functionIndex], isTail);
  }

  /** Takes a call of a function of this type. */
  callType(typeIndex: number, isTail = false): void {
    const type = this.#signatures.types[typeIndex];
    this.#call(type?.kind === "function" ? type : undefined, isTail);
  }

  #call(type: FunctionType | undefined, isTail: boolean): void {
    this.#walk(CALL_SHARE);
    if (!isTail) {
      this.#calls++;
      this.#unwind(0);
    }
    if (type === undefined) return;
    const { params, results } = type;
    this.#nodes += (params.length + results.length) * PASSED_NODES;
    // As if each value were a sixteenth of a branch: 1,000 of them take the baseline compiler some microseconds.
    this.#work += params.length + results.length;
    if (!isTail) this.#raise(results.length - params.length);
  }

  #raise(effect: number): void {
    this.#height += effect;
    const base = this.#blocks.bases[this.#depth - 1] ?? 0;
    if (this.#height < base) this.#height = base;
  }

  /** Takes a place where control flow parts or meets. */
  #join(): void {
    this.#nodes += JOINT_PAIR_NODES * this.#joints++;
    this.#walk(1);
  }

  #walk(share: number): void {
    this.#work += share * (this.#locals + this.#height);
  }

  #carry(tag: number, sign: 1 | -1): void {
    const values = this.#signatures.tags[tag]?.params.length ?? 0;
    this.#nodes += values * CARRIED_NODES;
    this.#raise(sign * values);
  }

  /** Takes so many edges that carry what the heavy instructions in the block at `at` have left. */
  #crossing(edges: number, at: number): void {
    const heavy = this.#heavy - (this.#blocks.heavyBefore[at] ?? 0);
    if (edges > 2) this.#nodes += Math.min(edges, MAX_HEAVY_EDGES) * heavy * HEAVY_EDGE_NODES;
  }

  #merge(values: number): void {
    this.#merges += values;
    this.#nodes += values * MERGE_NODES;
  }

  #edge(label: number): void {
    const at = this.#depth - 1 - label;
    const count = (this.#blocks.edges[at] ?? 0) + 1;
    this.#blocks.edges[at] = count;
    if (count > this.#edges) this.#edges = count;
  }

  /** An edge to the `try` around the block at `label`, if there is one. */
  #unwind(label: number): void {
    const at = this.#blocks.coveredBy[this.#depth - 1 - label] ?? -1;
    if (at < 0) return;
    const count = (this.#blocks.unwinds[at] ?? 0) + 1;
    this.#blocks.unwinds[at] = count;
    this.#nodes += UNWIND_NODES;
    if (count > this.#unwinds) this.#unwinds = count;
  }

  /** Ends the part of a `try` whose exceptions it catches. */
  #endTry(): void {
    const at = this.#depth - 1;
    const { coveredBy } = this.#blocks;
    if (coveredBy[at] !== at) return;
    coveredBy[at] = coveredBy[at - 1] ?? -1;
    this.#crossing(this.#blocks.unwinds[at] ?? 0, at);
    this.#unwind(0);
  }

  #open(params: number, results: number, isTry: boolean): void {
    const at = this.#depth++;
    const blocks = this.#blocks;
    blocks.reserve(this.#depth);
    blocks.bases[at] = Math.max(0, this.#height - params);
    blocks.params[at] = params;
    blocks.results[at] = results;
    blocks.edges[at] = 0;
    blocks.unwinds[at] = 0;
    blocks.heavyBefore[at] = this.#heavy;
    blocks.coveredBy[at] = isTry ? at : at > 0 ? blocks.coveredBy[at - 1] ?? -1 : -1;
    blocks.openedAt[at] = ++this.#clock;
    this.#merge(params + results);
  }
}
