import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ModuleError } from "../../../src/errors.ts";
import { encodeBulkBodies } from "../../../src/wasm/bulk_body.ts";
import { MAX_ARRAY_BYTES, readBulkOperation } from "../../../src/wasm/bulk_reader.ts";
import { BulkHelpers } from "../../../src/wasm/bulk_helpers.ts";
import { Declarations } from "../../../src/wasm/declarations.ts";
import { DEFAULT_PIECES, instrumentModule, type InstrumentOptions } from "../../../src/wasm/mod.ts";
import { writeValueType } from "../../../src/wasm/value_type.ts";
import { Writer } from "../../../src/wasm/writer.ts";
import { assemble, leb, name, section, sectionOf } from "./assemble.ts";

const OPTIONS: InstrumentOptions = { maxMemoryPages: 1024, maxTableEntries: 100_000, allowGc: true };
const SMALL_PIECES = { bytes: 7, entries: 3, elements: 4 };

const I32 = 0x7f, I64 = 0x7e, EXTERN = 0x6f, FUNC = 0x70;
/** Types 0 to 2 are arrays: of i8, of i16, of externref. */
const ARRAYS = [[0x5e, 0x78, 1], [0x5e, 0x77, 1], [0x5e, EXTERN, 1]];
const BYTES = 0, SHORTS = 1, REFS = 2;
const ref = (type: number) => [0x63, type];

interface Instruction {
  readonly name: string;
  readonly code: readonly number[];
  /** Of its operands, each as its bytes. */
  readonly params: readonly (readonly number[])[];
  readonly results?: readonly (readonly number[])[];
}

const row = (
  name: string,
  code: readonly number[],
  params: readonly (number | readonly number[])[],
  results: readonly (number | readonly number[])[] = [],
): Instruction => {
  const bytes = (type: number | readonly number[]) => typeof type === "number" ? [type] : type;
  return { name, code, params: params.map(bytes), results: results.map(bytes) };
};

/** Memories 0 and 1 have 32-bit, memory 2 has 64-bit addresses; so have tables 0 and 1, and 2; table 3 is of functions. */
const MEMORY_INDEX = [I32, I32, I64];
const TABLE_INDEX = [I32, I32, I64];
const min = (a = I32, b = I32) => a === I64 && b === I64 ? I64 : I32;
const INSTRUCTIONS: readonly Instruction[] = [
  ...MEMORY_INDEX.map((index, memory) => row(`memory.fill ${memory}`, [0xfc, 11, memory], [index, I32, index])),
  ...MEMORY_INDEX.flatMap((to, m) =>
    MEMORY_INDEX.map((from, n) => row(`memory.copy ${m} ${n}`, [0xfc, 10, m, n], [to, from, min(to, from)]))
  ),
  ...MEMORY_INDEX.map((index, memory) => row(`memory.init ${memory}`, [0xfc, 8, 0, memory], [index, I32, I32])),
  row("data.drop 0", [0xfc, 9, 0], []),
  ...TABLE_INDEX.map((index, table) => row(`table.fill ${table}`, [0xfc, 17, table], [index, EXTERN, index])),
  ...TABLE_INDEX.flatMap((to, m) =>
    TABLE_INDEX.map((from, n) => row(`table.copy ${m} ${n}`, [0xfc, 14, m, n], [to, from, min(to, from)]))
  ),
  ...TABLE_INDEX.map((index, table) => row(`table.grow ${table}`, [0xfc, 15, table], [EXTERN, index], [index])),
  row("table.init 3", [0xfc, 12, 0, 3], [I32, I32, I32]),
  row("table.copy 3 3", [0xfc, 14, 3, 3], [I32, I32, I32]),
  row("elem.drop 0", [0xfc, 13, 0], []),
  row("array.fill bytes", [0xfb, 16, BYTES], [ref(BYTES), I32, I32, I32]),
  row("array.fill refs", [0xfb, 16, REFS], [ref(REFS), I32, EXTERN, I32]),
  row("array.copy bytes", [0xfb, 17, BYTES, BYTES], [ref(BYTES), I32, ref(BYTES), I32, I32]),
  row("array.copy refs", [0xfb, 17, REFS, REFS], [ref(REFS), I32, ref(REFS), I32, I32]),
  row("array.init_data bytes", [0xfb, 18, BYTES, 0], [ref(BYTES), I32, I32, I32]),
  row("array.init_data shorts", [0xfb, 18, SHORTS, 0], [ref(SHORTS), I32, I32, I32]),
];
/** What the test fills tables and makes arrays with, and looks at them. */
const VIEWS: readonly Instruction[] = [
  ...[...TABLE_INDEX, I32].flatMap((index, table) => {
    const element = table === 3 ? FUNC : EXTERN;
    return [
      row(`table.get ${table}`, [0x25, table], [index], [element]),
      row(`table.set ${table}`, [0x26, table], [index, element]),
      row(`table.size ${table}`, [0xfc, 16, table], [], [index]),
    ];
  }),
  row("new bytes", [0xfb, 7, BYTES], [I32], [ref(BYTES)]),
  row("new shorts", [0xfb, 7, SHORTS], [I32], [ref(SHORTS)]),
  row("new refs", [0xfb, 7, REFS], [I32], [ref(REFS)]),
  row("get bytes", [0xfb, 13, BYTES], [ref(BYTES), I32], [I32]),
  row("get shorts", [0xfb, 13, SHORTS], [ref(SHORTS), I32], [I32]),
  row("get refs", [0xfb, 11, REFS], [ref(REFS), I32], [EXTERN]),
];

const DATA = Array.from({ length: 40 }, (_, index) => 100 + index);
const TABLE_SIZES = [20, 16, 12, 18];
const MAX_TABLE = 60;

/** A module with one exported function for each instruction: it takes the operands and does nothing else. */
function moduleOf(instructions: readonly Instruction[]): Uint8Array<ArrayBuffer> {
  const types = instructions.map((
    { params, results = [] },
  ) => [0x60, params.length, ...params.flat(), results.length, ...results.flat()]);
  const bodies = instructions.map(({ code, params }) => {
    const body = [0, ...params.flatMap((_, index) => [0x20, index]), ...code, 0x0b];
    return [...leb(body.length), ...body];
  });
  const count = instructions.length;
  return assemble(
    sectionOf(1, [...leb(ARRAYS.length + count), ...ARRAYS.flat(), ...types.flat()]),
    sectionOf(3, [...leb(count), ...types.flatMap((_, index) => leb(ARRAYS.length + index))]),
    section(4, 4, ...TABLE_SIZES.flatMap((size, t) => [t === 3 ? FUNC : EXTERN, t === 2 ? 5 : 1, size, MAX_TABLE])),
    section(5, 3, 1, 1, 2, 1, 1, 1, 5, 1, 1),
    sectionOf(7, [
      ...leb(count + 3),
      ...[0, 1, 2].flatMap((memory) => [...name(`memory ${memory}`), 2, memory]),
      ...instructions.flatMap((each, index) => [...name(each.name), 0, ...leb(index)]),
    ]),
    section(9, 1, 1, 0, 16, ...Array.from({ length: 16 }, (_, index) => index % count)),
    section(12, 1),
    sectionOf(10, [...leb(count), ...bodies.flat()]),
    sectionOf(11, [1, 1, DATA.length, ...DATA]),
  );
}

/** One of the two instances that must not differ. */
class Side {
  readonly #exports: WebAssembly.Exports;
  readonly arrays: Readonly<Record<number, readonly unknown[]>>;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#exports = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
    const make = (kind: string) => [this.run(`new ${kind}`, [23]).value, this.run(`new ${kind}`, [11]).value, null];
    this.arrays = { [BYTES]: make("bytes"), [SHORTS]: make("shorts"), [REFS]: make("refs") };
    for (const memory of this.#memories()) memory.forEach((_, index) => memory[index] = index * 7 % 251);
    TABLE_INDEX.forEach((type, table) => {
      for (let index = 0; index < (TABLE_SIZES[table] ?? 0); index++) {
        this.run(`table.set ${table}`, [type === I64 ? BigInt(index) : index, `entry ${index}`]);
      }
    });
  }

  run(instruction: string, operands: readonly unknown[]): { readonly value?: unknown; readonly trap?: string } {
    const run = this.#exports[instruction];
    assert(typeof run === "function");
    try {
      return { value: run(...operands) };
    } catch (error) {
      assert(error instanceof WebAssembly.RuntimeError, String(error));
      return { trap: error.message };
    }
  }

  /** All that the instructions can have changed. */
  state(): unknown {
    const arrays = [["bytes", BYTES], ["shorts", SHORTS], ["refs", REFS]] as const;
    return {
      memories: this.#memories(),
      tables: TABLE_SIZES.map((_, table) => this.#contents(table)),
      arrays: arrays.map(([kind, type]) =>
        (this.arrays[type] ?? []).slice(0, 2).map((array, which) =>
          Array.from({ length: which === 0 ? 23 : 11 }, (_, index) => this.run(`get ${kind}`, [array, index]).value)
        )
      ),
    };
  }

  #memories(): Uint8Array[] {
    return [0, 1, 2].map((index) => {
      const memory = this.#exports[`memory ${index}`];
      assert(memory instanceof WebAssembly.Memory);
      return new Uint8Array(memory.buffer);
    });
  }

  /** Functions by their names, which are their indices. */
  #contents(table: number): unknown[] {
    const wide = TABLE_INDEX[table] === I64;
    const size = Number(this.run(`table.size ${table}`, []).value);
    return Array.from({ length: size }, (_, index) => {
      const { value } = this.run(`table.get ${table}`, [wide ? BigInt(index) : index]);
      return typeof value === "function" ? value.name : value;
    });
  }
}

const PAGE = 65536;
const position = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 24 }) },
  { weight: 2, arbitrary: fc.integer({ min: PAGE - 40, max: PAGE + 2 }) },
  { weight: 1, arbitrary: fc.constantFrom(0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff) },
);
const wide = fc.oneof(
  { weight: 9, arbitrary: position.map(BigInt) },
  { weight: 1, arbitrary: fc.constantFrom(1n << 32n, (1n << 63n) - 1n, -1n, -20n, 1n << 63n) },
);
const value = fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 9 }).map((number) => `value ${number}`));

/** Operands as both sides take them: of an array, which of the three. */
const step = fc.constantFrom(...INSTRUCTIONS).chain((instruction) =>
  fc.tuple(
    fc.constant(instruction),
    fc.tuple(...instruction.params.map(([code, type]): fc.Arbitrary<unknown> => {
      if (code === 0x63) return fc.integer({ min: 0, max: 2 }).map((which) => ({ type: type ?? 0, which }));
      return code === I32 ? position : code === I64 ? wide : value;
    })),
  )
);

function operandOf(side: Side, operand: unknown): unknown {
  if (typeof operand !== "object" || operand === null) return operand;
  assert("type" in operand && "which" in operand);
  return side.arrays[Number(operand.type)]?.[Number(operand.which)];
}

Deno.test("bulk instructions in pieces do what they do at once: overlap, bounds, length 0, 64-bit, dropped segments", () => {
  const bytes = moduleOf([...INSTRUCTIONS, ...VIEWS]);
  const { bytes: rewritten } = instrumentModule(bytes, { ...OPTIONS, pieces: SMALL_PIECES });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      const [original, cut] = [new Side(bytes), new Side(rewritten)];
      for (const [{ name }, operands] of steps) {
        const expected = original.run(name, operands.map((operand) => operandOf(original, operand)));
        assertEquals(cut.run(name, operands.map((operand) => operandOf(cut, operand))), expected, name);
      }
      assertEquals(cut.state(), original.state());
    }),
    { numRuns: 150 },
  );
});

Deno.test("bulk instructions in pieces do what they do at once, with each length about a piece, either way round", () => {
  const bytes = moduleOf([...INSTRUCTIONS, ...VIEWS]);
  const { bytes: rewritten } = instrumentModule(bytes, { ...OPTIONS, pieces: SMALL_PIECES });
  for (const [name, piece] of [["memory.copy 0 0", 7], ["table.copy 0 0", 3]] as const) {
    for (const length of [0, 1, piece - 1, piece, piece + 1, 2 * piece, 2 * piece + 1]) {
      for (const distance of [-piece - 1, -piece, -1, 0, 1, piece, piece + 1]) {
        const [original, cut] = [new Side(bytes), new Side(rewritten)];
        const operands = [8 + distance, 8, length];
        assertEquals(cut.run(name, operands), original.run(name, operands));
        assertEquals(cut.state(), original.state(), `${name} ${operands}`);
      }
    }
  }
});

Deno.test("bulk instructions in pieces trap with V8's words where a range ends about 2^31, of which V8 has others", () => {
  const bytes = moduleOf([...INSTRUCTIONS, ...VIEWS]);
  const { bytes: rewritten } = instrumentModule(bytes, { ...OPTIONS, pieces: SMALL_PIECES });
  for (const name of ["memory.init 0", "table.init 3"]) {
    for (const begin of [2 ** 31 - 5, 2 ** 31 - 4, 2 ** 31 - 3, 2 ** 31 - 1, -(2 ** 31), -5, -4, -1]) {
      const [original, cut] = [new Side(bytes), new Side(rewritten)];
      assertEquals(cut.run(name, [0, begin, 4]), original.run(name, [0, begin, 4]), `${name} from ${begin}`);
    }
  }
});

/** How often the functions of an instruction look at the epoch word, the look being a count in global 0. */
function looksOf({ code, params, results = [] }: Instruction, operands: readonly unknown[]): number {
  const around = moduleOf([row("any", code, params, results)]);
  const targets = new BulkHelpers(
    new Declarations(around),
    [{ min: 20, max: 90_000, shared: false, index64: false }],
    new Uint8Array(),
    DEFAULT_PIECES,
  );
  const operation = readBulkOperation(targets, Uint8Array.from(code), 0, code.length);
  assert(operation);
  const look = Uint8Array.of(0x23, 0, 0x41, 1, 0x6a, 0x24, 0);
  const bodies = encodeBulkBodies(operation, Uint8Array.from(code), look, 0);
  const type = [0x60, params.length, ...params.flat(), results.length, ...results.flat()];
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(assemble(
      sectionOf(1, [ARRAYS.length + 1, ...ARRAYS.flat(), ...type]),
      section(3, bodies.length, ...bodies.map(() => ARRAYS.length)),
      section(4, 1, EXTERN, 1, ...leb(80_000), ...leb(90_000)),
      section(5, 1, 0, 64),
      section(6, 1, I32, 1, 0x41, 0, 0x0b),
      section(7, 2, ...name("run"), 0, 0, ...name("looks"), 3, 0),
      sectionOf(10, [bodies.length, ...bodies.flatMap((body) => [...leb(body.length), ...body])]),
    )),
  );
  const { run, looks } = exports;
  assert(typeof run === "function" && looks instanceof WebAssembly.Global);
  run(...operands);
  return looks.value;
}

const { bytes: PIECE, entries: ENTRIES } = DEFAULT_PIECES;
Deno.test.each([
  { what: "memory.fill of a piece", code: [0xfc, 11, 0], operands: [0, 1, PIECE], looks: 1 },
  { what: "memory.fill of a piece and a byte", code: [0xfc, 11, 0], operands: [0, 1, PIECE + 1], looks: 2 },
  { what: "memory.fill of ten pieces", code: [0xfc, 11, 0], operands: [0, 1, PIECE * 10], looks: 10 },
  { what: "memory.copy of a piece", code: [0xfc, 10, 0, 0], operands: [9, 0, PIECE], looks: 1 },
  { what: "memory.copy forward of a piece and a byte", code: [0xfc, 10, 0, 0], operands: [0, 9, PIECE + 1], looks: 2 },
  { what: "memory.copy backward of ten pieces", code: [0xfc, 10, 0, 0], operands: [9, 0, PIECE * 10], looks: 10 },
  { what: "table.copy of a piece", code: [0xfc, 14, 0, 0], operands: [9, 0, ENTRIES], looks: 1 },
  { what: "table.copy of a piece and an entry", code: [0xfc, 14, 0, 0], operands: [9, 0, ENTRIES + 1], looks: 2 },
])("what replaces $what looks at the epoch word $looks times", ({ code, operands, looks }) => {
  assertEquals(looksOf(row("", code, [I32, I32, I32]), operands), looks);
});

Deno.test.each([
  { what: "table.grow by a piece", operands: ["x", ENTRIES], looks: 1 },
  { what: "table.grow by a piece and an entry", operands: ["x", ENTRIES + 1], looks: 2 },
  { what: "table.grow to its maximum", operands: ["x", 10_000], looks: 3 },
  { what: "table.grow past its maximum", operands: ["x", 10_001], looks: 1 },
])("what replaces $what looks at the epoch word $looks times", ({ operands, looks }) => {
  assertEquals(looksOf(row("", [0xfc, 15, 0], [EXTERN, I32], [I32]), operands), looks);
});

/** Code of `run` after the rewrite: what a constant length makes of it. */
function calls(length: number): boolean {
  const constant = [...leb(length)];
  const last = constant.length - 1;
  // A signed LEB128 needs its sign bit clear.
  if ((constant[last] ?? 0) >= 0x40) constant.splice(last, 1, (constant[last] ?? 0) | 0x80, 0);
  const code = [0, 0x41, 0, 0x41, 0, 0x41, ...constant, 0xfc, 11, 0, 0x0b];
  const { bytes } = instrumentModule(
    assemble(
      section(1, 1, 0x60, 0, 0),
      section(3, 1, 0),
      section(5, 1, 0, 8),
      section(10, 1, ...leb(code.length), ...code),
    ),
    OPTIONS,
  );
  assert(WebAssembly.validate(bytes));
  // Function 2, as the trap function comes before it.
  return Array.from(bytes).some((_, at) => bytes[at] === 0x10 && bytes[at + 1] === 2 && bytes[at + 2] === 0x0b);
}

Deno.test("instrumentModule() leaves a bulk instruction whose length is a constant of one piece, and no more than that", () => {
  assertEquals([0, 64, PIECE - 1, PIECE].map(calls), [false, false, false, false]);
  assertEquals([PIECE + 1, PIECE * 100].map(calls), [true, true]);
});

Deno.test("instrumentModule() makes one array of 8 MiB, and traps as V8 does with a byte more", () => {
  const bytes = moduleOf([row("new", [0xfb, 7, BYTES], [I32], [ref(BYTES)])]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(instrumentModule(bytes, OPTIONS).bytes));
  const make = exports.new;
  assert(typeof make === "function");
  make(MAX_ARRAY_BYTES);
  assertThrows(() => make(MAX_ARRAY_BYTES + 1), WebAssembly.RuntimeError, "requested new array is too large");
});

Deno.test("instrumentModule() takes 1,000 different bulk instructions on large tables, and refuses one more", () => {
  const module = (count: number) => {
    const rows = Array.from(
      { length: count },
      (_, index) => row("x", [0xfc, 14, ...leb(index % 40), ...leb(Math.floor(index / 40))], [I32, I32, I32]),
    );
    const code = rows.flatMap(({ code }) => [0x20, 0, 0x20, 0, 0x20, 0, ...code]);
    const body = [1, 1, I32, ...code, 0x0b];
    return assemble(
      section(1, 1, 0x60, 0, 0),
      section(3, 1, 0),
      section(4, 40, ...Array(40).fill([EXTERN, 0, 0]).flat()),
      sectionOf(10, [1, ...leb(body.length), ...body]),
    );
  };
  const options = { ...OPTIONS, maxTableEntries: 10_000_000 };
  assert(WebAssembly.validate(instrumentModule(module(1000), options).bytes));
  const error = assertThrows(() => instrumentModule(module(1001), options), ModuleError);
  assertStringIncludes(error.message, "at most 1000 different bulk instructions");
});

Deno.test.each([
  { bytes: [I32] },
  { bytes: [0x7b] },
  { bytes: [EXTERN] },
  { bytes: [0x69] },
  { bytes: [0x71] },
  { bytes: [0x63, 0x07] },
  { bytes: [0x64, 0xc0, 0x00] },
  { bytes: [0x64, 0x70] },
])("writeValueType() writes $bytes as readTypeSection() has read it", ({ bytes }) => {
  const params = Array(70).fill([0x60, 0, 0]).flat();
  const declarations = new Declarations(assemble(sectionOf(1, [71, ...params, 0x60, 1, ...bytes, 0])));
  const type = declarations.types[70];
  assert(type?.kind === "function");
  const writer = new Writer();
  writeValueType(writer, type.params[0] ?? "");
  assertEquals(writer.finish(), Uint8Array.from(bytes));
});
