import { Code } from "../code.ts";
import { I32, Index, V128 } from "../guest.ts";
import type { Family } from "./mod.ts";

/** A chain of operations on one i32, whose end is kept. */
function chain(name: string, item: readonly number[]): Family {
  return {
    name,
    build: (size, _, mix) => {
      const code = new Code().put(0x20, 0).times(size, (code) => {
        code.put(...item);
        mix.add(code);
      });
      return { code: code.put(0x24, Index.global) };
    },
  };
}

/** The same on one v128. */
function simd(name: string, item: (index: number) => readonly number[]): Family {
  return {
    name,
    build: (size, _, mix) => {
      const code = new Code().put(0x41, 0, 0x20, 0, 0xfd, 0x0f).times(size, (code, i) => {
        code.put(...item(i));
        mix.add(code);
      });
      return { code: code.put(0xfd, 0x0b, 4, 0), locals: [[1, V128]] };
    },
  };
}

/** Long code without branches of its own. */
export const STRAIGHT: readonly Family[] = [
  chain("arithmetic", [0x20, 0, 0x6a, 0x20, 0, 0x6c]),
  chain("copies of one value", [0x20, 0, 0x21, 1, 0x20, 1, 0x6a, 0x20, 1, 0x21, 0, 0x20, 0, 0x6c]),
  chain("a value computed again", [0x20, 0, 0x41, 5, 0x6c, 0x6a, 0x20, 0, 0x41, 5, 0x6c, 0x6c]),
  chain("divisions", [0x41, 7, 0x6d, 0x41, 3, 0x6f]),
  chain("conversions that saturate", [0xb7, 0xfc, 2]),
  chain("conversions that trap", [0xb7, 0xaa]),
  chain("loads", [0x41, 3, 0x71, 0x28, 2, 0]),
  chain("stores", [0x22, 1, 0x41, 3, 0x71, 0x20, 1, 0x36, 0x42, 1, 0, 0x20, 0]),
  chain("selects", [0x20, 0, 0x20, 0, 0x1b]),
  chain("globals", [0x24, Index.global, 0x23, Index.global]),
  chain("constants", [0x41, 0xff, 0xff, 0xff, 0x3f, 0x73]),
  simd("shuffles", (i) => [0x20, 0, 0xfd, 0x0f, 0xfd, 0x0d, ...Array.from({ length: 16 }, (_, j) => (i * 7 + j) % 32)]),
  simd("v128 constants", (i) => [0xfd, 0x0c, i & 255, i >> 8 & 255, ...Array<number>(14).fill(i & 127), 0xfd, 0x51]),
  simd("i64x2.mul", () => [0x20, 0, 0xfd, 0x0f, 0xfd, 0xd5, 1]),
  simd("truncations of floats", () => [0xfd, 0xf9, 1, 0xfd, 0xfb, 1]),
  simd("lanes from memory", () => [0x21, 1, 0x41, 0, 0x20, 1, 0xfd, 0x54, 0, 0, 0]),
].map((family) => ({
  ...family,
  build: (size, random, mix) => {
    const body = family.build(size, random, mix);
    return { ...body, locals: body.locals ?? [[1, I32]] };
  },
}));
