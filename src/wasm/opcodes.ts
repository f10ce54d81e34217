/**
 * What follows each opcode, and what matters about it: one byte a opcode, so that scanning a body is a table walk.
 *
 * The low five bits are an {@linkcode Immediate}, the high three are flags. 0 is an opcode this program does not know.
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
} as const;

/** Mask of the bits that hold the {@linkcode Immediate}. */
export const IMMEDIATE_MASK = 0x1f;
/** May run long on its own: the deadline is checked before it. */
export const LONG_RUNNING = 0x20;
/** Allocates on V8's garbage-collected heap. */
export const ALLOCATES = 0x40;
/** Calls a function of the module's choice: the only way to recursion. */
export const CALLS = 0x80;

type Row = readonly [from: number, to: number, what: number];

function table(size: number, rows: readonly Row[]): Uint8Array {
  const result = new Uint8Array(size);
  for (const [from, to, what] of rows) result.fill(what, from, to + 1);
  return result;
}

const { none, leb, twoLebs, block, loop, memory, memoryLane, bytes1, label } = Immediate;

/** Opcodes of one byte. */
export const OPCODES: Uint8Array = table(256, [
  [0x00, 0x01, none], // unreachable, nop
  [0x02, 0x02, block],
  [0x03, 0x03, loop],
  [0x04, 0x04, block], // if
  [0x05, 0x05, none], // else
  [0x06, 0x06, block], // try
  [0x07, 0x09, leb], // catch, throw, rethrow
  [0x0a, 0x0a, none], // throw_ref
  [0x0b, 0x0b, Immediate.end],
  [0x0c, 0x0d, label], // br, br_if
  [0x0e, 0x0e, Immediate.brTable],
  [0x0f, 0x0f, none], // return
  [0x10, 0x10, leb | CALLS], // call
  [0x11, 0x11, twoLebs | CALLS], // call_indirect
  [0x12, 0x12, leb | CALLS], // return_call
  [0x13, 0x13, twoLebs | CALLS], // return_call_indirect
  [0x14, 0x15, leb | CALLS], // call_ref, return_call_ref
  [0x18, 0x18, Immediate.delegate],
  [0x19, 0x1b, none], // catch_all, drop, select
  [0x1c, 0x1c, Immediate.selectTypes],
  [0x1f, 0x1f, Immediate.tryTable],
  [0x20, 0x26, leb], // local.get to table.set
  [0x28, 0x3e, memory], // loads and stores
  [0x3f, 0x3f, leb], // memory.size
  [0x40, 0x40, leb | LONG_RUNNING], // memory.grow
  [0x41, 0x42, leb], // i32.const, i64.const
  [0x43, 0x43, Immediate.bytes4], // f32.const
  [0x44, 0x44, Immediate.bytes8], // f64.const
  [0x45, 0xc4, none], // numeric
  [0xd0, 0xd0, leb], // ref.null
  [0xd1, 0xd1, none], // ref.is_null
  [0xd2, 0xd2, leb], // ref.func
  [0xd3, 0xd4, none], // ref.eq, ref.as_non_null
  [0xd5, 0xd6, label], // br_on_null, br_on_non_null
  [0xfb, 0xfd, Immediate.prefix],
  [0xfe, 0xfe, Immediate.threads],
]);

const GC_OPCODES = table(31, [
  [0, 0, leb | ALLOCATES], // struct.new
  [1, 1, leb | ALLOCATES], // struct.new_default
  [2, 5, twoLebs], // struct.get to struct.set
  [6, 7, leb | ALLOCATES | LONG_RUNNING], // array.new, array.new_default
  [8, 10, twoLebs | ALLOCATES | LONG_RUNNING], // array.new_fixed, array.new_data, array.new_elem
  [11, 14, leb], // array.get to array.set
  [15, 15, none], // array.len
  [16, 16, leb | LONG_RUNNING], // array.fill
  [17, 19, twoLebs | LONG_RUNNING], // array.copy, array.init_data, array.init_elem
  [20, 23, leb], // ref.test, ref.cast
  [24, 25, Immediate.castBranch], // br_on_cast, br_on_cast_fail
  [26, 30, none], // any.convert_extern to i31.get_u
]);

const BULK_OPCODES = table(18, [
  [0, 7, none], // saturating conversions
  [8, 8, twoLebs | LONG_RUNNING], // memory.init
  [9, 9, leb], // data.drop
  [10, 10, twoLebs | LONG_RUNNING], // memory.copy
  [11, 11, leb | LONG_RUNNING], // memory.fill
  [12, 12, twoLebs | LONG_RUNNING], // table.init
  [13, 13, leb], // elem.drop
  [14, 14, twoLebs | LONG_RUNNING], // table.copy
  [15, 15, leb | LONG_RUNNING], // table.grow
  [16, 16, leb], // table.size
  [17, 17, leb | LONG_RUNNING], // table.fill
]);

const UNASSIGNED_SIMD = [
  ...[0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2, 0xb3, 0xb4, 0xbb, 0xc2],
  ...[0xc5, 0xc6, 0xcf, 0xd0, 0xd2, 0xd3, 0xd4, 0xe2, 0xee],
];

const SIMD_OPCODES = table(0x114, [
  [0x00, 0x0b, memory], // v128.load to v128.store
  [0x0c, 0x0d, Immediate.bytes16], // v128.const, i8x16.shuffle
  [0x0e, 0x14, none], // i8x16.swizzle, splats
  [0x15, 0x22, bytes1], // extract_lane, replace_lane
  [0x23, 0x53, none],
  [0x54, 0x5b, memoryLane],
  [0x5c, 0x5d, memory], // v128.load32_zero, v128.load64_zero
  [0x5e, 0x113, none], // the last 20 are relaxed SIMD
  ...UNASSIGNED_SIMD.map((opcode): Row => [opcode, opcode, Immediate.unknown]),
]);

/** Tables of the prefixes 0xfb (GC), 0xfc (saturating, bulk) and 0xfd (SIMD), in this order. */
export const PREFIXED: readonly [Uint8Array, Uint8Array, Uint8Array] = [GC_OPCODES, BULK_OPCODES, SIMD_OPCODES];

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
