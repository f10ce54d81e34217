/**
 * A slot that is taken. To take a slot means to get its lease, and the slot goes back when the lease is disposed of.
 *
 * @module
 */

import type { ErrorCode } from "../errors.ts";
import type { WornBy } from "../ops/mod.ts";
import type { Slot } from "./slot.ts";

/** Takes a slot back. If it is said by what its instance is finished, that must not serve again. */
export type GiveBack<S extends Slot> = (lease: Lease<S>, finishedBy: WornBy | ErrorCode | undefined) => void;

/** The right to use one slot. A slot has the same lease each time that it is taken, so that taking one makes no object. */
export class Lease<S extends Slot> implements Disposable {
  readonly #giveBack: GiveBack<S>;
  #held = false;
  #spoiltBy: ErrorCode | undefined;
  /** To be used until the lease is disposed of, and not after. */
  readonly slot: S;

  /** @param giveBack Takes the slot back. */
  constructor(slot: S, giveBack: GiveBack<S>) {
    this.slot = slot;
    this.#giveBack = giveBack;
  }

  /** Hands the slot out. @throws {TypeError} if somebody else has it. */
  begin(): this {
    if (this.#held) throw new TypeError("Cannot take slot as nobody else may have it: received one that is taken");
    this.#held = true;
    return this;
  }

  /** Says by what error the instance must not serve again: the slot gets another one before somebody else has it. */
  spoil(by: ErrorCode): void {
    this.#spoiltBy = by;
  }

  /** Gives the slot back: as it is, or with a new instance if that is spoilt or worn. A lease that has ended ends no second time. */
  [Symbol.dispose](): void {
    if (!this.#held) return;
    const finishedBy = this.#spoiltBy ?? this.slot.worn;
    this.#held = false;
    this.#spoiltBy = undefined;
    this.#giveBack(this, finishedBy);
  }
}
