/**
 * Who is there, where many come and go.
 *
 * A `Set` keeps what has left: V8 makes its table anew every few additions, and the old one still holds what was in it then and points to
 * the new one. So once such a table has grown old, all that came later stays with it until the whole heap is collected.
 *
 * @module
 */

/** Where one stands, until it leaves. */
export interface Place {
  /** To be called once. */
  leave(): void;
}

/** A list in the order of coming, which points to nothing that has left. */
export class Roster<T> {
  readonly #ends = new Link<T>();
  #size = 0;

  /** How many are there. */
  get size(): number {
    return this.#size;
  }

  /** Those who are there now, the first to come first. */
  get all(): T[] {
    const all: T[] = [];
    for (let { next } = this.#ends; next.value !== undefined; { next } = next) all.push(next.value);
    return all;
  }

  /** Takes one in. */
  add(value: T & object): Place {
    const link = new Link<T>(value);
    link.insertBefore(this.#ends);
    this.#size++;
    return {
      leave: () => {
        link.remove();
        this.#size--;
      },
    };
  }
}

/** One of a ring. Alone it is a ring of its own. */
class Link<T> {
  next: Link<T> = this;
  #previous: Link<T> = this;

  constructor(readonly value?: T) {}

  insertBefore(next: Link<T>): void {
    this.next = next;
    this.#previous = next.#previous;
    this.#previous.next = this;
    next.#previous = this;
  }

  remove(): void {
    this.#previous.next = this.next;
    this.next.#previous = this.#previous;
    this.next = this.#previous = this;
  }
}
