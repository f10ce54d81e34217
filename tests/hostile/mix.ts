import type { Code } from "./code.ts";
import { Index } from "./guest.ts";
import type { Random } from "./random.ts";

/** Code that leaves the stack as it was, one of a kind each, run with parameter 0 being 0. */
const SPICES = {
  simd: [0x20, 0, 0xfd, 0x0f, 0xfd, 0x62, 0xfd, 0x1b, 0, 0x1a], // i8x16.splat, popcnt, i32x4.extract_lane
  tail: [0x20, 0, 0x04, 0x40, 0x12, Index.functions.void, 0x0b],
  memory: [0x41, 0, 0x41, 0, 0x28, 0x42, 1, 0, 0x36, 0x42, 1, 0], // from the second memory to itself
  calling: [0x10, Index.functions.void],
  catching: [0x1f, 0x40, 0, 0x10, Index.functions.void, 0x0b],
  throwing: [0x20, 0, 0x04, 0x40, 0x08, Index.tags.empty, 0x0b],
  bulk: [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 10, 0, 1], // memory.copy of nothing, between memories
} as const;

/** Other instructions among those of a family: what one of them costs may depend on its neighbours. */
export class Mix {
  readonly name: string;
  readonly #spice: readonly number[];
  readonly #period: number;
  #count = 0;

  constructor(random: Random) {
    const kinds: [string, readonly number[]][] = Object.entries(SPICES);
    const [name, spice] = random.of<[string, readonly number[]]>([["", []], ["", []], ...kinds]);
    this.#spice = spice;
    this.#period = random.of([1, 3, 10, 31, 100]);
    this.name = spice.length === 0 ? "pure" : `${name} after each ${this.#period}`;
  }

  /** Comes after each item of a family. */
  add(code: Code): void {
    if (++this.#count % this.#period === 0) code.put(...this.#spice);
  }
}
