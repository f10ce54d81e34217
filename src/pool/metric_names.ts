/**
 * What all instances of a module have counted, on its way to the observer: no more counters than a module may have.
 *
 * @module
 */

import { MAX_METRICS, type Measures, type Uncounted } from "../guest/mod.ts";
import type { Observer } from "../ops/mod.ts";

/** The counters of one module, known by their names. Tells of each reason not to count once. */
export class MetricNames {
  readonly #module: string;
  readonly #observer: Pick<Observer, "measured" | "uncounted">;
  readonly #names = new Set<string>();
  readonly #told = new Set<Uncounted>();

  /** @param module Its name. */
  constructor(module: string, observer: Pick<Observer, "measured" | "uncounted">) {
    this.#module = module;
    this.#observer = observer;
  }

  /** Takes what one call has counted. */
  take({ added, uncounted }: Measures): void {
    for (const [why, name] of uncounted) this.#leaveOut(why, name);
    for (const [name, value] of added) {
      if (!this.#names.has(name) && this.#names.size === MAX_METRICS) this.#leaveOut("too many", name);
      else {
        this.#names.add(name);
        this.#observer.measured?.({ module: this.#module, name, value });
      }
    }
  }

  #leaveOut(why: Uncounted, name: string): void {
    if (this.#told.has(why)) return;
    this.#told.add(why);
    this.#observer.uncounted?.({ module: this.#module, name, why });
  }
}
