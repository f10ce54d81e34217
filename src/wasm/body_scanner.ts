import { readOpcode, skipImmediates } from "./instructions.ts";
import { ALLOCATES, CALLS, Immediate, IMMEDIATE_MASK, LONG_RUNNING, stackEffect } from "./opcodes.ts";
import { Reader } from "./reader.ts";
import { readValueType } from "./value_type.ts";
import { type Signatures, WorkMeter } from "./work_meter.ts";

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
  /** How many locals the body declares, parameters not included. */
  localCount = 0;
  /** Offset of the first instruction that allocates on the garbage-collected heap, or -1. */
  allocatesAt = -1;
  readonly #meter: WorkMeter;

  constructor(signatures: Signatures) {
    this.#meter = new WorkMeter(signatures);
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
    this.#check(first);
    while (reader.pos < end) {
      const offset = reader.pos;
      const what = readOpcode(reader);
      if ((what & LONG_RUNNING) !== 0 || offset - lastCheck > STRAIGHT_BYTES) {
        this.#check(offset);
        lastCheck = offset;
      }
      if ((what & (CALLS | ALLOCATES)) !== 0) {
        if ((what & CALLS) !== 0) calls = true;
        if ((what & ALLOCATES) !== 0 && this.allocatesAt < 0) this.allocatesAt = offset;
      }
      const immediates = reader.pos;
      skipImmediates(reader, what);
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

  #check(offset: number): void {
    if (this.checkCount === this.checks.length) {
      const grown = new Int32Array(this.checkCount * 2);
      grown.set(this.checks);
      this.checks = grown;
    }
    this.checks[this.checkCount++] = offset;
  }
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
