/**
 * Shared memory through which the main thread hands one call at a time to a slot's thread.
 *
 * | bytes | field | |
 * |---|---|---|
 * | 0-3 | state | 0 idle, 1 call, 2 renew, 3 close; the thread sleeps on it |
 * | 4-7 | phase | index in the list of phases |
 * | 8-11 | correlation id | its bytes |
 * | 12-15 | input | its bytes |
 * | 16-19 | outcome | 0 result, 1 error: an `ErrorRecord` as JSON |
 * | 20-23 | result | its bytes |
 * | 24-31 | deadline | f64, milliseconds on the common clock |
 * | 32-39 | duration | f64, milliseconds the guest took |
 * | 40-47 | memory | f64, bytes the guest's memory has |
 * | 48-51 | measures | their bytes; 0 if the guest has counted nothing |
 * | 64- | data | correlation id and input, then in their place what was made of the result, and `Measures` as JSON |
 *
 * @module
 */

import type { Guest, GuestCall, Measures } from "../guest/mod.ts";
import { PHASES } from "../phase.ts";
import { errorFrom, recordOf } from "../threads/mod.ts";

/** States of a mailbox. */
export const IDLE = 0, CALL = 1, RENEW = 2, CLOSE = 3;

const STATE = 0, PHASE = 1, ID_BYTES = 2, INPUT_BYTES = 3, OUTCOME = 4, RESULT_BYTES = 5;
const DEADLINE = 3, DURATION = 4, MEMORY = 5;
const MEASURES_BYTES = 12;
const DATA = 64;
const RESULT = 0, ERROR = 1;
const INITIAL_BYTES = 64 * 1024;
const MAX_BYTES = 64 * 1024 * 1024;

/** What came of a call in another thread. */
export interface Outcome {
  readonly durationMs: number;
  readonly memoryBytes: number;
  /** What the thread's check has made of it. Valid until the next call. */
  readonly result: Uint8Array;
  /** A `GuestError`; any other is a fault of this program. */
  readonly error?: Error;
  /** What the guest has counted. */
  readonly measures?: Measures;
}

/** One side's view of a mailbox. */
export class Mailbox {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #floats: Float64Array;
  readonly #bytes: Uint8Array;

  /** @param buffer The other side's buffer, or nothing to make one. */
  constructor(buffer?: SharedArrayBuffer) {
    this.buffer = buffer ?? new SharedArrayBuffer(INITIAL_BYTES, { maxByteLength: MAX_BYTES });
    this.#words = new Int32Array(this.buffer, 0, DATA / 4);
    this.#floats = new Float64Array(this.buffer, 0, DATA / 8);
    this.#bytes = new Uint8Array(this.buffer);
  }

  /** Sets the state and wakes the threads that wait for it. */
  set(state: number): void {
    Atomics.store(this.#words, STATE, state);
    Atomics.notify(this.#words, STATE);
  }

  /** In the thread: says that what `state` asked for is done. A close that came meanwhile stays, because nothing else ends the thread. */
  done(state: number): void {
    Atomics.compareExchange(this.#words, STATE, state, IDLE);
    Atomics.notify(this.#words, STATE);
  }

  /** In the thread: sleeps until there is something to do, and says what. */
  waitForWork(): number {
    Atomics.wait(this.#words, STATE, IDLE);
    return Atomics.load(this.#words, STATE);
  }

  /** On the main thread: resolves to true once the thread is idle, to false after `timeoutMs`. */
  async waitForIdle(timeoutMs: number): Promise<boolean> {
    const until = performance.now() + timeoutMs;
    for (;;) {
      const state = Atomics.load(this.#words, STATE);
      if (state === IDLE) return true;
      const left = until - performance.now();
      if (left <= 0) return false;
      await Atomics.waitAsync(this.#words, STATE, state, left).value;
    }
  }

  /** Puts a call in that must end by `until`. The input is copied. */
  putCall(call: GuestCall, until = call.deadline): void {
    const id = encoder.encode(call.correlationId);
    this.#reserve(DATA + id.length + call.input.length);
    this.#bytes.set(id, DATA);
    this.#bytes.set(call.input, DATA + id.length);
    this.#words[PHASE] = PHASES.indexOf(call.phase);
    this.#words[ID_BYTES] = id.length;
    this.#words[INPUT_BYTES] = call.input.length;
    this.#floats[DEADLINE] = until;
    this.set(CALL);
  }

  /** In the thread: makes the call that was put in, and puts in what came of it. */
  serve(
    guest: Guest,
    check: (result: Uint8Array) => Uint8Array,
    takeMeasures: () => Measures | undefined = () => undefined,
  ): void {
    const inputAt = DATA + this.#words[ID_BYTES]!;
    const startedAt = performance.now();
    try {
      const length = guest.call({
        phase: PHASES[this.#words[PHASE]!]!,
        correlationId: decoder.decode(this.#bytes.subarray(DATA, inputAt)),
        input: this.#bytes.subarray(inputAt, inputAt + this.#words[INPUT_BYTES]!),
        deadline: this.#floats[DEADLINE]!,
      }, (result) => this.#putResult(check(result)));
      this.#words[RESULT_BYTES] = length;
      this.#words[OUTCOME] = RESULT;
      this.#putMeasures(takeMeasures(), length);
    } catch (error) {
      this.#words[RESULT_BYTES] = this.#putResult(encoder.encode(JSON.stringify(recordOf(error))));
      this.#words[OUTCOME] = ERROR;
      this.#putMeasures(undefined, 0);
    }
    this.#floats[DURATION] = performance.now() - startedAt;
    this.#floats[MEMORY] = guest.memoryBytes;
    this.done(CALL);
  }

  /** Size of the guest's memory after its start or its last call, in bytes. */
  get memoryBytes(): number {
    return this.#floats[MEMORY]!;
  }

  /** Set by the main thread while the thread is idle. */
  set memoryBytes(bytes: number) {
    this.#floats[MEMORY] = bytes;
  }

  /** On the main thread: what came of the call. */
  takeOutcome(): Outcome {
    const measuresAt = DATA + this.#words[RESULT_BYTES]!;
    const result = this.#bytes.subarray(DATA, measuresAt);
    const counted = this.#bytes.subarray(measuresAt, measuresAt + this.#words[MEASURES_BYTES]!);
    const measures: Measures | undefined = counted.length === 0 ? undefined : JSON.parse(decoder.decode(counted));
    const outcome = { durationMs: this.#floats[DURATION]!, memoryBytes: this.#floats[MEMORY]!, result, measures };
    if (this.#words[OUTCOME] === RESULT) return outcome;
    return { ...outcome, error: errorFrom(JSON.parse(decoder.decode(result))) };
  }

  #putResult(result: Uint8Array): number {
    this.#reserve(DATA + result.length);
    this.#bytes.set(result, DATA);
    return result.length;
  }

  /** They stand behind the result, whose size in bytes is given. */
  #putMeasures(measures: Measures | undefined, resultBytes: number): void {
    this.#words[MEASURES_BYTES] = 0;
    if (measures === undefined) return;
    const bytes = encoder.encode(JSON.stringify(measures));
    this.#reserve(DATA + resultBytes + bytes.length);
    this.#bytes.set(bytes, DATA + resultBytes);
    this.#words[MEASURES_BYTES] = bytes.length;
  }

  #reserve(bytes: number): void {
    if (bytes > this.buffer.byteLength) {
      this.buffer.grow(Math.min(MAX_BYTES, Math.max(bytes, this.buffer.byteLength * 2)));
    }
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
