import { assert, assertThrows } from "@std/assert";
import { EPOCH_EXPORT, instrumentModule, TRAP_EXPORT } from "../../../src/wasm/mod.ts";
import { type Around, assemble, leb, name, section, sectionOf, withCode } from "./assemble.ts";

const OPTIONS = { maxMemoryPages: 1024, maxTableEntries: 100_000, allowGc: true };

/** Stores 1 into the epoch word some time after it was sent, as the watchdog does: a call that cannot be ended hangs. */
const WATCHDOG = `
self.onmessage = ({ data: { buffer, delayMs } }) => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delayMs);
  Atomics.store(new Int32Array(buffer), 0, 1);
};
self.postMessage("ready");
`;

interface Loaded {
  readonly exports: WebAssembly.Exports;
  readonly epoch: SharedArrayBuffer;
}

function load(bytes: Uint8Array<ArrayBuffer>, imports: WebAssembly.Imports = {}): Loaded {
  const { bytes: output } = instrumentModule(bytes, OPTIONS);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(output), imports);
  const memory = exports[EPOCH_EXPORT];
  assert(memory instanceof WebAssembly.Memory);
  const buffer: unknown = memory.buffer;
  assert(buffer instanceof SharedArrayBuffer);
  return { exports, epoch: buffer };
}

async function assertEnds({ exports, epoch }: Loaded, delayMs = 30): Promise<void> {
  const watchdog = new Worker(`data:text/javascript,${encodeURIComponent(WATCHDOG)}`, { type: "module" });
  await new Promise((resolve) => watchdog.onmessage = resolve);
  watchdog.postMessage({ buffer: epoch, delayMs });
  const { run } = exports;
  assert(typeof run === "function");
  try {
    assertThrows(() => run(), WebAssembly.RuntimeError, "unreachable");
  } finally {
    watchdog.terminate();
  }
}

const memory = [section(5, 1, 0, 0x80, 2)];
const table = [section(4, 1, 0x70, 0, 0x90, 0xce, 0)];
const forever = (...code: number[]) => [0x03, 0x40, ...code, 0x0c, 0, 0x0b];

interface Spin {
  readonly name: string;
  readonly code: readonly number[];
  readonly around?: Around;
}

const spins: readonly Spin[] = [
  { name: "an empty loop", code: forever() },
  { name: "a loop inside a loop", code: forever(0x03, 0x40, 0x41, 0, 0x0d, 0, 0x0b) },
  { name: "a loop in a block that it leaves and enters again", code: forever(0x02, 0x40, 0x41, 1, 0x0d, 0, 0x0b) },
  { name: "a loop by br_table", code: [0x03, 0x40, 0x41, 0, 0x0e, 0, 0, 0x0b] },
  {
    name: "a loop that counts in a local",
    code: forever(0x20, 0, 0x41, 1, 0x6a, 0x21, 0),
    around: { locals: [[1, 0x7f]] },
  },
  { name: "a loop that loads", code: forever(0x41, 0, 0x28, 2, 0, 0x1a), around: { before: memory } },
  { name: "a loop that stores", code: forever(0x41, 0, 0x41, 1, 0x36, 2, 0), around: { before: memory } },
  { name: "return_call of itself", code: [0x12, 0] },
  { name: "return_call_ref of itself", code: [0xd2, 0, 0x15, 0], around: { between: [section(9, 1, 3, 0, 1, 0)] } },
  {
    name: "recursion of two calls each, too deep for any stack to end",
    code: [
      ...[0x23, 0, 0x41, 40, 0x4a, 0x04, 0x40, 0x0f, 0x0b],
      ...[0x23, 0, 0x41, 1, 0x6a, 0x24, 0, 0x10, 0, 0x10, 0, 0x23, 0, 0x41, 1, 0x6b, 0x24, 0],
    ],
    around: { before: [section(6, 1, 0x7f, 1, 0x41, 0, 0x0b)] },
  },
  { name: "catch_all around and in a loop (old)", code: forever(0x06, 0x40, ...forever(), 0x19, 0x0b) },
  {
    name: "catch_all around and in a loop (new)",
    code: forever(0x02, 0x40, 0x1f, 0x40, 1, 2, 0, ...forever(), 0x0b, 0x0b),
  },
  {
    name: "throw and catch for ever",
    code: forever(0x06, 0x40, 0x08, 0, 0x07, 0, 0x0b),
    around: { before: [section(13, 1, 0, 0)] },
  },
  {
    name: "memory.fill of 16 MiB for ever",
    code: forever(0x41, 0, 0x41, 7, 0x41, ...[0x80, 0x80, 0x80, 0x08], 0xfc, 0x0b, 0),
    around: { before: memory },
  },
  {
    name: "10,000 times memory.fill in a row",
    code: Array(10_000).fill([0x41, 0, 0x41, 7, 0x41, 0x80, 0x80, 0x80, 0x08, 0xfc, 0x0b, 0]).flat(),
    around: { before: memory },
  },
  {
    name: "table.fill for ever",
    code: forever(0x41, 0, 0xd0, 0x70, 0x41, 0x90, 0xce, 0, 0xfc, 0x11, 0),
    around: { before: table },
  },
];

for (const { name, code, around } of spins) {
  Deno.test(`instrumentModule() lets the epoch end ${name}`, async () => {
    const bytes = withCode(code, around);
    assert(WebAssembly.validate(bytes));
    await assertEnds(load(bytes));
  });
}

Deno.test("instrumentModule() lets the epoch end a loop that V8 has optimised, its load not moved out of the loop", async () => {
  // The entry probe loads the same word before the loop, which an optimiser could take for the loop's own.
  await assertEnds(load(withCode(forever(0x20, 0, 0x41, 1, 0x6a, 0x21, 0), { locals: [[1, 0x7f]] })), 1500);
});

Deno.test("instrumentModule() lets the epoch end calls of a leaf that has no probe, many in a row", async () => {
  // Each function calls the one before 2,000 times: 2,000^3 calls of the leaf without a single loop.
  const call = (index: number) => [0, ...Array(2000).fill([0x10, index]).flat(), 0x0b];
  const bodies = [[0, 0x01, 0x0b], call(0), call(1), call(2)];
  const bytes = assemble(
    section(1, 1, 0x60, 0, 0),
    section(3, 4, 0, 0, 0, 0),
    section(7, 1, ...name("run"), 0, 3),
    sectionOf(10, [4, ...bodies.flatMap((body) => [...leb(body.length), ...body])]),
  );
  await assertEnds(load(bytes));
});

const untouched = [
  { name: "a function of its own", code: [0x01] },
  { name: "a loop that ends", code: [0x03, 0x40, 0x0b] },
];

for (const { name, code } of untouched) {
  Deno.test(`instrumentModule() leaves ${name} to run while the epoch is 0`, () => {
    const { run } = load(withCode(code)).exports;
    assert(typeof run === "function");
    run();
  });
}

const catchers = [
  { name: "catch_all (old)", code: [0x06, 0x40, 0x10, 0, 0x19, 0x0b] },
  { name: "catch_all (new)", code: [0x02, 0x40, 0x1f, 0x40, 1, 2, 0, 0x10, 0, 0x0b, 0x0b] },
];

for (const { name: catcher, code } of catchers) {
  const bytes = assemble(
    section(1, 1, 0x60, 0, 0),
    section(2, 1, ...name("env"), ...name("f"), 0, 0),
    section(3, 1, 0),
    section(7, 1, ...name("run"), 0, 1),
    section(10, 1, code.length + 2, 0, ...code, 0x0b),
  );

  Deno.test(`TRAP_EXPORT called by a host import ends a guest's call through ${catcher}`, () => {
    const { exports } = load(bytes, {
      env: {
        f: () => {
          const trap = exports[TRAP_EXPORT];
          assert(typeof trap === "function");
          trap();
        },
      },
    });
    const { run } = exports;
    assert(typeof run === "function");
    assertThrows(() => run(), WebAssembly.RuntimeError, "unreachable");
  });

  Deno.test(`an error thrown by a host import is caught by ${catcher}, which is why TRAP_EXPORT is needed`, () => {
    const { run } = load(bytes, {
      env: {
        f: () => {
          throw new Error("exit");
        },
      },
    }).exports;
    assert(typeof run === "function");
    run();
  });
}
