import { Code } from "../code.ts";
import { FIRST_OWN_TYPE, I32, Index } from "../guest.ts";
import type { Family } from "./mod.ts";

/** Nesting, loops, and the values that blocks merge. */
export const BLOCKS: readonly Family[] = [
  {
    name: "small loops in a row",
    build: (size, _, mix) => ({
      code: new Code().times(size, (code) => {
        code.put(0x03, 0x40);
        mix.add(code);
        code.put(0x20, 0, 0x0d, 0, 0x0b);
      }),
    }),
  },
  {
    name: "nested loops around assignments",
    build: (size, random) => {
      const locals = random.of([1, 100, 1000, 9000]);
      const code = new Code().repeat(size, 0x03, 0x40);
      code.times(locals, (code, i) => code.put(0x20, 0, 0x21).u32(1 + i));
      return { code: code.repeat(size, 0x20, 0, 0x0d, 0, 0x0b), locals: [[locals, I32]] };
    },
  },
  {
    name: "loops that change all locals",
    build: (size, random, mix) => {
      const locals = random.of([10, 100, 1000]);
      const code = new Code().times(size, (code) => {
        code.put(0x03, 0x40).times(locals, (code, i) => code.put(0x20).u32(1 + i).put(0x41, 1, 0x6a, 0x21).u32(1 + i));
        mix.add(code);
        code.put(0x20, 0, 0x0d, 0, 0x0b);
      });
      return { code, locals: [[locals, I32]] };
    },
  },
  {
    name: "nested ifs around assignments",
    build: (size, random, mix) => {
      const locals = random.of([1, 100, 5000]);
      const code = new Code().repeat(size, 0x20, 0, 0x04, 0x40).times(size, (code, i) => {
        code.put(0x20, 0, 0x21).u32(1 + i % locals);
        mix.add(code);
        code.put(0x0b);
      });
      return { code, locals: [[locals, I32]] };
    },
  },
  {
    name: "blocks with parameters and results",
    build: (size, random, mix) => {
      const values = random.of([1, 20, 900]);
      const opcode = random.of([0x02, 0x03]);
      const list = new Code().u32(values).repeat(values, I32).bytes();
      const type = new Code().put(0x60).add(list).add(list).bytes();
      const code = new Code().repeat(values, 0x20, 0).times(size, (code) => {
        code.put(opcode, FIRST_OWN_TYPE, 0x20, 0, 0x0d, 0);
        mix.add(code);
        code.put(0x0b);
      });
      return { code: code.repeat(values, 0x1a), types: [type] };
    },
  },
  {
    name: "branches with many locals",
    build: (size, random, mix) => {
      const locals = random.of([1000, 9999]);
      const code = new Code().times(size, (code) => {
        code.put(0x20, 0, 0x04, 0x40, 0x0b);
        mix.add(code);
      });
      return { code, locals: [[locals - 1, I32]] };
    },
  },
  {
    name: "values that live long across branches",
    build: (size, random, mix) => {
      const locals = random.of([10, 1000]);
      const code = new Code().times(locals, (code, i) => code.put(0x20, 0).i32(i).put(0x6a, 0x21).u32(1 + i));
      code.times(size, (code) => {
        code.put(0x23, Index.global, 0x04, 0x40, 0x41, 1, 0x24, Index.global, 0x0b);
        mix.add(code);
      });
      code.times(locals, (code, i) => code.put(0x20).u32(1 + i).put(0x24, Index.global));
      return { code, locals: [[locals, I32]] };
    },
  },
];
