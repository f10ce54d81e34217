/**
 * One running instance of a module.
 *
 * @module
 */

import { type CodeOf, GuestError } from "../errors.ts";
import { escapeText, quoted } from "../escape.ts";
import { RateLimit } from "../rate_limit.ts";
import { EPOCH_EXPORT, memoryExport, START_EXPORT, TRAP_EXPORT } from "../wasm/mod.ts";
import { type Handler, unpackResult } from "./abi.ts";
import { createImports } from "./imports/mod.ts";
import { MemoryView, viewGuest } from "./memory.ts";
import type { GuestModule } from "./module.ts";
import { type GuestOutput, MAX_LINES_PER_SECOND } from "./output.ts";

/** Largest result taken, in bytes. */
export const MAX_RESULT_BYTES = 1024 * 1024;

/** Watches over the calls of one thread of execution, one call at a time. */
export interface CallGuard {
  /** Time in milliseconds on the clock that deadlines are given in. */
  now(): number;
  /** From now on calls run in the instance that has this epoch word; storing 1 in it traps the guest. */
  attach(epoch: SharedArrayBuffer): void;
  /** A call begins that must end by `deadline`. */
  begin(deadline: number): void;
  /** The call has ended. True if it was past its deadline: then its instance has been or will be trapped. */
  end(): boolean;
}

/** One call of a handler. */
export interface GuestCall {
  /** One that the module has. */
  readonly handler: Handler;
  /** JSON in UTF-8. */
  readonly input: Uint8Array;
  /** Goes with the lines that the guest prints meanwhile. */
  readonly correlationId: string;
  /** On the meter's clock, in milliseconds. */
  readonly deadline: number;
}

type WasmFunction = (...values: number[]) => unknown;

/** A running instance. Once a call has thrown, it is finished and must be thrown away. */
export class Guest {
  readonly #module: GuestModule;
  readonly #meter: CallGuard;
  readonly #memory: WebAssembly.Memory;
  /** All of the memory; detached, and so of length 0, once it has grown. No MemoryView, which takes 3 ns more a call. */
  #bytes: Uint8Array = new Uint8Array(0);
  /** Memories besides the main one: nothing is exchanged in them, but they count. */
  readonly #others: readonly MemoryView[];
  readonly #exports: WebAssembly.Exports;
  readonly #alloc: WasmFunction;
  readonly #dealloc: WasmFunction;
  readonly #handlers = new Map<Handler, WasmFunction>();
  readonly #epoch: Int32Array | undefined;
  #correlationId = "";
  #abortion: GuestError | undefined;
  /** True while the result is taken, which is this program's work and no longer the guest's. */
  #taking = false;

  /**
   * Instantiates, runs the start function and `_initialize`, and tries `alloc` and `dealloc`, all within `startMs` milliseconds.
   *
   * @throws {GuestError} as {@linkcode Guest.call} does.
   */
  constructor(module: GuestModule, meter: CallGuard, output: GuestOutput, startMs = module.limits.startTimeoutMs) {
    this.#module = module;
    this.#meter = meter;
    const printed = new RateLimit(module.rates.printed, MAX_LINES_PER_SECOND);
    const imported = createMemory(module);
    const imports = createImports(module.imports, imported, {
      memory: () => this.#memory,
      output: (stream, line) => {
        if (printed.admit()) output(stream, line(), this.#correlationId);
      },
      expired: () => this.#epoch !== undefined && Atomics.load(this.#epoch, 0) !== 0,
      abort: (code, reason) => this.#abort(code, reason),
    });
    this.#exports = instantiate(module.compiled, imports).exports;
    const memory = this.#exports.memory ?? imported;
    const epoch = this.#exports[EPOCH_EXPORT];
    if (!(memory instanceof WebAssembly.Memory) || !(epoch instanceof WebAssembly.Memory)) {
      throw new GuestError(
        "GUEST_NOT_INSTRUMENTED",
        "Cannot start guest as its module must be instrumented: received a plain one",
      );
    }
    if (!(epoch.buffer instanceof SharedArrayBuffer)) {
      throw new GuestError(
        "GUEST_NOT_INSTRUMENTED",
        "Cannot start guest as its epoch memory must be shared: received another",
      );
    }
    this.#memory = memory;
    const others = new Set([...imported === undefined ? [] : [imported], ...ownMemories(this.#exports)]);
    others.delete(memory);
    this.#others = Array.from(others, (each) => new MemoryView(each));
    this.#alloc = this.#function("alloc");
    this.#dealloc = this.#function("dealloc");
    for (const handler of module.handlers) this.#handlers.set(handler, this.#function(handler));
    this.#epoch = new Int32Array(epoch.buffer);
    meter.attach(epoch.buffer);
    meter.begin(meter.now() + startMs);
    try {
      this.#start();
    } catch (cause) {
      throw this.#failed("start", cause, startMs);
    }
    if (meter.end()) throw this.#overrun("start", startMs);
  }

  /** Size of all of the guest's memories in bytes. */
  get memoryBytes(): number {
    const bytes = this.#all().length;
    return this.#others.length === 0 ? bytes : this.#others.reduce((sum, other) => sum + other.bytes.length, bytes);
  }

  /**
   * Calls a handler and hands its result to `take`; the bytes are valid only until `take` returns. The call must end by `until`,
   * milliseconds on the meter's clock. What `take` needs counts as the call's time, but its errors are its own: one that is no
   * `GuestError` is thrown as it is.
   *
   * @throws {GuestError} `GUEST_TRAPPED`, `GUEST_STACK_OVERFLOW`, `GUEST_DEADLINE`, `GUEST_ABORTED`, `GUEST_EXITED`,
   * `GUEST_THREW`, `GUEST_ALLOC_FAILED`, `GUEST_OUT_OF_BOUNDS`, `GUEST_BAD_HOST_CALL`, `GUEST_BAD_RESULT`.
   */
  call<T>(call: GuestCall, take: (result: Uint8Array) => T, until = call.deadline): T {
    this.#correlationId = call.correlationId;
    this.#meter.begin(until);
    let result: T;
    try {
      result = this.#ask(call.handler, call.input, take);
    } catch (cause) {
      const failure = this.#failed(call.handler, cause);
      // What goes wrong in this program's own code is not blamed on the guest.
      throw this.#taking && !(cause instanceof GuestError) ? cause : failure;
    }
    if (this.#meter.end()) throw this.#overrun(call.handler);
    return result;
  }

  #start(): void {
    for (const name of [START_EXPORT, "_initialize"]) if (name in this.#exports) this.#function(name)();
    this.#release(this.#allocate(SELF_CHECK_BYTES), SELF_CHECK_BYTES);
  }

  #ask<T>(handler: Handler, input: Uint8Array, take: (result: Uint8Array) => T): T {
    const inputAt = this.#allocate(input.length);
    this.#write(inputAt, input);
    const packed = this.#handlers.get(handler)?.(inputAt, input.length);
    if (typeof packed !== "bigint") {
      throw new GuestError(
        "GUEST_BAD_RESULT",
        `Cannot use result of "${handler}" as it must be an i64: received ${typeof packed}`,
      );
    }
    const { pointer, length } = unpackResult(packed);
    if (length === 0 || length > MAX_RESULT_BYTES) {
      throw new GuestError(
        "GUEST_BAD_RESULT",
        `Cannot use result of "${handler}" as its length must be 1 to ${MAX_RESULT_BYTES} bytes: received ${length}`,
      );
    }
    // Read before dealloc: some guests answer with a pointer into the input.
    const bytes = this.#view(pointer, length, "result");
    this.#taking = true;
    const result = take(bytes);
    this.#taking = false;
    if (pointer < inputAt || pointer >= inputAt + input.length) this.#release(pointer, length);
    this.#release(inputAt, input.length);
    return result;
  }

  #write(pointer: number, input: Uint8Array): void {
    if (pointer + input.length <= this.#all().length) this.#bytes.set(input, pointer);
    else viewGuest(this.#memory, pointer, input.length, "memory from alloc").set(input);
  }

  #view(pointer: number, length: number, what: string): Uint8Array {
    const end = pointer + length;
    return end <= this.#all().length
      ? this.#bytes.subarray(pointer, end)
      : viewGuest(this.#memory, pointer, length, what);
  }

  #all(): Uint8Array {
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(this.#memory.buffer);
    return this.#bytes;
  }

  #allocate(size: number): number {
    const pointer = Number(this.#alloc(size)) >>> 0;
    if (pointer === 0) {
      throw new GuestError(
        "GUEST_ALLOC_FAILED",
        `Cannot pass ${size} bytes as "alloc" must answer with a pointer: received 0 (memory is ${this.memoryBytes} bytes, at` +
          ` most ${this.#module.limits.maxMemoryMiB} MiB by --max-memory)`,
      );
    }
    return pointer;
  }

  #release(pointer: number, size: number): void {
    this.#dealloc(pointer | 0, size);
  }

  #function(name: string): WasmFunction {
    const value = this.#exports[name];
    if (isWasmFunction(value)) return value;
    throw new GuestError(
      "GUEST_BAD_EXPORTS",
      `Cannot start guest as "${name}" must be a function: received ${typeof value}`,
    );
  }

  /** Ends the meter's call, and says what went wrong in it. */
  #failed(what: string, cause: unknown, startMs?: number): GuestError {
    return this.#meter.end() ? this.#overrun(what, startMs) : this.#abortion ?? explain(what, cause);
  }

  #overrun(what: string, startMs?: number): GuestError {
    const { timeoutMs, startTimeoutMs } = this.#module.limits;
    const limit = startMs === undefined
      ? `${timeoutMs} ms (--timeout-ms) of its event`
      : `${startMs} ms (${startMs === startTimeoutMs ? "--start-timeout-ms" : "--timeout-ms, on the event loop"})`;
    return new GuestError(
      "GUEST_DEADLINE",
      `Cannot finish "${what}" as it must end within ${limit}: received no result`,
    );
  }

  #abort(code: CodeOf<"GuestError">, reason: string): never {
    this.#abortion ??= new GuestError(
      code,
      `Cannot finish call as the guest must not end it: received ${escapeText(reason, MAX_REASON)}`,
    );
    this.#function(TRAP_EXPORT)();
    throw this.#abortion;
  }
}

const SELF_CHECK_BYTES = 64;
/** Longest reason of the guest's own making that an error tells, in characters: each such error is a line of the log. */
const MAX_REASON = 512;

function isWasmFunction(value: unknown): value is WasmFunction {
  return typeof value === "function";
}

/** The memory that a module imports. */
function createMemory({ importedMemory, name }: GuestModule): WebAssembly.Memory | undefined {
  if (importedMemory === undefined) return undefined;
  try {
    return new WebAssembly.Memory(importedMemory);
  } catch (cause) {
    const received = cause instanceof Error ? cause.message : String(cause);
    throw new GuestError(
      "GUEST_NO_MEMORY",
      `Cannot start guest as memory for ${quoted(name)} must be had: received "${received}"`,
      { cause },
    );
  }
}

/** All memories that the module defines, by the names that the rewrite has given them. */
function ownMemories(exports: WebAssembly.Exports): WebAssembly.Memory[] {
  const memories: WebAssembly.Memory[] = [];
  for (;;) {
    const memory = exports[memoryExport(memories.length)];
    if (!(memory instanceof WebAssembly.Memory)) return memories;
    memories.push(memory);
  }
}

function instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports): WebAssembly.Instance {
  try {
    return new WebAssembly.Instance(module, imports);
  } catch (cause) {
    throw explain("start", cause);
  }
}

function explain(what: string, cause: unknown): GuestError {
  if (cause instanceof GuestError) return cause;
  const received = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof WebAssembly.RuntimeError) {
    return new GuestError(
      "GUEST_TRAPPED",
      `Cannot finish "${what}" as the guest must not trap: received "${received}"`,
      { cause },
    );
  }
  if (cause instanceof RangeError) {
    return new GuestError(
      "GUEST_STACK_OVERFLOW",
      `Cannot finish "${what}" as the guest must not overflow the stack: received "${received}"`,
      {
        cause,
      },
    );
  }
  if (Object.prototype.toString.call(cause) === "[object WebAssembly.Exception]") {
    return new GuestError(
      "GUEST_THREW",
      `Cannot finish "${what}" as the guest must catch its exceptions: received an uncaught one`,
    );
  }
  return new GuestError("GUEST_FAILED", `Cannot finish "${what}" as the guest must run: received "${received}"`, {
    cause,
  });
}
