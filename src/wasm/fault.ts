/**
 * Why a module cannot be used, and how its name gets into the message.
 *
 * @module
 */

import { type CodeOf, ModuleError } from "../errors.ts";
import { quoted } from "../escape.ts";

/**
 * Why a module cannot be used, found where nobody knows what it is called: {@linkcode nameFaults} adds that.
 *
 * Reads `Cannot use the module as <must>: received <received>`; names that stand in either part are quoted with
 * `quoted()`.
 */
export class ModuleFault extends ModuleError {
  readonly #must: string;
  readonly #received: string;

  /** `must` completes "as ..." and says what must hold, `received` is what came instead, and advice if there is any. */
  constructor(code: CodeOf<"ModuleError">, must: string, received: string | number) {
    super(code, `Cannot use the module as ${must}: received ${received}`);
    this.#must = must;
    this.#received = String(received);
  }

  /** The same fault of a module whose name is known. */
  named(name: string): ModuleError {
    return new ModuleError(
      this.code,
      `Cannot use module ${quoted(name)} as ${this.#must}: received ${this.#received}`,
      { cause: this },
    );
  }
}

/** What `run` returns; a {@linkcode ModuleFault} that it throws names the module, whatever layer found it. */
export function nameFaults<T>(name: string | undefined, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof ModuleFault && name !== undefined ? error.named(name) : error;
  }
}
