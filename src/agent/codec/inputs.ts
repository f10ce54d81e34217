/**
 * Heads as modules get them, each written once however many modules get it.
 *
 * @module
 */

import type { Dialect } from "../../guest/mod.ts";
import { ByteWriter, type Head } from "../../protocol/mod.ts";
import { DIALECTS } from "./dialects.ts";

/** The input that was written last in one dialect. */
interface Input {
  readonly out: ByteWriter;
  head: Head | undefined;
}

/** The inputs of an event loop's modules. */
export class Inputs {
  readonly #last: Readonly<Record<Dialect, Input>> = {
    "agent/1": { out: new ByteWriter(), head: undefined },
    "agent/2": { out: new ByteWriter(), head: undefined },
  };

  /** A head as JSON in UTF-8, valid until this is asked for another one. A head never changes while it can be asked for. */
  of(head: Head, dialect: Dialect): Uint8Array {
    const last = this.#last[dialect];
    if (last.head !== head) {
      last.out.clear();
      last.head = undefined;
      DIALECTS[dialect].putInput(last.out, head);
      last.head = head;
    }
    return last.out.written;
  }
}
