/**
 * What follows each opcode, and what matters about it: one number for each, so that scanning a body is a table walk.
 *
 * The low five bits are an {@linkcode Immediate}, the next three are flags, the rest is the {@linkcode stackEffect}.
 * 0 is an opcode this program does not know.
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
} as const;

/** Mask of the bits that hold the {@linkcode Immediate}. */
export const IMMEDIATE_MASK = 0x1f;
/** May run long on its own: the deadline is checked before it. */
export const LONG_RUNNING = 0x20;
/** Allocates on V8's garbage-collected heap. */
export const ALLOCATES = 0x40;
/** Calls a function of the module's choice: the only way to recursion. */
export const CALLS = 0x80;

/** How much higher the operand stack is afterwards, plus 8; see {@linkcode stackEffect}. */
const EFFECT_SHIFT = 8;
const EFFECT_ZERO = 8;

/**
 * How much higher the operand stack is after an instruction: exact, or more than it is, for what is not control.
 *
 * Blocks, calls and what never goes on have 0 here, as theirs depends on types.
 */
export function stackEffect(what: number): number {
  return (what >> EFFECT_SHIFT) - EFFECT_ZERO;
}

type Row = readonly [from: number, to: number, what: number, effect?: number];

function table(size: number, rows: readonly Row[]): Uint16Array {
  const result = new Uint16Array(size);
  for (const [from, to, what, effect = 0] of rows) {
    const known = what !== Immediate.unknown;
    result.fill(known ? what | ((effect + EFFECT_ZERO) << EFFECT_SHIFT) : 0, from, to + 1);
  }
  return result;
}

const { none, leb, twoLebs, block, loop, memory, memoryLane, bytes1, label } = Immediate;

/** Opcodes of one byte. */
export const OPCODES: Uint16Array = table(256, [
  [0x00, 0x01, none], // unreachable, nop
  [0x02, 0x02, block],
  [0x03, 0x03, loop],
  [0x04, 0x04, block, -1], // if
  [0x05, 0x05, Immediate.otherwise], // else
  [0x06, 0x06, block], // try
  [0x07, 0x07, Immediate.catchTag],
  [0x08, 0x09, leb], // throw, rethrow
  [0x0a, 0x0a, none, -1], // throw_ref
  [0x0b, 0x0b, Immediate.end],
  [0x0c, 0x0c, label], // br
  [0x0d, 0x0d, label, -1], // br_if
  [0x0e, 0x0e, Immediate.brTable, -1],
  [0x0f, 0x0f, none], // return
  [0x10, 0x10, Immediate.call | CALLS],
  [0x11, 0x11, Immediate.callIndirect | CALLS, -1],
  [0x12, 0x12, leb | CALLS], // return_call
  [0x13, 0x13, twoLebs | CALLS], // return_call_indirect
  [0x14, 0x14, Immediate.callRef | CALLS, -1],
  [0x15, 0x15, leb | CALLS], // return_call_ref
  [0x18, 0x18, Immediate.delegate],
  [0x19, 0x19, Immediate.otherwise], // catch_all
  [0x1a, 0x1a, none, -1], // drop
  [0x1b, 0x1b, none, -2], // select
  [0x1c, 0x1c, Immediate.selectTypes, -2],
  [0x1f, 0x1f, Immediate.tryTable],
  [0x20, 0x20, leb, 1], // local.get
  [0x21, 0x21, leb, -1], // local.set
  [0x22, 0x22, leb], // local.tee
  [0x23, 0x23, leb, 1], // global.get
  [0x24, 0x24, leb, -1], // global.set
  [0x25, 0x25, leb], // table.get
  [0x26, 0x26, leb, -2], // table.set
  [0x28, 0x35, memory], // loads
  [0x36, 0x3e, memory, -2], // stores
  [0x3f, 0x3f, leb, 1], // memory.size
  [0x40, 0x40, leb | LONG_RUNNING], // memory.grow
  [0x41, 0x42, leb, 1], // i32.const, i64.const
  [0x43, 0x43, Immediate.bytes4, 1], // f32.const
  [0x44, 0x44, Immediate.bytes8, 1], // f64.const
  [0x45, 0xc4, none], // unary numeric
  [0x46, 0x4f, none, -1], // i32 comparisons
  [0x51, 0x66, none, -1], // i64, f32, f64 comparisons
  [0x6a, 0x78, none, -1], // i32 binary
  [0x7c, 0x8a, none, -1], // i64 binary
  [0x92, 0x98, none, -1], // f32 binary
  [0xa0, 0xa6, none, -1], // f64 binary
  [0xd0, 0xd0, leb, 1], // ref.null
  [0xd1, 0xd1, none], // ref.is_null
  [0xd2, 0xd2, leb, 1], // ref.func
  [0xd3, 0xd3, none, -1], // ref.eq
  [0xd4, 0xd4, none], // ref.as_non_null
  [0xd5, 0xd5, label], // br_on_null
  [0xd6, 0xd6, label, -1], // br_on_non_null
  [0xfb, 0xfd, Immediate.prefix],
  [0xfe, 0xfe, Immediate.threads],
]);

const GC_OPCODES = table(31, [
  [0, 1, leb | ALLOCATES, 1], // struct.new (less its fields), struct.new_default
  [2, 4, twoLebs], // struct.get
  [5, 5, twoLebs, -2], // struct.set
  [6, 6, leb | ALLOCATES | LONG_RUNNING, -1], // array.new
  [7, 7, leb | ALLOCATES | LONG_RUNNING], // array.new_default
  [8, 8, twoLebs | ALLOCATES | LONG_RUNNING, 1], // array.new_fixed (less its elements)
  [9, 10, twoLebs | ALLOCATES | LONG_RUNNING, -1], // array.new_data, array.new_elem
  [11, 13, leb, -1], // array.get
  [14, 14, leb, -3], // array.set
  [15, 15, none], // array.len
  [16, 16, leb | LONG_RUNNING, -4], // array.fill
  [17, 17, twoLebs | LONG_RUNNING, -5], // array.copy
  [18, 19, twoLebs | LONG_RUNNING, -4], // array.init_data, array.init_elem
  [20, 23, leb], // ref.test, ref.cast
  [24, 25, Immediate.castBranch], // br_on_cast, br_on_cast_fail
  [26, 30, none], // any.convert_extern to i31.get_u
]);

const BULK_OPCODES = table(18, [
  [0, 7, none], // saturating conversions
  [8, 8, twoLebs | LONG_RUNNING, -3], // memory.init
  [9, 9, leb], // data.drop
  [10, 10, twoLebs | LONG_RUNNING, -3], // memory.copy
  [11, 11, leb | LONG_RUNNING, -3], // memory.fill
  [12, 12, twoLebs | LONG_RUNNING, -3], // table.init
  [13, 13, leb], // elem.drop
  [14, 14, twoLebs | LONG_RUNNING, -3], // table.copy
  [15, 15, leb | LONG_RUNNING, -1], // table.grow
  [16, 16, leb, 1], // table.size
  [17, 17, leb | LONG_RUNNING, -3], // table.fill
]);

const UNASSIGNED_SIMD = [
  ...[0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2, 0xb3, 0xb4, 0xbb, 0xc2],
  ...[0xc5, 0xc6, 0xcf, 0xd0, 0xd2, 0xd3, 0xd4, 0xe2, 0xee],
];

/** Of SIMD's arithmetic only the common part is exact; the rest counts as unary. */
const SIMD_OPCODES = table(0x114, [
  [0x00, 0x0a, memory], // loads
  [0x0b, 0x0b, memory, -2], // v128.store
  [0x0c, 0x0c, Immediate.bytes16, 1], // v128.const
  [0x0d, 0x0d, Immediate.bytes16, -1], // i8x16.shuffle
  [0x0e, 0x0e, none, -1], // i8x16.swizzle
  [0x0f, 0x14, none], // splats
  [0x15, 0x22, bytes1], // extract_lane, replace_lane
  [0x23, 0x4c, none, -1], // comparisons
  [0x4d, 0x4d, none], // v128.not
  [0x4e, 0x51, none, -1], // v128.and to v128.xor
  [0x52, 0x52, none, -2], // v128.bitselect
  [0x53, 0x53, none], // v128.any_true
  [0x54, 0x57, memoryLane, -1], // load lanes
  [0x58, 0x5b, memoryLane, -2], // store lanes
  [0x5c, 0x5d, memory], // v128.load32_zero, v128.load64_zero
  [0x5e, 0x113, none], // the last 20 are relaxed SIMD
  ...UNASSIGNED_SIMD.map((opcode): Row => [opcode, opcode, Immediate.unknown]),
]);

/** Tables of the prefixes 0xfb (GC), 0xfc (saturating, bulk) and 0xfd (SIMD), in this order. */
export const PREFIXED: readonly [Uint16Array, Uint16Array, Uint16Array] = [GC_OPCODES, BULK_OPCODES, SIMD_OPCODES];

/** Ends an expression, a block or a body. */
export const END = 0x0b;
/** First of the prefixes in {@linkcode PREFIXED}. */
export const FIRST_PREFIX = 0xfb;

/** An opcode in words for a message, with its proposal if it is known to belong to one. */
export function describeUnknownOpcode(opcode: number, sub?: number): string {
  const hex = `0x${opcode.toString(16).padStart(2, "0")}`;
  if (sub === undefined) {
    return opcode >= 0xe0 && opcode <= 0xe6 ? `opcode ${hex} (of stack switching)` : `opcode ${hex}`;
  }
  const name = `opcode ${hex} 0x${sub.toString(16)}`;
  if (opcode === 0xfc && sub >= 0x13 && sub <= 0x16) return `${name} (of wide arithmetic)`;
  if (opcode === 0xfb && sub >= 0x80) return `${name} (of string references)`;
  if (opcode === 0xfb && sub >= 0x20 && sub <= 0x26) return `${name} (of custom descriptors)`;
  if (opcode === 0xfd && sub >= 0x120) return `${name} (of half-precision SIMD)`;
  return name;
}
