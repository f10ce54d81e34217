/**
 * Events whose decision is still to come, counted, so that what decides them is not ended before.
 *
 * @module
 */

import type { Decision } from "../protocol/mod.ts";

/** Counts what one policy has in flight. */
export class InFlight {
  #count = 0;
  #none: PromiseWithResolvers<void> | undefined;

  /** Counts one more. */
  begin(): void {
    this.#count++;
  }

  /** One of them is decided; gives the decision on. */
  end(decision: Decision): Decision {
    if (--this.#count === 0) this.#none?.resolve();
    return decision;
  }

  /** Resolves once there is none. None may begin from then on. */
  async none(): Promise<void> {
    if (this.#count > 0) await (this.#none ??= Promise.withResolvers<void>()).promise;
  }
}
