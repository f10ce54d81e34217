import type { BulkHelpers } from "./bulk_helpers.ts";
import { doubled } from "./growable.ts";
import { readOpcode, skipImmediates } from "./instructions.ts";
import { ALLOCATES, CALLS, Immediate, IMMEDIATE_MASK, LONG_RUNNING, stackEffect } from "./opcodes.ts";
import { Reader } from "./reader.ts";
import { readValueType } from "./value_type.ts";
import { type Signatures, WorkMeter } from "./work_meter.ts";

const I32_CONST = 0x41;
const I64_CONST = 0x42;
/** Longer constants are more than any piece, and would not fit what reads them. */
const MAX_CONSTANT_BYTES = 4;

/** A body without calls and loops up to this size runs without a check: it is over sooner than a check is worth. */
const LEAF_BYTES = 64;
/** No more code than this runs straight on without a check, so that many calls of leaves cannot add up. */
const STRAIGHT_BYTES = 4096;

/**
 * Finds where a function body needs deadline checks, in one pass and without an object per instruction.
 *
 * One scanner serves all bodies of a module: the fields describe the body that was scanned last.
 */
export class BodyScanner {
  /** Offsets in the module at which a check is due, ascending; only the first {@linkcode checkCount} count. */
  checks: Int32Array<ArrayBuffer> = new Int32Array(64);
  checkCount = 0;
  /** For each of {@linkcode checks}: the function to call instead of the instruction there, or -1 for a check before it. */
  calls: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** For each of {@linkcode checks}: where the module's own code goes on, past the instruction if a call replaces it. */
  resumes: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** How many locals the body declares, parameters not included. */
  localCount = 0;
  /** Offset of the first instruction that allocates on the garbage-collected heap, or -1. */
  allocatesAt = -1;
  readonly #meter: WorkMeter;
  readonly #bulk: BulkHelpers | undefined;

  /** @param bulk What replaces bulk instructions; without it each gets a check. */
  constructor(signatures: Signatures, bulk?: BulkHelpers) {
    this.#meter = new WorkMeter(signatures);
    this.#bulk = bulk;
  }

  /** What V8's compiler has to do for the body, see {@linkcode WorkMeter}. */
  get work(): number {
    return this.#meter.work;
  }

  /**
   * Scans the body in `[start, end)` of a function with so many parameters.
   *
   * @throws {ModuleError} `MODULE_UNKNOWN_OPCODE`, `MODULE_USES_THREADS`, `MODULE_MALFORMED`.
   */
  scan(bytes: Uint8Array, start: number, end: number, params = 0): void {
    const reader = new Reader(bytes, "code section", start, end);
    this.checkCount = 0;
    this.allocatesAt = -1;
    this.localCount = readLocals(reader);
    this.#meter.begin(params + this.localCount);
    this.#scanCode(reader);
  }

  #scanCode(reader: Reader): void {
    const { end } = reader;
    const meter = this.#meter;
    const first = reader.pos;
    let lastCheck = first;
    let calls = false;
    let previous = first;
    this.#check(first);
    while (reader.pos < end) {
      const offset = reader.pos;
      const what = readOpcode(reader);
      const isLong = (what & LONG_RUNNING) !== 0;
      if (!isLong && offset - lastCheck > STRAIGHT_BYTES) {
        this.#check(offset);
        lastCheck = offset;
      }
      if ((what & (CALLS | ALLOCATES)) !== 0) {
        if ((what & CALLS) !== 0) calls = true;
        if ((what & ALLOCATES) !== 0 && this.allocatesAt < 0) this.allocatesAt = offset;
      }
      const immediates = reader.pos;
      skipImmediates(reader, what);
      if (isLong) {
        this.#replace(reader, offset, constantAt(reader, previous, offset));
        lastCheck = offset;
      }
      previous = offset;
      meter.add(stackEffect(what));
      switch (what & IMMEDIATE_MASK) {
        case Immediate.block:
        case Immediate.tryTable:
          meter.open(s33At(reader, immediates));
          break;
        case Immediate.loop:
          meter.open(s33At(reader, immediates));
          lastCheck = reader.pos;
          this.#check(lastCheck);
          break;
        case Immediate.otherwise:
          meter.otherwise();
          break;
        case Immediate.catchTag:
          meter.catchTag(u32At(reader, immediates));
          break;
        case Immediate.end:
        case Immediate.delegate:
          meter.close();
          // Reading differently from V8 would let a loop hide: the nesting must close on the last byte and not before.
          if (meter.depth === 0 && reader.pos !== end) reader.fail("a body must end with its last block", "more code");
          break;
        case Immediate.label:
        case Immediate.castBranch:
          meter.branch();
          break;
        case Immediate.brTable:
          meter.branch(reader.pos - immediates - 1);
          break;
        case Immediate.call:
          meter.call(u32At(reader, immediates));
          break;
        case Immediate.callIndirect:
        case Immediate.callRef:
          meter.callType(u32At(reader, immediates));
          break;
      }
    }
    if (meter.depth !== 0) reader.fail("every block of a body must be closed", `${meter.depth} open ones`);
    if (!calls && this.checkCount === 1 && end - first <= LEAF_BYTES) this.checkCount = 0;
  }

  /** A check, or a call instead of the instruction that begins at `offset` and ends where the reader is. */
  #replace(reader: Reader, offset: number, length: number): void {
    const callee = this.#bulk?.replacementOf(reader.bytes, offset, reader.pos, length) ?? -1;
    if (callee < 0) this.#check(offset);
    else this.#check(offset, callee, reader.pos);
  }

  #check(offset: number, callee = -1, resume = offset): void {
    const at = this.checkCount++;
    if (at === this.checks.length) {
      this.checks = doubled(this.checks);
      this.calls = doubled(this.calls);
      this.resumes = doubled(this.resumes);
    }
    this.checks[at] = offset;
    this.calls[at] = callee;
    this.resumes[at] = resume;
  }
}

/** The value that an instruction in `[start, end)` pushes if it is a constant of at most 27 bits; otherwise -1 or less. */
function constantAt(reader: Reader, start: number, end: number): number {
  const opcode = reader.bytes[start];
  const isConstant = (opcode === I32_CONST || opcode === I64_CONST) && start < end &&
    end - start <= 1 + MAX_CONSTANT_BYTES;
  return isConstant ? s33At(reader, start + 1) : -1;
}

function u32At(reader: Reader, offset: number): number {
  const { pos } = reader;
  reader.pos = offset;
  const value = reader.u32();
  reader.pos = pos;
  return value;
}

function s33At(reader: Reader, offset: number): number {
  const { pos } = reader;
  reader.pos = offset;
  const value = reader.s33();
  reader.pos = pos;
  return value;
}

/** Reads the runs of locals before the code: their number, summed; V8 allows 50,000. */
function readLocals(reader: Reader): number {
  let locals = 0;
  for (let runs = reader.count(2); runs > 0; runs--) {
    locals += reader.u32();
    readValueType(reader);
  }
  return locals;
}
