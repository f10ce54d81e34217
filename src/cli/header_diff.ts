/**
 * What becomes of a head, as a diff.
 *
 * @module
 */

import type { HeaderOp } from "../protocol/mod.ts";

/** One line of a diff: a header that goes, or one that comes. */
export interface HeaderChange {
  readonly sign: "-" | "+";
  readonly name: string;
  /** Undefined for a header that is removed and was not there, or of which nobody here knows the value. */
  readonly value: string | undefined;
}

/** Names in lower case to values in their order. */
export type KnownHeaders = Readonly<Record<string, readonly string[]>>;

/**
 * What operations change, in their order.
 *
 * @param known The head as it was; undefined where it is not known, such as that of a response while its request is decided.
 */
export function diffHeaders(ops: readonly HeaderOp[], known?: KnownHeaders): readonly HeaderChange[] {
  const current = new Map<string, readonly string[]>(Object.entries(known ?? {}));
  return ops.flatMap((op): HeaderChange[] => {
    const name = op.name.toLowerCase();
    const before = current.get(name) ?? [];
    if (op.op === "add") {
      current.set(name, [...before, op.value]);
      return [{ sign: "+", name, value: op.value }];
    }
    const gone = before.map((value): HeaderChange => ({ sign: "-", name, value }));
    if (op.op === "remove") {
      current.delete(name);
      return gone.length > 0 ? gone : [{ sign: "-", name, value: undefined }];
    }
    current.set(name, [op.value]);
    return [...gone, { sign: "+", name, value: op.value }];
  });
}
