import { assert, assertEquals, assertThrows } from "@std/assert";
import { basename, fromFileUrl } from "@std/path";
import { ModuleError } from "../../src/errors.ts";
import { EPOCH_EXPORT, inspectModule, instrumentModule, START_EXPORT } from "../../src/wasm/mod.ts";
import { cacheFolder, wasmFiles } from "./cache.ts";

const here = fromFileUrl(new URL("../..", import.meta.url));
const files = [
  ...wasmFiles(`${here}examples`),
  ...wasmFiles(`${here}tests/guests`),
  ...wasmFiles(cacheFolder()),
];

const OPTIONS = { maxMemoryPages: 300_000, maxTableEntries: 10_000_000, allowGc: true };

/** A refusal that is right for a real module. */
const RIGHTLY_REFUSED = new Set(["MODULE_USES_THREADS"]);
const MAX_RUN_BYTES = 2_000_000;
const MAX_RUN_EXPORTS = 20;
const RUN_MS = 200;

/** Sets the epoch word of a call that goes on for too long; a call that ended before has woken it up. */
const WATCHDOG = `
self.onmessage = ({ data: { epoch, done, timeoutMs } }) => {
  if (Atomics.wait(new Int32Array(done), 0, 0, timeoutMs) === "timed-out") Atomics.store(new Int32Array(epoch), 0, 1);
  self.postMessage("");
};
self.postMessage("");
`;

for (const path of files) {
  Deno.test(`instrumentModule() takes ${basename(path)} (${path.slice(-60)})`, async () => {
    const bytes = Deno.readFileSync(path);
    if (!WebAssembly.validate(bytes)) {
      assertThrows(() => instrumentModule(bytes, OPTIONS), ModuleError);
      return;
    }
    const info = inspectModule(bytes);
    let output: Uint8Array<ArrayBuffer>;
    try {
      output = instrumentModule(bytes, OPTIONS).bytes;
    } catch (error) {
      assert(error instanceof ModuleError && RIGHTLY_REFUSED.has(error.code), String(error));
      return;
    }
    assert(WebAssembly.validate(output));
    const rewritten = new WebAssembly.Module(output);
    const imports = stubs(info);
    if (bytes.length > MAX_RUN_BYTES || imports === undefined) return;
    await assertRunsAlike(new WebAssembly.Module(bytes), rewritten, info, imports);
  });
}

type Info = ReturnType<typeof inspectModule>;

/** Functions that answer 0, or undefined if the module imports anything else. */
function stubs(info: Info): WebAssembly.Imports | undefined {
  const imports: Record<string, Record<string, () => unknown>> = {};
  for (const { module, name, type } of info.imports) {
    if (type.kind !== "function" || type.results.length > 1) return undefined;
    const result = type.results[0] === "i64" ? 0n : /^[if]/.test(type.results[0] ?? "i32") ? 0 : null;
    Object.defineProperty(imports[module] ??= {}, name, { value: () => result, configurable: true });
  }
  return imports;
}

/** Calls what takes only integers in both, in the same order, and compares; ends with the first call that goes on. */
async function assertRunsAlike(
  original: WebAssembly.Module,
  rewritten: WebAssembly.Module,
  info: Info,
  imports: WebAssembly.Imports,
): Promise<void> {
  const calls = info.exports.flatMap(({ name, type }) => {
    if (type.kind !== "function" || !type.params.every((param) => /^i(32|64)$/.test(param))) return [];
    return [{ name, args: type.params.map((param, index) => param === "i64" ? BigInt(index) : index) }];
  }).slice(0, MAX_RUN_EXPORTS);
  // A start function that goes on for ever could not be ended in the original.
  if (info.start !== undefined || calls.length === 0) return;
  const second = observeInstance(rewritten, imports);
  if (typeof second === "string") return assertEquals(observeInstance(original, imports), second);
  assertEquals(second.exports[START_EXPORT], undefined);
  const memory = second.exports[EPOCH_EXPORT];
  assert(memory instanceof WebAssembly.Memory);
  const watchdog = new Worker(`data:text/javascript,${encodeURIComponent(WATCHDOG)}`, { type: "module" });
  try {
    await answer(watchdog);
    let first: ReturnType<typeof observeInstance> | undefined;
    for (const { name, args } of calls) {
      const done = new SharedArrayBuffer(4);
      watchdog.postMessage({ epoch: memory.buffer, done, timeoutMs: RUN_MS });
      const outcome = observe(second, name, args);
      Atomics.store(new Int32Array(done), 0, 1);
      Atomics.notify(new Int32Array(done), 0);
      await answer(watchdog);
      if (new Int32Array(memory.buffer)[0] !== 0) return;
      first ??= observeInstance(original, imports);
      assert(typeof first !== "string", "only the original cannot be instantiated");
      assertEquals(observe(first, name, args), outcome, name);
    }
  } finally {
    watchdog.terminate();
  }
}

function answer(worker: Worker): Promise<void> {
  return new Promise((resolve) => worker.onmessage = () => resolve());
}

function observeInstance(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance | string {
  try {
    return new WebAssembly.Instance(module, imports);
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

function observe({ exports }: WebAssembly.Instance, name: string, args: readonly unknown[]): string {
  const target = exports[name];
  assert(typeof target === "function");
  try {
    const result: unknown = target(...args);
    return typeof result === "function" || typeof result === "object" && result !== null
      ? typeof result
      : String(result);
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}
