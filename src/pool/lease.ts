/**
 * A slot in somebody's hands. Whoever takes a slot gets its lease, and the slot goes back when the lease is disposed of.
 *
 * @module
 */

import type { Slot } from "./slot.ts";

/** The right to use one slot. A slot has the same lease each time that it is taken, so that taking one makes no object. */
export class Lease<S extends Slot> implements Disposable {
  readonly #giveBack: (lease: Lease<S>, finished: boolean) => void;
  #held = false;
  #spoilt = false;
  /** To be used until the lease is disposed of, and not after. */
  readonly slot: S;

  /** @param giveBack Takes the slot back. If its instance is `finished`, that must not serve again. */
  constructor(slot: S, giveBack: (lease: Lease<S>, finished: boolean) => void) {
    this.slot = slot;
    this.#giveBack = giveBack;
  }

  /** Hands the slot out. @throws {TypeError} if somebody else has it. */
  begin(): this {
    if (this.#held) throw new TypeError("Cannot take slot as nobody else may have it: received one that is taken");
    this.#held = true;
    return this;
  }

  /** Says that the instance must not serve again: the slot gets another one before somebody else has it. */
  spoil(): void {
    this.#spoilt = true;
  }

  /** Gives the slot back: as it is, or with a new instance if that is spoilt or worn. A lease that has ended ends no second time. */
  [Symbol.dispose](): void {
    if (!this.#held) return;
    const finished = this.#spoilt || this.slot.worn;
    this.#held = this.#spoilt = false;
    this.#giveBack(this, finished);
  }
}
