import { Code } from "../code.ts";
import { I32, Index } from "../guest.ts";
import type { Family } from "./mod.ts";

const CALL = [0x10, Index.functions.void];

/** Edges to handlers, many handlers, nested handlers. No module has the older and the newer kind at once. */
export const EXCEPTIONS: readonly Family[] = [
  {
    name: "calls in one try_table",
    build: (size, random, mix) => {
      const locals = random.of([1, 100]);
      const code = new Code().put(0x02, 0x40, 0x1f, 0x40, 1, 2, 0).times(size, (code, i) => {
        code.put(...CALL, 0x20, 0, 0x21).u32(1 + i % locals);
        mix.add(code);
      });
      return { code: code.put(0x0b, 0x0b), locals: [[locals, I32]] };
    },
  },
  {
    name: "throws in one try_table",
    build: (size, _, mix) => {
      const code = new Code().put(0x02, 0x40, 0x1f, 0x40, 1, 2, 0).times(size, (code) => {
        code.put(0x20, 0, 0x04, 0x40, 0x08, Index.tags.empty, 0x0b);
        mix.add(code);
      });
      return { code: code.put(0x0b, 0x0b) };
    },
  },
  {
    name: "throws with values",
    build: (size, _, mix) => ({
      code: new Code().times(size, (code) => {
        code.put(0x20, 0, 0x04, 0x40).repeat(4, 0x20, 0).put(0x08, Index.tags.four, 0x0b);
        mix.add(code);
      }),
    }),
  },
  {
    name: "many try_tables",
    build: (size, _, mix) => ({
      code: new Code().times(size, (code) => {
        code.put(0x02, 0x40, 0x1f, 0x40, 1, 2, 0, ...CALL, 0x0b, 0x0b);
        mix.add(code);
      }),
    }),
  },
  {
    name: "nested try_tables",
    build: (size, random) => {
      const calls = random.of([1, 50]);
      const code = new Code().repeat(size, 0x02, 0x40, 0x1f, 0x40, 1, 0, Index.tags.empty, 0);
      return { code: code.repeat(calls, ...CALL).repeat(size, 0x0b, 0x0b) };
    },
  },
  {
    name: "catch clauses of one try_table",
    build: (size) => {
      const code = new Code().put(0x02, 0x40, 0x1f, 0x40).u32(size).repeat(size, 0, Index.tags.empty, 0);
      return { code: code.put(...CALL, 0x0b, 0x0b) };
    },
  },
  {
    name: "older tries with delegates to one",
    build: (size) => {
      const code = new Code().put(0x06, 0x40).repeat(size, 0x06, 0x40, ...CALL, 0x18, 0);
      return { code: code.put(0x19, 0x0b) };
    },
  },
  {
    name: "nested older tries",
    build: (size) => {
      const code = new Code().repeat(size, 0x06, 0x40).put(...CALL);
      return { code: code.repeat(size, 0x19, ...CALL, 0x0b) };
    },
  },
];
