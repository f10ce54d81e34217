/**
 * One pass over a function body: where probes are due, what may be replaced, what it costs to compile.
 *
 * @module
 */

import type { BulkHelpers } from "./bulk_helpers.ts";
import { Insertions } from "./insertions.ts";
import { readBlockType, readOpcode, skipImmediates } from "./instructions.ts";
import { ALLOCATES, CALLS, Immediate, IMMEDIATE_MASK, LONG_RUNNING, nodes, stackEffect } from "./opcodes.ts";
import { Reader } from "./reader.ts";
import { readLocals } from "./sections/code.ts";
import { type BodyCost, type Signatures, WorkMeter } from "./work_meter.ts";

const I32_CONST = 0x41;
const I64_CONST = 0x42;
/** Longer constants are more than any piece, and would not fit what reads them. */
const MAX_CONSTANT_BYTES = 4;

/** A body without calls and loops up to this size runs without a probe: it is over sooner than a probe is worth. */
const LEAF_BYTES = 64;
/** No more code than this runs straight on without a probe, so that many calls of leaves cannot add up. */
const STRAIGHT_BYTES = 4096;
/**
 * No more conditional branches than this without a probe between them. Where short blocks test a value that an earlier
 * one has tested, V8's optimising compiler copies all of the blocks that follow for the path on which the answer is
 * known: 4,000 times `if (x) x = f()` took it 1.8 GB. A probe ends such a chain, because its answer is never known.
 */
const CHAINED_BRANCHES = 32;

const LOCAL_GET = 0x20;
const THROW = 0x08;
/** The first of the catch clauses that name no tag. */
const CATCH_ALL = 2;

/**
 * Finds where a function body needs deadline probes, in one pass and without an object per instruction.
 *
 * One scanner serves all bodies of a module: the fields describe the body that was scanned last.
 */
export class BodyScanner {
  /** What is to be put into the body. */
  readonly insertions: Insertions = new Insertions();
  /** Offset of the first instruction that allocates on the garbage-collected heap, or -1. */
  allocatesAt = -1;
  readonly #meter: WorkMeter;
  readonly #bulk: BulkHelpers | undefined;

  /** @param bulk What replaces bulk instructions; without it each gets a probe. */
  constructor(signatures: Signatures, bulk?: BulkHelpers) {
    this.#meter = new WorkMeter(signatures);
    this.#bulk = bulk;
  }

  /** What V8's compilers have to do for the body, the probes included. */
  get cost(): BodyCost {
    return this.#meter.cost();
  }

  /**
   * Scans the body in `[start, end)` of a function with so many parameters.
   *
   * @throws {ModuleError} `MODULE_UNKNOWN_OPCODE`, `MODULE_USES_THREADS`, `MODULE_MALFORMED`.
   */
  scan(bytes: Uint8Array, start: number, end: number, params = 0): void {
    const reader = new Reader(bytes, "code section", start, end);
    this.insertions.clear();
    this.allocatesAt = -1;
    this.#meter.begin(params + readLocals(reader));
    this.#scanCode(reader);
  }

  #scanCode(reader: Reader): void {
    const { bytes, end } = reader;
    const meter = this.#meter;
    const first = reader.pos;
    let lastProbe = first;
    let calls = false;
    let branches = 0;
    let previous = first;
    this.#probe(first);
    while (reader.pos < end) {
      const offset = reader.pos;
      const what = readOpcode(reader);
      const isLong = (what & LONG_RUNNING) !== 0;
      if (isConditional(what)) branches++;
      if (!isLong && (offset - lastProbe > STRAIGHT_BYTES || branches > CHAINED_BRANCHES)) {
        this.#probe(offset);
        lastProbe = offset;
        branches = 0;
      }
      if ((what & (CALLS | ALLOCATES)) !== 0) {
        if ((what & CALLS) !== 0) calls = true;
        if ((what & ALLOCATES) !== 0 && this.allocatesAt < 0) this.allocatesAt = offset;
      }
      const immediates = reader.pos;
      skipImmediates(reader, what);
      if (isLong) {
        this.#replace(reader, offset, constantAt(reader, previous, offset));
        lastProbe = offset;
        branches = 0;
      }
      previous = offset;
      meter.add(stackEffect(what), nodes(what));
      const immediate = what & IMMEDIATE_MASK;
      switch (immediate) {
        case Immediate.none:
        case Immediate.memory:
          break;
        case Immediate.leb:
          if (bytes[offset] === LOCAL_GET) meter.useLocal();
          break;
        case Immediate.setLocal:
          meter.setLocal(reader.u32At(immediates));
          break;
        case Immediate.block:
        case Immediate.tryBlock:
          meter.open(reader.s33At(immediates), false, immediate === Immediate.tryBlock);
          break;
        case Immediate.tryTable:
          this.#openTryTable(reader, immediates);
          break;
        case Immediate.loop:
          meter.open(reader.s33At(immediates), true);
          lastProbe = reader.pos;
          branches = 0;
          this.#probe(lastProbe);
          break;
        case Immediate.otherwise:
          meter.otherwise();
          break;
        case Immediate.catchTag:
          meter.catchTag(reader.u32At(immediates));
          break;
        case Immediate.end:
          meter.close();
          this.#checkEnd(reader);
          break;
        case Immediate.delegate:
          meter.delegate(reader.u32At(immediates));
          this.#checkEnd(reader);
          break;
        case Immediate.label:
          meter.branch(reader.u32At(immediates));
          break;
        case Immediate.castBranch:
          // One byte of flags stands before the label.
          meter.branch(reader.u32At(immediates + 1));
          break;
        case Immediate.brTable:
          this.#takeTable(reader, immediates);
          break;
        case Immediate.throwing:
          meter.throw(bytes[offset] === THROW ? reader.u32At(immediates) : undefined);
          break;
        case Immediate.throwRef:
          meter.throw();
          break;
        case Immediate.call:
        case Immediate.tailCall:
          meter.call(reader.u32At(immediates), immediate === Immediate.tailCall);
          break;
        case Immediate.callIndirect:
        case Immediate.callRef:
        case Immediate.tailCallIndirect:
          meter.callType(reader.u32At(immediates), immediate === Immediate.tailCallIndirect);
          break;
      }
    }
    if (meter.depth !== 0) reader.fail("every block of a body must be closed", `${meter.depth} open ones`);
    if (!calls && this.insertions.count === 1 && end - first <= LEAF_BYTES) this.insertions.clear();
  }

  /** Reading differently from V8 would let a loop hide: the nesting must close on the last byte and not before. */
  #checkEnd(reader: Reader): void {
    if (this.#meter.depth === 0 && reader.pos !== reader.end) {
      reader.fail("a body must end with its last block", "more code");
    }
  }

  #openTryTable(reader: Reader, immediates: number): void {
    const { pos } = reader;
    reader.pos = immediates;
    this.#meter.open(readBlockType(reader), false, true);
    for (let clauses = reader.u32(); clauses > 0; clauses--) {
      const tag = reader.byte() < CATCH_ALL ? reader.u32() : undefined;
      this.#meter.catchClause(reader.u32(), tag);
    }
    reader.pos = pos;
  }

  #takeTable(reader: Reader, immediates: number): void {
    const { pos } = reader;
    reader.pos = immediates;
    for (let entries = reader.u32(); entries >= 0; entries--) this.#meter.tableEntry(reader.u32());
    reader.pos = pos;
  }

  /** A probe, or a call instead of the instruction that begins at `offset` and ends where the reader is. */
  #replace(reader: Reader, offset: number, length: number): void {
    const callee = this.#bulk?.replacementOf(reader.bytes, offset, reader.pos, length) ?? -1;
    if (callee < 0) return this.#probe(offset);
    this.insertions.addCall(offset, reader.pos, callee);
    this.#meter.callHelper();
  }

  #probe(offset: number): void {
    this.insertions.addProbe(offset);
    this.#meter.probe();
  }
}

/** True for what goes one way or another. */
function isConditional(what: number): boolean {
  switch (what & IMMEDIATE_MASK) {
    case Immediate.block:
      // Of the blocks only `if` takes an operand.
      return stackEffect(what) < 0;
    case Immediate.label:
    case Immediate.castBranch:
    case Immediate.brTable:
      return true;
    default:
      return false;
  }
}

/** The value that an instruction in `[start, end)` pushes if it is a constant of at most 27 bits; otherwise -1 or less. */
function constantAt(reader: Reader, start: number, end: number): number {
  const opcode = reader.bytes[start];
  const isConstant = (opcode === I32_CONST || opcode === I64_CONST) && start < end &&
    end - start <= 1 + MAX_CONSTANT_BYTES;
  return isConstant ? reader.s33At(start + 1) : -1;
}
