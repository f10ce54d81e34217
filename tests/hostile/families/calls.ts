import { Code } from "../code.ts";
import { FIRST_OWN_TYPE, I32, Index } from "../guest.ts";
import type { Random } from "../random.ts";
import type { Family } from "./mod.ts";

/** Rows of the same instructions so many times. */
function repeated(name: string, item: readonly number[], locals: readonly [number, ...number[]] = [0]): Family {
  return {
    name,
    build: (size, random: Random, mix) => {
      const code = new Code().times(size, (code) => {
        code.put(...item);
        mix.add(code);
      });
      return { code, locals: [[random.of(locals), I32]] };
    },
  };
}

/** Calls of every sort, and what V8 does by a call. */
export const CALLS: readonly Family[] = [
  repeated("calls", [0x10, Index.functions.void], [0, 1000, 9000]),
  repeated("call_indirect", [0x41, 0, 0x11, Index.types.void, Index.table], [0, 1000]),
  repeated("call_ref", [0xd2, Index.functions.void, 0x14, Index.types.void]),
  repeated("return_call", [0x20, 0, 0x04, 0x40, 0x12, Index.functions.void, 0x0b], [0, 1000]),
  repeated("return_call_indirect", [0x20, 0, 0x04, 0x40, 0x41, 0, 0x13, Index.types.void, Index.table, 0x0b]),
  repeated("memory.grow", [0x41, 0, 0x40, 0, 0x1a], [0, 1000, 9000]),
  repeated("memory.fill", [0x41, 0, 0x41, 0, 0x20, 0, 0xfc, 11, 0], [0, 9000]),
  repeated("memory.init", [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 8, Index.data, 0]),
  repeated("table.get", [0x41, 0, 0x25, Index.table, 0x1a]),
  repeated("table.set", [0x41, 3, 0xd0, 0x70, 0x26, Index.table]),
  repeated("table.copy", [0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 14, Index.table, Index.table]),
  {
    name: "calls with many parameters and results",
    build: (size, random, mix) => {
      const values = random.of([20, 300, 900]);
      const list = new Code().u32(values).repeat(values, I32).bytes();
      const type = new Code().put(0x60).add(list).add(list).bytes();
      const code = new Code().repeat(values, 0x20, 0).times(size, (code) => {
        code.put(0x41, 3, 0x11, FIRST_OWN_TYPE, Index.table);
        mix.add(code);
      });
      // The third entry of the table is null: it is never run.
      return {
        code: new Code().put(0x20, 0, 0x04, 0x40).add(code.repeat(values, 0x1a).bytes()).put(0x0b),
        types: [type],
      };
    },
  },
  {
    name: "calls below many operands",
    build: (size, random, mix) => {
      const operands = random.of([100, 3000]);
      const code = new Code().repeat(operands, 0x20, 0).times(size, (code) => {
        code.put(0x10, Index.functions.void);
        mix.add(code);
      });
      return { code: code.repeat(operands, 0x1a) };
    },
  },
  {
    name: "edges that cross table.get",
    build: (size, _, mix) => {
      const code = new Code().put(0x02, 0x40).times(size, (code) => {
        code.put(0x41, 0, 0x25, Index.table, 0x1a, 0x20, 0, 0x0d, 0);
        mix.add(code);
      });
      return { code: code.put(0x0b) };
    },
  },
];
