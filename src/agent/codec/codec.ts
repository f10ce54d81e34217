/**
 * Between events and one module's bytes: a head becomes the module's input, its result becomes a decision.
 *
 * @module
 */

import type { Observer } from "../../ops/mod.ts";
import type { Take } from "../../pool/mod.ts";
import type { Decision, Head } from "../../protocol/mod.ts";
import type { Dialect, GuestModule } from "../../guest/mod.ts";
import { decodeChecked } from "./checked_result.ts";
import { type DialectRow, DIALECTS } from "./dialects.ts";
import { Inputs } from "./inputs.ts";
import type { Result } from "./result_fields.ts";
import { ResultCache } from "./result_cache.ts";
import { UnknownKeys } from "./unknown_keys.ts";

/** The codec of one module. */
export class Codec {
  readonly #inputs: Inputs;
  readonly #name: Dialect;
  readonly #dialect: DialectRow;
  readonly #unknownKeys: UnknownKeys;
  readonly #results = new ResultCache((result) => this.#decisionOf(this.#dialect.parse(result)));
  readonly #checkedResults = new ResultCache((checked) => this.#decisionOf(decodeChecked(checked)));

  /**
   * Tells the observer once of each key in results of the module that means nothing.
   *
   * @param inputs Those that the codecs of other modules use, too.
   */
  constructor({ name, dialect }: Pick<GuestModule, "name" | "dialect">, observer: Observer, inputs = new Inputs()) {
    this.#inputs = inputs;
    this.#name = dialect;
    this.#dialect = DIALECTS[dialect];
    this.#unknownKeys = new UnknownKeys(name, observer, this.#dialect.keys);
  }

  /** The module's input for a head, in a buffer that the next head's uses again. */
  encode(head: Head): Uint8Array {
    return this.#inputs.of(head, this.#name);
  }

  /** The decision in a result. @throws {GuestError} `GUEST_BAD_RESULT`, but never for a result that has been checked. */
  readonly take: Take<Decision> = (result, checked) =>
    checked === true ? this.#checkedResults.accept(result) : this.#results.accept(result);

  #decisionOf({ decision, unknownKeys }: Result): Decision {
    if (unknownKeys !== undefined) this.#unknownKeys.see(unknownKeys);
    return decision;
  }
}
