import { Code } from "../code.ts";
import { I32, Index } from "../guest.ts";
import type { Family } from "./mod.ts";

const LOAD_GLOBAL = [0x23, Index.global, 0x21, 0];

/** V8's own limit. */
const MAX_TABLE_ENTRIES = 65_520;

/** Many edges to one label, long chains of branches, large tables. */
export const BRANCHES: readonly Family[] = [
  {
    name: "br_if to one label",
    build: (size, random, mix) => {
      const locals = random.of([1, 20, 100]);
      const code = new Code().put(0x02, 0x40);
      code.times(size, (code, i) => {
        code.put(0x20, 0, 0x22).u32(1 + i % locals).put(0x0d, 0);
        mix.add(code);
      });
      return { code: code.put(0x0b), locals: [[locals, I32]] };
    },
  },
  {
    name: "br_if to a loop's head",
    build: (size, _, mix) => {
      const code = new Code().put(0x03, 0x40);
      code.times(size, (code) => {
        code.put(0x20, 0, 0x0d, 0);
        mix.add(code);
      });
      return { code: code.put(0x0b) };
    },
  },
  {
    name: "one br_table",
    build: (size, random) => {
      const depth = random.of([1, 1, 100, 900]);
      const entries = Math.min(size, MAX_TABLE_ENTRIES);
      const code = new Code().repeat(depth, 0x02, 0x40).put(0x20, 0, 0x0e).u32(entries);
      code.times(entries + 1, (code, i) => code.u32(i % depth)).repeat(depth, 0x0b);
      return { code };
    },
  },
  {
    name: "br_tables",
    build: (size, random, mix) => {
      const entries = random.of([2, 10, 1000]);
      const code = new Code().put(0x02, 0x40);
      code.times(Math.ceil(size / entries), (code) => {
        code.put(0x02, 0x40, 0x20, 0, 0x0e).u32(entries).times(entries + 1, (code, i) => code.put(i & 1)).put(0x0b);
        mix.add(code);
      });
      return { code: code.put(0x0b) };
    },
  },
  {
    name: "if (x) x = global",
    build: (size, _, mix) => ({
      code: new Code().times(size, (code) => {
        code.put(0x20, 0, 0x04, 0x40, ...LOAD_GLOBAL, 0x0b);
        mix.add(code);
      }),
    }),
  },
  {
    name: "if (x) and x stays",
    build: (size, random, mix) => {
      const locals = random.of([1, 100]);
      const code = new Code().times(size, (code, i) => {
        code.put(0x20, 0, 0x04, 0x40, 0x41, 1, 0x21).u32(1 + i % locals).put(0x0b);
        mix.add(code);
      });
      return { code, locals: [[locals, I32]] };
    },
  },
  {
    name: "if (x == y) with values that ifs give",
    build: (size, _, mix) => {
      const code = new Code().put(0x20, 0).times(size, (code) => {
        code.put(0x22, 1, 0x20, 0, 0x46, 0x04, I32, 0x23, Index.global, 0x05, 0x20, 1, 0x0b);
        mix.add(code);
      });
      return { code: code.put(0x1a), locals: [[1, I32]] };
    },
  },
  {
    name: "br_on_null of table entries",
    build: (size, _, mix) => {
      const code = new Code().put(0x02, 0x40).times(size, (code) => {
        code.put(0x41, 0, 0x25, Index.table, 0xd5, 0, 0x1a);
        mix.add(code);
      });
      return { code: code.put(0x0b) };
    },
  },
];
