/**
 * Changes of what runs: one edition takes the place of another in all lanes, or in none.
 *
 * @module
 */

import type { Edition } from "./edition.ts";
import type { Staged } from "./lane.ts";
import { withProxyConfiguration } from "./proxy_configuration.ts";

/** Where editions are started: the lane of the main thread, or all the others. */
export interface Stage {
  /** Starts an edition beside the one that serves. If it does not start, nothing of it is left. */
  stage(edition: Edition): Promise<Staged>;
}

/** The edition that serves, and the next, one at a time. */
export class Editions {
  readonly #stages: readonly Stage[];
  #current: Edition;
  #last: Promise<unknown> = Promise.resolve();

  /** Begins with `current`, which all `stages` serve already. */
  constructor(current: Edition, stages: readonly Stage[]) {
    this.#current = current;
    this.#stages = stages;
  }

  /** The one that serves. */
  get current(): Edition {
    return this.#current;
  }

  /**
   * Replaces the edition that serves by the one that `make` makes of it, after all changes that were asked for before. The new edition
   * keeps what the proxy has told the modules. If `make` gives the same edition, nothing is started. Resolves once it serves in all lanes.
   *
   * @throws what `make` throws, and what {@linkcode Stage.stage} does. The edition that served goes on then, everywhere.
   */
  change(make: (current: Edition) => Edition | Promise<Edition>): Promise<Edition> {
    const change = this.#last.then(() => this.#change(make));
    this.#last = change.catch(() => {});
    return change;
  }

  async #change(make: (current: Edition) => Edition | Promise<Edition>): Promise<Edition> {
    const current = this.#current;
    const made = await make(current);
    if (made === current) return current;
    const next = made.proxyConfiguration === undefined
      ? withProxyConfiguration(made, current.proxyConfiguration)
      : made;
    const staged: Staged[] = [];
    try {
      for (const stage of this.#stages) staged.push(await stage.stage(next));
    } catch (error) {
      await Promise.all(staged.map((each) => each.drop()));
      throw error;
    }
    await Promise.all(staged.map((each) => each.take()));
    this.#current = next;
    return next;
  }
}
