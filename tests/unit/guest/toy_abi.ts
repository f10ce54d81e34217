/**
 * An ABI whose guests ask the host while they run, and export no `alloc`: the seam must hold for such a one, too.
 *
 * A guest exports `memory` and `toy_decide() -> i32`, 0 for allow; it imports `toy.letter() -> i32`, the byte that stands in the
 * event's uri behind the "!", 0 where there is none.
 */

import type { BoundAbi, GuestAbi } from "../../../src/guest/mod.ts";
import { ABIS, type Instance } from "../../../src/guest/mod.ts";

const encoder = new TextEncoder(), decoder = new TextDecoder();
const ALLOW = encoder.encode('{"decision":"allow","tags":["clean"]}');
const BLOCK = encoder.encode('{"decision":"block"}');

class BoundToy implements BoundAbi {
  #letter = 0;
  #instance: Instance | undefined;
  readonly imports = new Map([["toy", { letter: () => this.#letter }]]);
  start(instance: Instance): void {
    this.#instance = instance;
  }
  ask(_phase: string, input: Uint8Array): Uint8Array {
    this.#letter = /!(\w)/.exec(decoder.decode(input))?.[1]?.charCodeAt(0) ?? 0;
    return this.#instance?.function("toy_decide")() === 0 ? ALLOW : BLOCK;
  }
  release(): void {}
}

/** `toy/1`. */
export const TOY_ABI: GuestAbi = {
  name: "toy/1",
  dialect: "agent/1",
  provides: new Map([["toy", new Map([["letter", { kind: "function", params: [], results: ["i32"] }]])]]),
  usesExport: (name) => name === "toy_decide" || name === "memory",
  speaks: (info) => info.exports.some(({ name }) => name === "toy_decide"),
  inspect: () => ["request_headers"],
  unknownHandlers: () => [],
  takesConfiguration: () => false,
  bind: () => new BoundToy(),
};

/** The program's ABIs and the toy, as the threads of the tests know them. */
export const ABIS_AND_TOY: readonly GuestAbi[] = [TOY_ABI, ...ABIS];
