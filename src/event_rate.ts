/**
 * Whether events are few on this event loop: then a call that takes long holds up few others, which are soon answered once it has been
 * ended. Events of all connections count, whichever modules are asked about them.
 *
 * @module
 */

const WINDOW_MS = 100;
/** At most so many in a window. */
const FEW = 100;

/** Counts events. */
export class EventRate {
  #began = -Infinity;
  /** More than few until a whole window has passed. A whole number, which V8 keeps without a place of its own on the heap. */
  #events = FEW + 1;
  #few = false;

  /** True while events are few. */
  get few(): boolean {
    return this.#few;
  }

  /** Counts events that were taken at `time`, in milliseconds. */
  count(time: number, events: number): void {
    if (time - this.#began >= WINDOW_MS) {
      this.#few = this.#events <= FEW;
      this.#began = time;
      this.#events = 0;
    }
    this.#events += events;
    if (this.#events > FEW) this.#few = false;
  }
}

/** That of this event loop: each has one of its own. */
export const eventRate: EventRate = new EventRate();
