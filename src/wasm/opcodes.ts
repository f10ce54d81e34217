/**
 * What follows each opcode, and what matters about it: one number for each, so that scanning a body is a table walk.
 *
 * The low five bits are an {@linkcode Immediate}, the next three are flags, then come four of {@linkcode stackEffect} and
 * the {@linkcode nodes}. 0 is an opcode this program does not know.
 *
 * @see https://webassembly.github.io/spec/core/binary/instructions.html
 *
 * @module
 */

/** How an instruction's immediates are laid out. */
export const Immediate = {
  unknown: 0,
  none: 1,
  /** One LEB128: an index, a label, a constant, a heap type. */
  leb: 2,
  twoLebs: 3,
  /** A block type: an s33, followed by a heap type if it is `63` or `64`. */
  block: 4,
  /** As `block`, of a `loop`. */
  loop: 5,
  /** Alignment and flags, a memory index with flag 0x40, an offset. */
  memory: 6,
  /** As `memory`, then a lane byte. */
  memoryLane: 7,
  /** A vector of labels, then one more. */
  brTable: 8,
  /** A vector of value types. */
  selectTypes: 9,
  bytes1: 10,
  bytes4: 11,
  bytes8: 12,
  bytes16: 13,
  /** A block type, then a vector of catch clauses. */
  tryTable: 14,
  /** A flag byte, a label and two heap types. */
  castBranch: 15,
  /** The opcode goes on: an LEB128 that is looked up in the prefix's own table. */
  prefix: 16,
  /** The prefix of atomic instructions. */
  threads: 17,
  /** One LEB128, a branch's label. */
  label: 18,
  /** None; closes a block. */
  end: 19,
  /** One LEB128; closes a block. */
  delegate: 20,
  /** None; begins the next part of a block: `else`, `catch_all`. */
  otherwise: 21,
  /** One LEB128, a tag; begins the next part of a block. */
  catchTag: 22,
  /** One LEB128, a function. */
  call: 23,
  /** Two LEB128: a type, a table. */
  callIndirect: 24,
  /** One LEB128, a type. */
  callRef: 25,
  /** One LEB128, a local that gets a value. */
  setLocal: 26,
  /** As `block`, of the older `try`. */
  tryBlock: 27,
  /** One LEB128; throws: a tag, or the label of a caught exception. */
  throwing: 28,
  /** As `call`, `callIndirect` and `callRef`, in place of a return. */
  tailCall: 29,
  tailCallIndirect: 30,
  /** None; closes what comes before it: `throw_ref`. */
  throwRef: 31,
} as const;

/** Mask of the bits that hold the {@linkcode Immediate}. */
export const IMMEDIATE_MASK = 0x1f;
/** May run long on its own: the deadline is checked before it. */
export const LONG_RUNNING = 0x20;
/** Allocates on V8's garbage-collected heap. */
export const ALLOCATES = 0x40;
/** Nodes from which on an instruction is heavy: it leaves something that each edge to a label around it carries. */
export const HEAVY_NODES = 28;
/** Calls a function of the module's choice: the only way to recursion. */
export const CALLS = 0x80;

/** How much higher the operand stack is afterwards, plus 8; see {@linkcode stackEffect}. */
const EFFECT_SHIFT = 8;
const EFFECT_ZERO = 8;
const EFFECT_MASK = 0xf;
const NODES_SHIFT = 12;

/**
 * How much higher the operand stack is after an instruction: exact, or more than it is, for what is not control.
 *
 * Blocks, calls and what never goes on have 0 here, because their effect depends on types.
 */
export function stackEffect(what: number): number {
  return ((what >> EFFECT_SHIFT) & EFFECT_MASK) - EFFECT_ZERO;
}

/**
 * What an instruction costs V8's optimising compiler, in units of 256 bytes of its memory, which take it some
 * microsecond: measured with thousands of the same in one function (V8 15.0) and rounded up. 1 where no row says more.
 *
 * Not in it: what depends on types, labels and locals, which the meter adds.
 */
export function nodes(what: number): number {
  return what >> NODES_SHIFT;
}

type Row = readonly [from: number, to: number, what: number, effect?: number, nodes?: number];

function table(size: number, rows: readonly Row[]): Uint32Array {
  const result = new Uint32Array(size);
  for (const [from, to, what, effect = 0, cost = 1] of rows) {
    const known = what !== Immediate.unknown;
    result.fill(known ? what | ((effect + EFFECT_ZERO) << EFFECT_SHIFT) | (cost << NODES_SHIFT) : 0, from, to + 1);
  }
  return result;
}

const { none, leb, twoLebs, block, loop, memory, memoryLane, bytes1, label } = Immediate;

/** Opcodes of one byte. */
export const OPCODES: Uint32Array = table(256, [
  [0x00, 0x01, none], // unreachable, nop
  [0x02, 0x02, block, 0, 2],
  [0x03, 0x03, loop, 0, 24],
  [0x04, 0x04, block, -1, 16], // if
  [0x05, 0x05, Immediate.otherwise, 0, 2], // else
  [0x06, 0x06, Immediate.tryBlock, 0, 16],
  [0x07, 0x07, Immediate.catchTag, 0, 16],
  [0x08, 0x09, Immediate.throwing, 0, 28], // throw, rethrow
  [0x0a, 0x0a, Immediate.throwRef, -1, 28],
  [0x0b, 0x0b, Immediate.end],
  [0x0c, 0x0c, label, 0, 4], // br
  [0x0d, 0x0d, label, -1, 16], // br_if
  [0x0e, 0x0e, Immediate.brTable, -1],
  [0x0f, 0x0f, none, 0, 4], // return
  [0x10, 0x10, Immediate.call | CALLS, 0, 6],
  [0x11, 0x11, Immediate.callIndirect | CALLS, -1, 36],
  [0x12, 0x12, Immediate.tailCall | CALLS, 0, 8],
  [0x13, 0x13, Immediate.tailCallIndirect | CALLS, -1, 36],
  [0x14, 0x14, Immediate.callRef | CALLS, -1, 36],
  [0x15, 0x15, Immediate.callRef | CALLS, -1, 36], // return_call_ref, which leaves no results, but more is no harm
  [0x18, 0x18, Immediate.delegate],
  [0x19, 0x19, Immediate.otherwise, 0, 16], // catch_all
  [0x1a, 0x1a, none, -1], // drop
  [0x1b, 0x1b, none, -2], // select
  [0x1c, 0x1c, Immediate.selectTypes, -2],
  [0x1f, 0x1f, Immediate.tryTable, 0, 16],
  [0x20, 0x20, leb, 1], // local.get
  [0x21, 0x21, Immediate.setLocal, -1],
  [0x22, 0x22, Immediate.setLocal], // local.tee
  [0x23, 0x23, leb, 1, 3], // global.get
  [0x24, 0x24, leb, -1, 3], // global.set
  [0x25, 0x25, leb, 0, 36], // table.get
  [0x26, 0x26, leb, -2, 28], // table.set
  [0x28, 0x35, memory, 0, 6], // loads
  [0x36, 0x3e, memory, -2, 8], // stores
  [0x3f, 0x3f, leb, 1], // memory.size
  [0x40, 0x40, leb | LONG_RUNNING, 0, 10], // memory.grow
  [0x41, 0x42, leb, 1], // i32.const, i64.const
  [0x43, 0x43, Immediate.bytes4, 1], // f32.const
  [0x44, 0x44, Immediate.bytes8, 1], // f64.const
  [0x45, 0xc4, none], // unary numeric
  [0x46, 0x4f, none, -1], // i32 comparisons
  [0x51, 0x66, none, -1], // i64, f32, f64 comparisons
  [0x6a, 0x78, none, -1], // i32 binary
  [0x6d, 0x70, none, -1, 14], // i32 divisions
  [0x7c, 0x8a, none, -1], // i64 binary
  [0x7f, 0x82, none, -1, 14], // i64 divisions
  [0x92, 0x98, none, -1], // f32 binary
  [0xa0, 0xa6, none, -1], // f64 binary
  [0xa8, 0xab, none, 0, 8], // floats to i32, which may trap
  [0xae, 0xb1, none, 0, 8], // floats to i64, which may trap
  [0xd0, 0xd0, leb, 1], // ref.null
  [0xd1, 0xd1, none], // ref.is_null
  [0xd2, 0xd2, leb, 1], // ref.func
  [0xd3, 0xd3, none, -1], // ref.eq
  [0xd4, 0xd4, none], // ref.as_non_null
  [0xd5, 0xd5, label, 0, 16], // br_on_null
  [0xd6, 0xd6, label, -1, 16], // br_on_non_null
  [0xfb, 0xfd, Immediate.prefix],
  [0xfe, 0xfe, Immediate.threads],
]);

const GC_OPCODES = table(31, [
  [0, 1, leb | ALLOCATES, 1, 32], // struct.new (less its fields), struct.new_default
  [2, 4, twoLebs, 0, 8], // struct.get
  [5, 5, twoLebs, -2, 16], // struct.set
  [6, 6, leb | ALLOCATES | LONG_RUNNING, -1, 40], // array.new
  [7, 7, leb | ALLOCATES | LONG_RUNNING, 0, 40], // array.new_default
  [8, 8, twoLebs | ALLOCATES | LONG_RUNNING, 1, 40], // array.new_fixed (less its elements)
  [9, 10, twoLebs | ALLOCATES | LONG_RUNNING, -1, 40], // array.new_data, array.new_elem
  [11, 13, leb, -1, 16], // array.get
  [14, 14, leb, -3, 24], // array.set
  [15, 15, none], // array.len
  [16, 16, leb | LONG_RUNNING, -4, 32], // array.fill
  [17, 17, twoLebs | LONG_RUNNING, -5, 32], // array.copy
  [18, 19, twoLebs | LONG_RUNNING, -4, 32], // array.init_data, array.init_elem
  [20, 23, leb, 0, 40], // ref.test, ref.cast
  [24, 25, Immediate.castBranch, 0, 40], // br_on_cast, br_on_cast_fail
  [26, 30, none, 0, 4], // any.convert_extern to i31.get_u
]);

const BULK_OPCODES = table(18, [
  [0, 7, none, 0, 27], // saturating conversions: 37 were right, but they are not heavy
  [8, 8, twoLebs | LONG_RUNNING, -3, 16], // memory.init
  [9, 9, leb, 0, 8], // data.drop
  [10, 10, twoLebs | LONG_RUNNING, -3, 16], // memory.copy
  [11, 11, leb | LONG_RUNNING, -3, 16], // memory.fill
  [12, 12, twoLebs | LONG_RUNNING, -3, 16], // table.init
  [13, 13, leb, 0, 8], // elem.drop
  [14, 14, twoLebs | LONG_RUNNING, -3, 16], // table.copy
  [15, 15, leb | LONG_RUNNING, -1, 20], // table.grow
  [16, 16, leb, 1], // table.size
  [17, 17, leb | LONG_RUNNING, -3, 16], // table.fill
]);

const UNASSIGNED_SIMD = [
  ...[0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2, 0xb3, 0xb4, 0xbb, 0xc2],
  ...[0xc5, 0xc6, 0xcf, 0xd0, 0xd2, 0xd3, 0xd4, 0xe2, 0xee],
];

/** Of SIMD's arithmetic only the common part is exact; the rest counts as unary. */
const SIMD_OPCODES = table(0x114, [
  [0x00, 0x0a, memory, 0, 8], // loads
  [0x0b, 0x0b, memory, -2, 8], // v128.store
  [0x0c, 0x0c, Immediate.bytes16, 1, 4], // v128.const
  [0x0d, 0x0d, Immediate.bytes16, -1, 4], // i8x16.shuffle
  [0x0e, 0x0e, none, -1, 3], // i8x16.swizzle
  [0x0f, 0x14, none, 0, 3], // splats
  [0x15, 0x22, bytes1, 0, 3], // extract_lane, replace_lane
  [0x23, 0x4c, none, -1, 3], // comparisons
  [0x4d, 0x4d, none, 0, 3], // v128.not
  [0x4e, 0x51, none, -1, 3], // v128.and to v128.xor
  [0x52, 0x52, none, -2, 3], // v128.bitselect
  [0x53, 0x53, none, 0, 3], // v128.any_true
  [0x54, 0x57, memoryLane, -1, 8], // load lanes
  [0x58, 0x5b, memoryLane, -2, 8], // store lanes
  [0x5c, 0x5d, memory, 0, 8], // v128.load32_zero, v128.load64_zero
  [0x5e, 0x113, none, 0, 6], // the last 20 are relaxed SIMD
  ...UNASSIGNED_SIMD.map((opcode): Row => [opcode, opcode, Immediate.unknown]),
]);

/** Tables of the prefixes 0xfb (GC), 0xfc (saturating, bulk) and 0xfd (SIMD), in this order. */
export const PREFIXED: readonly [Uint32Array, Uint32Array, Uint32Array] = [GC_OPCODES, BULK_OPCODES, SIMD_OPCODES];

/** Ends an expression, a block or a body. */
export const END = 0x0b;
/** First of the prefixes in {@linkcode PREFIXED}. */
export const FIRST_PREFIX = 0xfb;
