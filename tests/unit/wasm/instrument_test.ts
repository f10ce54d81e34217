import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ModuleError } from "../../../src/errors.ts";
import {
  EPOCH_EXPORT,
  inspectModule,
  instrumentModule,
  type InstrumentOptions,
  memoryExport,
  START_EXPORT,
  TRAP_EXPORT,
} from "../../../src/wasm/mod.ts";
import { type Around, assemble, custom, leb, name, section, sectionOf, withCode } from "./assemble.ts";

const OPTIONS: InstrumentOptions = { maxMemoryPages: 256, maxTableEntries: 1000, allowGc: false };

const ONE_MEMORY = section(5, 1, 0, 1);

const appended = [
  { name: "an empty module", bytes: assemble() },
  { name: "a module of imports only", bytes: assemble(section(1, 1, 0x60, 1, 0x7f, 0), section(2, 1, 0, 0, 0, 0)) },
  { name: "a module of a custom section only", bytes: assemble(custom("name", 0, 2, 1, 0x6d)) },
  { name: "a module with a memory", bytes: withCode([0x01], { before: [ONE_MEMORY] }) },
  { name: "a module with data only", bytes: assemble(ONE_MEMORY, section(11, 1, 0, 0x41, 0, 0x0b, 1, 7)) },
  { name: "a module with a data count", bytes: assemble(ONE_MEMORY, section(12, 1), section(11, 1, 1, 1, 7)) },
  { name: "a recursion group", bytes: assemble(section(1, 1, 0x4e, 2, 0x5f, 0, 0x60, 1, 0x64, 0, 0)) },
  { name: "() -> () inside a recursion group", bytes: assemble(section(1, 1, 0x4e, 2, 0x5f, 0, 0x60, 0, 0)) },
  { name: "a padded section", bytes: assemble([5, 0x83, 0x80, 0x80, 0x80, 0, 1, 0, 1]) },
  {
    name: "a tag and a global between memory and export",
    bytes: assemble(section(1, 1, 0x60, 0, 0), section(13, 1, 0, 0), section(6, 1, 0x7f, 0, 0x41, 0, 0x0b)),
  },
];

for (const { name, bytes } of appended) {
  Deno.test(`instrumentModule() appends to ${name}`, () => {
    assert(WebAssembly.validate(bytes));
    const { bytes: output } = instrumentModule(bytes, OPTIONS);
    assert(WebAssembly.validate(output));
    const exports = inspectModule(output).exports.map((each) => each.name).slice(-2);
    assertEquals(exports, [EPOCH_EXPORT, TRAP_EXPORT]);
  });
}

Deno.test("instrumentModule() reports the module as it was", () => {
  const bytes = withCode([], { before: [section(5, 1, 1, 1, 0x80, 0x10)] });
  const { info } = instrumentModule(bytes, OPTIONS);
  assertEquals(info, inspectModule(bytes));
});

Deno.test("instrumentModule() makes the start function an export", () => {
  const bytes = withCode([0x00], { between: [section(8, 0)] });
  const { bytes: output } = instrumentModule(bytes, OPTIONS);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(output));
  const start = exports[START_EXPORT];
  assert(typeof start === "function");
  assertThrows(() => start(), WebAssembly.RuntimeError, "unreachable");
});

Deno.test("instrumentModule() keeps no custom section, and no room for one", () => {
  const names = ["name", "producers", ".debug_info", "sourceMappingURL", "metadata.code.branch_hint", "notes"];
  const bytes = assemble(...names.map((each) => custom(each, ...Array(10_000).fill(0))));
  const { bytes: output } = instrumentModule(bytes, OPTIONS);
  assertEquals(inspectModule(output).customSections, []);
  assert(output.buffer.byteLength < 10_000, `${output.buffer.byteLength}`);
});

Deno.test("instrumentModule() exports each memory of the module, whatever else exports it", () => {
  const bytes = assemble(
    section(2, 1, ...name("env"), ...name("memory"), 2, 0, 1),
    section(5, 2, 0, 1, 0, 2),
    section(7, 1, ...name("memory"), 2, 2),
  );
  const { exports } = inspectModule(instrumentModule(bytes, OPTIONS).bytes);
  const pages = exports.map(({ name, type }) => [name, type.kind === "memory" ? type.min : type.kind]);
  const appended = [[EPOCH_EXPORT, 1], [TRAP_EXPORT, "function"]];
  assertEquals(pages, [["memory", 2], [memoryExport(0), 1], [memoryExport(1), 2], ...appended]);
});

Deno.test("instrumentModule() drops exports that the host does not need, and ref.func may still name their functions", () => {
  const elements = [undefined, section(9, 1, 3, 0, 1, 0)];
  for (const element of elements) {
    const bytes = withCode([0xd2, 0, 0x1a, 0xd2, 0, 0xd1, 0x04, 0x40, 0x00, 0x0b], {
      before: [ONE_MEMORY],
      exports: [...name("kept"), 2, 0],
      between: element === undefined ? [] : [element],
    });
    const { bytes: output, info } = instrumentModule(bytes, { ...OPTIONS, keepsExport: (each) => each === "kept" });
    assert(WebAssembly.validate(output));
    assertEquals(info.exports.map((each) => each.name), ["run", "kept"]);
    const exports = inspectModule(output).exports.map((each) => each.name);
    assertEquals(exports, ["kept", memoryExport(0), EPOCH_EXPORT, TRAP_EXPORT]);
  }
});

Deno.test("instrumentModule() tells what imported memories may have, and leaves their import as it is", () => {
  const imported = (...limits: number[]) => section(2, 1, ...name("env"), ...name("memory"), 2, ...limits);
  const rows = [
    { bytes: assemble(imported(0, 2)), max: [256] },
    { bytes: assemble(imported(1, 2, 9)), max: [9] },
    { bytes: assemble(imported(0, 2), section(5, 1, 1, 1, 16)), max: [240] },
    { bytes: assemble(imported(1, 2, 16), section(5, 1, 0, 0)), max: [16] },
  ];
  for (const { bytes, max } of rows) {
    const { bytes: output, importedMemories } = instrumentModule(bytes, OPTIONS);
    assertEquals(importedMemories.map((memory) => memory.max), max);
    assertEquals(inspectModule(output).imports, inspectModule(bytes).imports);
  }
});

/** `(body, around)` of modules that must be refused. */
interface Refusal {
  readonly name: string;
  readonly code: string;
  readonly says: string;
  readonly body?: readonly number[];
  readonly around?: Around;
  readonly options?: Partial<InstrumentOptions>;
}

const structType = [[0x5f, 0]];
const arrayType = [[0x5e, 0x7f, 1]];
const manyLocals = { locals: [[20_001, 0x7f]] } as const;

const refusals: readonly Refusal[] = [
  {
    name: "the memory one past its own",
    code: "MODULE_INVALID",
    says: "memory index 1",
    body: [0x3f, 1, 0x1a],
    around: { before: [ONE_MEMORY] },
  },
  { name: "memory 0 without a memory", code: "MODULE_INVALID", says: "memory index 0", body: [0x3f, 0, 0x1a] },
  { name: "the function one past its own", code: "MODULE_INVALID", says: "function index #1", body: [0x10, 1] },
  { name: "the type one past its own", code: "MODULE_INVALID", says: "1", body: [0x02, 1, 0x0b] },
  { name: "bad operands", code: "MODULE_INVALID", says: "drop", body: [0x1a] },
  { name: "an unassigned opcode", code: "MODULE_UNKNOWN_OPCODE", says: "opcode 0x27 at byte", body: [0x27] },
  { name: "stack switching", code: "MODULE_UNKNOWN_OPCODE", says: "(of stack switching)", body: [0xe0, 0] },
  {
    name: "wide arithmetic",
    code: "MODULE_UNKNOWN_OPCODE",
    says: "0xfc 0x13 (of wide arithmetic)",
    body: [0xfc, 0x13],
  },
  {
    name: "string references",
    code: "MODULE_UNKNOWN_OPCODE",
    says: "(of string references)",
    body: [0xfb, 0x80, 0x01],
  },
  {
    name: "half-precision SIMD",
    code: "MODULE_UNKNOWN_OPCODE",
    says: "(of half-precision SIMD)",
    body: [0xfd, 0xa0, 0x02],
  },
  { name: "an atomic instruction", code: "MODULE_USES_THREADS", says: "atomic", body: [0xfe, 0x03, 0] },
  {
    name: "a shared memory",
    code: "MODULE_USES_THREADS",
    says: "shared",
    around: { before: [section(5, 1, 3, 1, 1)] },
  },
  {
    name: "struct.new",
    code: "MODULE_USES_GC",
    says: "--allow-gc",
    body: [0xfb, 0, 1, 0x1a],
    around: { types: structType },
  },
  {
    name: "array.new_default",
    code: "MODULE_USES_GC",
    says: "--allow-gc",
    body: [0x41, 1, 0xfb, 7, 1, 0x1a],
    around: { types: arrayType },
  },
  {
    name: "a global of a struct",
    code: "MODULE_USES_GC",
    says: "a global that is made there",
    around: { types: structType, before: [section(6, 1, 0x6e, 0, 0xfb, 0, 1, 0x0b)] },
  },
  {
    name: "a table of arrays",
    code: "MODULE_USES_GC",
    says: "a table filled",
    around: { types: arrayType, before: [section(4, 1, 0x40, 0, 0x6e, 0, 1, 0x41, 9, 0xfb, 7, 1, 0x0b)] },
  },
  {
    name: "an element segment of structs",
    code: "MODULE_USES_GC",
    says: "an element segment",
    around: { types: structType, between: [section(9, 1, 5, 0x6e, 1, 0xfb, 0, 1, 0x0b)] },
  },
  {
    name: "a table of exceptions",
    code: "MODULE_USES_GC",
    says: "keeps exceptions",
    around: { before: [section(4, 1, 0x69, 0, 1)] },
  },
  {
    name: "a global exception",
    code: "MODULE_USES_GC",
    says: "keeps an exception",
    around: { before: [section(6, 1, 0x69, 1, 0xd0, 0x69, 0x0b)] },
  },
  {
    name: "an exception of 36 words",
    code: "MODULE_USES_GC",
    says: "36 words, more than 32",
    around: { types: [[0x60, 9, ...Array(9).fill(0x7b), 0]], before: [section(13, 1, 0, 1)] },
  },
  ...([
    ["exnref", [0x69]],
    ["a reference to an exception", [0x64, 0x69]],
    ["funcref", [0x70]],
    ["externref", [0x6f]],
    ["anyref", [0x6e]],
    ["nullexnref", [0x74]],
    ["a reference to a type", [0x63, 0]],
  ] as const).map(([what, type]): Refusal => ({
    name: `an exception that holds ${what}`,
    code: "MODULE_USES_GC",
    says: "an exception tag that carries a reference",
    around: { types: [[0x60, 2, 0x7f, ...type, 0]], before: [section(13, 1, 0, 1)] },
  })),
  {
    name: "an imported memory that starts too large",
    code: "MODULE_MEMORY_TOO_LARGE",
    says: "received 257 pages",
    around: { imports: [section(2, 1, 1, 0x65, 1, 0x6d, 2, 0, 0x81, 0x02)] },
  },
  {
    name: "an imported memory and one of its own that start too large together",
    code: "MODULE_MEMORY_TOO_LARGE",
    says: "received 258 pages",
    around: { imports: [section(2, 1, 1, 0x65, 1, 0x6d, 2, 0, 0x80, 0x02)], before: [section(5, 1, 0, 2)] },
  },
  {
    name: "an export with a reserved name",
    code: "MODULE_RESERVED_EXPORT",
    says: 'an export "sentinel:x"',
    around: { before: [ONE_MEMORY], exports: [...name("sentinel:x"), 2, 0] },
  },
  {
    name: "a memory that starts too large",
    code: "MODULE_MEMORY_TOO_LARGE",
    says: "256 pages (16 MiB), the limit of --max-memory: received 257 pages (16.06 MiB)",
    around: { before: [section(5, 1, 0, 0x81, 0x02)] },
  },
  {
    name: "memories that start too large together",
    code: "MODULE_MEMORY_TOO_LARGE",
    says: "received 400 pages",
    around: { before: [section(5, 2, 0, 0xc8, 1, 0, 0xc8, 1)] },
  },
  {
    name: "101 memories",
    code: "MODULE_MEMORY_TOO_LARGE",
    says: "at most 100 memories: received 101",
    around: { before: [section(5, 101, ...Array(202).fill(0))] },
  },
  {
    name: "a table that starts too large",
    code: "MODULE_TABLE_TOO_LARGE",
    says: "at most 1000 entries, the limit of --max-table-entries: received 1001",
    around: { before: [section(4, 1, 0x70, 0, 0xe9, 0x07)] },
  },
  {
    name: "1,001 tables",
    code: "MODULE_TABLE_TOO_LARGE",
    says: "1000 tables",
    around: { before: [section(4, ...leb(1001), ...Array(1001).fill([0x70, 0, 0]).flat())] },
  },
  {
    name: "too many locals",
    code: "MODULE_FUNCTION_TOO_LARGE",
    says: "function 0 must have at most 10000 parameters and locals",
    around: manyLocals,
  },
  {
    name: "a body too large",
    code: "MODULE_FUNCTION_TOO_LARGE",
    says: "at most 100 bytes in the body",
    body: Array(100).fill(1),
    options: { costs: { maxBodyBytes: 100 } },
  },
  {
    name: "many locals with many blocks",
    code: "MODULE_FUNCTION_TOO_LARGE",
    says: "function 0 must have at most 20000000 locals and operands, summed over its branches",
    body: Array(2400).fill([0x02, 0x40, 0x0b]).flat(),
    around: { locals: [[10_000, 0x7f]] },
  },
];

for (const { name, code, says, body = [], around, options } of refusals) {
  Deno.test(`instrumentModule() refuses ${name}`, () => {
    const bytes = withCode(body, around);
    const error = assertThrows(() => instrumentModule(bytes, { ...OPTIONS, ...options }), ModuleError);
    assertEquals(error.code, code, error.message);
    assertStringIncludes(error.message, says);
  });
}

Deno.test("instrumentModule() accepts with allowGc what it refuses without for the heap's sake", () => {
  for (const { code, body = [], around } of refusals) {
    if (code !== "MODULE_USES_GC") continue;
    assert(WebAssembly.validate(instrumentModule(withCode(body, around), { ...OPTIONS, allowGc: true }).bytes));
  }
});

Deno.test("instrumentModule() names the function that is too large by the name section", () => {
  const bytes = assemble(
    section(1, 1, 0x60, 0, 0),
    section(3, 1, 0),
    section(10, 1, 6, 1, 0xa1, 0x9c, 0x01, 0x7f, 0x0b),
    custom("name", 1, 8, 1, 0, ...name("parse")),
  );
  assertThrows(
    () => instrumentModule(bytes, OPTIONS),
    ModuleError,
    'function 0 "parse" must have at most 10000 parameters and locals',
  );
});

Deno.test("instrumentModule() names the module in each refusal, whatever layer finds the fault", () => {
  for (const { body = [], around, options } of refusals) {
    const given = { ...OPTIONS, ...options, name: "a\nb.wasm" };
    const { message } = assertThrows(() => instrumentModule(withCode(body, around), given), ModuleError);
    assertStringIncludes(message, 'Cannot use module "a\\u{a}b.wasm" as ');
  }
});

Deno.test("instrumentModule() escapes and cuts the function names that it tells", () => {
  const forged = `x\n2026-01-01 INFO serving \x1b[2J${"A".repeat(1_000_000)}`;
  const names = [1, ...leb(name(forged).length + 2), 1, 0, ...name(forged)];
  const bytes = assemble(
    section(1, 1, 0x60, 0, 0),
    section(3, 1, 0),
    section(10, 1, 6, 1, 0xa1, 0x9c, 0x01, 0x7f, 0x0b),
    sectionOf(0, name("name").concat(names)),
  );
  const { message } = assertThrows(() => instrumentModule(bytes, OPTIONS), ModuleError);
  assertStringIncludes(message, 'function 0 "x\\u{a}2026-01-01 INFO serving \\u{1b}[2JAAA');
  assert(message.length < 500 && !message.includes("\n") && !message.includes("\x1b"), message.slice(0, 500));
});

Deno.test("instrumentModule() refuses its own output", () => {
  const { bytes } = instrumentModule(withCode([]), OPTIONS);
  const error = assertThrows(() => instrumentModule(bytes.slice(), OPTIONS), ModuleError);
  // The epoch memory is shared, and that is seen first or the name is: either way it says no.
  assertEquals(error.code, "MODULE_RESERVED_EXPORT");
  assertStringIncludes(error.message, `received an export "${EPOCH_EXPORT}"`);
});

Deno.test("instrumentModule() refuses a select of 257 types, of which V8 reads one (wasm select count is cut to 8 bits)", () => {
  // V8 takes this as `select i32; drop; loop ...`, a reader of 257 types would not see the loop.
  const hidden = [0x41, 0, 0x41, 0, 0x41, 0, 0x1c, 0x81, 0x02, 0x7f, 0x1a, 0x03, 0x40, 0x0c, 0, 0x0b];
  const bytes = withCode([...hidden, ...Array(300).fill(0x01)]);
  assert(WebAssembly.validate(bytes), "V8 refuses it now: the check in skipSelectTypes() may go");
  assertThrows(() => instrumentModule(bytes, OPTIONS), ModuleError, "a select must name one type: received 257");
});

const clamped = [
  { name: "no maximum", limits: [[0, 1]], bounds: ["1-256"] },
  { name: "a lower maximum", limits: [[1, 1, 16]], bounds: ["1-16"] },
  { name: "a higher maximum", limits: [[1, 1, 0x80, 0x80, 4]], bounds: ["1-256"] },
  { name: "a 64-bit memory", limits: [[4, 1]], bounds: ["1-256"] },
  { name: "two without maxima", limits: [[0, 0], [0, 6]], bounds: ["0-125", "6-131"] },
  { name: "a small one beside one without", limits: [[1, 1, 16], [0, 0]], bounds: ["1-16", "0-240"] },
  { name: "100 memories", limits: Array(100).fill([0, 2]), bounds: undefined },
];

for (const { name, limits, bounds } of clamped) {
  Deno.test(`instrumentModule() lowers the maxima of memories together: ${name}`, () => {
    const bytes = withCode([], { before: [section(5, limits.length, ...limits.flat())] });
    const { memories } = inspectModule(instrumentModule(bytes, OPTIONS).bytes);
    const own = memories.slice(0, -1).map(({ min, max }) => `${min}-${max}`);
    const total = memories.slice(0, -1).reduce((sum, { max }) => sum + (max ?? Infinity), 0);
    assert(total <= 256, `together ${total}`);
    if (bounds) assertEquals(own, bounds);
  });
}

Deno.test("instrumentModule() lowers a table's maximum and keeps the expression that fills it", () => {
  const bytes = withCode([], { before: [section(4, 2, 0x40, 0, 0x64, 0x70, 0, 1, 0xd2, 0, 0x0b, 0x6f, 1, 1, 9)] });
  const { tables } = inspectModule(instrumentModule(bytes, OPTIONS).bytes);
  assertEquals(tables.map(({ elementType, max }) => `${elementType} ${max}`), ["(ref func) 991", "externref 9"]);
});

Deno.test("instrumentModule() bounds what memory.grow and table.grow can have", () => {
  const grow = [0x41, ...leb(300), 0x02, 0x40, 0x0b, 0x40, 0];
  const bytes = assemble(
    section(1, 1, 0x60, 0, 1, 0x7f),
    section(3, 1, 0),
    ONE_MEMORY,
    section(7, 1, ...name("grow"), 0, 0),
    section(10, 1, grow.length + 2, 0, ...grow, 0x0b),
  );
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(instrumentModule(bytes, OPTIONS).bytes));
  assert(typeof exports.grow === "function");
  assertEquals(exports.grow(), -1);
});

Deno.test("instrumentModule() says by name that probes would make a body exceed V8's limit", () => {
  // 1.2 million loops: 3.6 MB as they are, 15 MB with probes.
  const bytes = withCode(Array(1_200_000).fill([0x03, 0x40, 0x0b]).flat());
  const costs = { maxLoops: Infinity, maxNodes: Infinity, maxModuleNodes: Infinity };
  const error = assertThrows(() => instrumentModule(bytes, { ...OPTIONS, costs }), ModuleError);
  assertEquals(error.code, "MODULE_FUNCTION_TOO_LARGE");
  assertStringIncludes(error.message, "7654321 bytes, a limit of V8");
});

Deno.test("instrumentModule() takes loops in dead code, loops with parameters and padded block types", () => {
  const bodies = [
    [0x00, 0x03, 0x40, 0x0c, 0, 0x0b],
    [0x41, 7, 0x03, 1, 0x1a, 0x0b],
    [0x03, 0xc0, 0x7f, 0x0b],
    [0x03, 0x80, 0x80, 0x00, 0x0b],
    [0x03, 0x63, 0xf0, 0x7f, 0xd0, 0x70, 0x0b, 0x1a],
  ];
  for (const body of bodies) {
    const bytes = withCode(body, { types: [[0x60, 1, 0x7f, 0]] });
    assert(WebAssembly.validate(bytes));
    assert(WebAssembly.validate(instrumentModule(bytes, OPTIONS).bytes));
  }
});
