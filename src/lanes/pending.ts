/**
 * What an observer keeps of an event until it has its reply.
 *
 * @module
 */

import type { Event } from "../protocol/mod.ts";

/** Most events that are kept at once. Some of them never get a reply, because nobody wants it any more. */
const MAX_PENDING = 16_384;

interface Entry<T> {
  readonly event: Event;
  readonly value: T;
}

/** Values of events by phase and id, and not by the event itself, because a module may get a changed head instead of the one that came. */
export class Pending<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #abandoned: (value: T) => void;

  /** @param abandoned Called, sooner or later, with each value whose event gets no reply. */
  constructor(abandoned: (value: T) => void = () => {}) {
    this.#abandoned = abandoned;
  }

  /** Keeps a value. An event of the same id and kind before it is abandoned. */
  begin(event: Event, value: T): void {
    const key = keyOf(phaseOf(event), event.correlationId);
    this.#drop(key);
    if (this.#entries.size >= MAX_PENDING) {
      for (const oldest of this.#entries.keys()) {
        this.#drop(oldest);
        break;
      }
    }
    this.#entries.set(key, { event, value });
  }

  /** The value of the event that came last under an id. */
  of(phase: string, correlationId: string): T | undefined {
    return this.#entries.get(keyOf(phase, correlationId))?.value;
  }

  /** Takes out the value of this very event. */
  end(event: Event): T | undefined {
    const key = keyOf(phaseOf(event), event.correlationId);
    const entry = this.#entries.get(key);
    if (entry?.event !== event) return undefined;
    this.#entries.delete(key);
    return entry.value;
  }

  /** Abandons all. */
  clear(): void {
    for (const key of this.#entries.keys()) this.#drop(key);
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#abandoned(entry.value);
  }
}

/** What the proxy calls it. */
export function phaseOf(event: Event): string {
  return event.kind === "unreadable" ? event.phase : event.kind;
}

function keyOf(phase: string, correlationId: string): string {
  return `${phase} ${correlationId}`;
}
