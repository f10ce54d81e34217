/**
 * A clock that stands still until the test moves it.
 *
 * @module
 */

import { sleep } from "../../../src/sleep.ts";
import { now } from "../../../src/time.ts";

/** Far before any real time, and each clock far behind the one before: what one leaves behind is over for all others. */
let start = -1e12;

/** Takes the place of `performance.now()` in its scope, and in the turn of the event loop behind it. */
export class StillClock implements AsyncDisposable {
  readonly #real = performance.now;
  /** What the clock tells. */
  time: number;

  constructor() {
    this.time = start += 1e9;
    performance.now = () => this.time;
    now();
  }

  /** Time passes. */
  pass(ms: number): void {
    this.time += ms;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await sleep(0);
    performance.now = this.#real;
    now();
  }
}
