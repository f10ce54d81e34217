/**
 * Log lines of one kind, so many a second, and the number of those left out told within a second or two.
 *
 * @module
 */

import type { RateLimit } from "../rate_limit.ts";

const TELL_AFTER_MS = 1_000;

/** Watches over one {@linkcode RateLimit}. */
export class Limited {
  readonly #limit: RateLimit;
  readonly #tell: (count: number) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #again = false;

  /** @param tell Told how many were left out. */
  constructor(limit: RateLimit, tell: (count: number) => void) {
    this.#limit = limit;
    this.#tell = tell;
  }

  /** True if one more line may be written. */
  admit(): boolean {
    this.seen();
    return this.#limit.admit();
  }

  /**
   * A line has come that another thread has admitted: more may have been left out there by the end of this second. None is left out
   * where none is written, so nobody has to look while no lines come.
   */
  seen(): void {
    if (this.#timer !== undefined) {
      this.#again = true;
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.tell();
      if (!this.#again) return;
      this.#again = false;
      this.seen();
    }, TELL_AFTER_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** Tells now. */
  tell(): void {
    const count = this.#limit.takeRefused();
    if (count > 0) this.#tell(count);
  }

  /** Tells for the last time. */
  close(): void {
    clearTimeout(this.#timer);
    this.tell();
  }
}
