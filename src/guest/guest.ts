/**
 * One running instance of a module, spoken to through its ABI, each call under a deadline.
 *
 * @module
 */

import { type CodeOf, GuestError } from "../errors.ts";
import { escapeText } from "../escape.ts";
import type { Phase } from "../phase.ts";
import { RateLimit } from "../rate_limit.ts";
import type { BoundAbi, GuestAbi } from "./abi/abi.ts";
import { abiNamed, ABIS } from "./abi/mod.ts";
import { eventLimit, explainFailure, overran, startLimit, withCircumstances } from "./failure.ts";
import { createImports } from "./imports/mod.ts";
import { createMemory, Instance } from "./instance.ts";
import { type Measures, Meter } from "./meter.ts";
import type { GuestModule } from "./module.ts";
import { type GuestOutput, LastWords, MAX_LINES_PER_SECOND, type OutputSink } from "./output.ts";
import { traceOf } from "./trace.ts";

/** Watches over the calls of one thread of execution, one call at a time. */
export interface CallGuard {
  /** Time in milliseconds on the clock that deadlines are given in. */
  now(): number;
  /** From now on calls run in the instance that has this epoch word; storing 1 in it traps the guest. */
  attach(epoch: SharedArrayBuffer): void;
  /** A call begins that must end by `deadline`. If it does not, it is ended between that and `latest`, which is the same if not given. */
  begin(deadline: number, latest?: number): void;
  /** The call has ended. True if it was past its deadline: then its instance has been or will be trapped. */
  end(): boolean;
}

/** One event for a module. */
export interface GuestCall {
  /** One that the module handles. */
  readonly phase: Phase;
  /** JSON in UTF-8. */
  readonly input: Uint8Array;
  /** Goes with the lines that the guest prints meanwhile. */
  readonly correlationId: string;
  /** On the guard's clock, in milliseconds. */
  readonly deadline: number;
}

/** Who hears of what a guest does besides answering. */
export interface GuestEars {
  /** Takes what it prints. */
  readonly output: GuestOutput;
  /** Takes what it has counted, once its start or a call has ended well. */
  readonly measured?: (measures: Measures) => void;
}

/** How a guest is started. */
export interface GuestOptions extends GuestEars {
  /** Watches over its calls. */
  readonly guard: CallGuard;
  /** For its start, in milliseconds; the module's own limit if not given. */
  readonly startMs?: number;
  /** Those among which the module's is looked up. */
  readonly abis?: readonly GuestAbi[];
}

/** Longest reason of the guest's own making that an error tells, in characters: each such error is a line of the log. */
const MAX_REASON = 512;

/** A running instance. Once a call has thrown, it is finished and must be thrown away. */
export class Guest {
  readonly #module: GuestModule;
  readonly #guard: CallGuard;
  readonly #instance: Instance;
  readonly #abi: BoundAbi;
  readonly #meter = new Meter();
  readonly #measured: ((measures: Measures) => void) | undefined;
  readonly #traces: RateLimit;
  readonly #lastWords = new LastWords();
  #epoch: Int32Array | undefined;
  #correlationId = "";
  #abortion: GuestError | undefined;
  /** True while the answer is taken, which is this program's work and no longer the guest's. */
  #taking = false;

  /**
   * Instantiates, runs the start function and `_initialize`, and lets the ABI find what it needs, all within `startMs`.
   *
   * @throws {GuestError} as {@linkcode Guest.call} does.
   */
  constructor(module: GuestModule, { guard, output, measured, startMs, abis = ABIS }: GuestOptions) {
    this.#module = module;
    this.#guard = guard;
    this.#measured = measured;
    const printed = new RateLimit(module.rates.printed, MAX_LINES_PER_SECOND);
    const debug = new RateLimit(module.rates.debug, MAX_LINES_PER_SECOND);
    const print: OutputSink = (stream, line, level = "info") => {
      if ((level === "debug" ? debug : printed).admit()) output(stream, line(), this.#correlationId, level);
    };
    // As many as the log tells of failures.
    this.#traces = new RateLimit(module.rates.traces, MAX_LINES_PER_SECOND);
    const imported = createMemory(module);
    const context = {
      memory: () => this.#instance.memory.memory,
      configuration: module.configuration,
      output: print,
      measure: (name: Uint8Array, value: number) => this.#meter.add(name, value),
      lastWords: this.#lastWords,
      expired: () => this.#epoch !== undefined && Atomics.load(this.#epoch, 0) !== 0,
      abort: (code: CodeOf<"GuestError">, reason: string) => this.#abort(code, reason),
    };
    const abi = abiNamed(module.abi, abis);
    this.#abi = abi.bind(context);
    try {
      this.#instance = new Instance(module, createImports(module.imports, imported, context, abi, this.#abi), imported);
    } catch (cause) {
      throw explainFailure("start", cause);
    }
    this.#epoch = new Int32Array(this.#instance.epoch);
    const limitMs = startMs ?? module.limits.startTimeoutMs;
    guard.attach(this.#instance.epoch);
    guard.begin(guard.now() + limitMs);
    try {
      this.#instance.initialize();
      this.#abi.start(this.#instance);
    } catch (cause) {
      throw this.#failed("start", cause, limitMs);
    }
    if (guard.end()) throw this.#overrun("start", limitMs);
    this.#tellMeasures();
  }

  /** Size of all of the guest's memories in bytes. */
  get memoryBytes(): number {
    return this.#instance.memoryBytes;
  }

  /**
   * Hands an event over and its answer to `take`; the bytes are valid only until `take` returns. The call must end by `until`,
   * and is ended by `latest` if it does not; both in milliseconds on the guard's clock. What `take` needs counts as the call's time, but
   * its errors are its own: one that is no `GuestError` is thrown as it is.
   *
   * @throws {GuestError} `GUEST_TRAPPED`, `GUEST_STACK_OVERFLOW`, `GUEST_DEADLINE`, `GUEST_ABORTED`, `GUEST_EXITED`,
   * `GUEST_THREW`, `GUEST_BAD_HOST_CALL`, and what the ABI raises: `GUEST_ALLOC_FAILED`, `GUEST_OUT_OF_BOUNDS`, `GUEST_BAD_RESULT`.
   */
  call<T>(call: GuestCall, take: (answer: Uint8Array) => T, until = call.deadline, latest = until): T {
    this.#correlationId = call.correlationId;
    this.#lastWords.clear();
    this.#guard.begin(until, latest);
    let taken: T;
    try {
      // Read before release: some guests answer with a pointer into the input.
      const answer = this.#abi.ask(call.phase, call.input);
      this.#taking = true;
      taken = take(answer);
      this.#taking = false;
      this.#abi.release();
    } catch (cause) {
      const failure = this.#failed(call.phase, cause);
      // What goes wrong in this program's own code is not blamed on the guest.
      throw this.#taking && !(cause instanceof GuestError) ? cause : failure;
    }
    if (this.#guard.end()) throw this.#overrun(call.phase);
    this.#tellMeasures();
    return taken;
  }

  #tellMeasures(): void {
    const measures = this.#meter.take();
    if (measures !== undefined) this.#measured?.(measures);
  }

  /** Ends the guard's call, and says what went wrong in it. */
  #failed(what: string, cause: unknown, startMs?: number): GuestError {
    const overrun = this.#guard.end() ? this.#overrun(what, startMs) : undefined;
    // What this host found wrong with the guest has no place in its code.
    if (overrun === undefined && this.#abortion === undefined && cause instanceof GuestError) return cause;
    const failure = overrun ?? this.#abortion ?? explainFailure(what, cause);
    const said = this.#lastWords.take();
    // A stack is some 50 microseconds of work, and nobody is told of more.
    return withCircumstances(failure, {
      said,
      trace: this.#traces.admit() ? traceOf(cause, this.#module.codeMap) : [],
    });
  }

  #overrun(what: string, startMs?: number): GuestError {
    const { timeoutMs, startTimeoutMs } = this.#module.limits;
    if (startMs === undefined) return overran(what, eventLimit(timeoutMs));
    return overran(
      what,
      startMs === startTimeoutMs ? startLimit(startMs) : `${startMs} ms (--timeout-ms, on the event loop)`,
    );
  }

  #abort(code: CodeOf<"GuestError">, reason: string): never {
    this.#abortion ??= new GuestError(
      code,
      `Cannot finish call as the guest must not end it: received ${escapeText(reason, MAX_REASON)}`,
    );
    this.#instance.trap();
    throw this.#abortion;
  }
}
