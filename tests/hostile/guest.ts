/**
 * A module that is polite but for one function: it allows each request, and where the URI has a `!` in it, it runs the
 * hostile code first, often enough for V8 to optimise it after a few requests.
 *
 * @module
 */

import { Code } from "./code.ts";

export const I32 = 0x7f;
export const V128 = 0x7b;

/** Bytes of code that one request with a `!` runs through, at least; V8 optimises a function after 13 million. */
const RUN_BYTES = 1_500_000;
const MAX_CALLS = 3000;

/** What each hostile body finds in the module, at these indices. */
export const Index = {
  /** `() -> ()`, `(i32) -> i32` and `(i32) -> ()`: the hostile functions are of the last. */
  types: { void: 0, unary: 1, hostile: 2 },
  /** Of these types. */
  functions: { void: 0, unary: 1 },
  /** Of functions; its first two entries are those above. */
  table: 0,
  /** A mutable i32. */
  global: 0,
  /** Without parameters; and with four i32. */
  tags: { empty: 0, four: 1 },
  /** Passive, of one byte. */
  data: 1,
} as const;

/** How a body is written: what its locals are, and its code, which is run with parameter 0 being 0. */
export interface HostileBody {
  readonly code: Code;
  /** Number and type of the locals that come after the parameter. */
  readonly locals?: readonly (readonly [count: number, type: number])[];
  /** Types of its own, from index 16 on. */
  readonly types?: readonly Uint8Array[];
}

/** Where a body's own types begin. */
export const FIRST_OWN_TYPE = 16;

const ALLOW = '{"decision":"allow"}';

/** The module with so many copies of the function, and memories. */
export function guestOf(body: HostileBody, copies: number, memories: number): Uint8Array<ArrayBuffer> {
  const { code, locals = [], types = [] } = body;
  const calls = Math.min(MAX_CALLS, Math.ceil(RUN_BYTES / (code.length * copies)));
  const runs = new Code().u32(locals.length);
  for (const [count, type] of locals) runs.u32(count).put(type);
  const hostile = new Code().add(runs.bytes()).add(code.bytes()).put(0x0b).bytes();

  const module = new Code().put(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  section(module, 1, (out) => {
    out.u32(FIRST_OWN_TYPE + types.length);
    out.put(0x60, 0, 0).put(0x60, 1, I32, 1, I32).put(0x60, 1, I32, 0); // void, unary, hostile
    out.put(0x60, 2, I32, I32, 0).put(0x60, 2, I32, I32, 1, 0x7e).put(0x60, 4, I32, I32, I32, I32, 0);
    out.repeat(FIRST_OWN_TYPE - 6, 0x60, 0, 0);
    for (const type of types) out.add(type);
  });
  const firstHostile = 5;
  section(module, 3, (out) => {
    out.u32(firstHostile + copies).put(0, 1, 1, 3, 4).repeat(copies, Index.types.hostile);
  });
  section(module, 4, (out) => out.put(1, 0x70, 0, 4));
  section(module, 5, (out) => out.u32(memories).repeat(memories, 0, 3));
  section(module, 13, (out) => out.put(2, 0, 0, 0, 5));
  section(module, 6, (out) => out.put(1, I32, 1, 0x41, 0, 0x0b));
  section(module, 7, (out) => {
    out.put(4).name("memory").put(2, 0).name("alloc").put(0, 2).name("dealloc").put(0, 3);
    out.name("on_request_headers").put(0, 4);
  });
  section(module, 9, (out) => out.put(1, 0, 0x41, 0, 0x0b, 2, 0, 1));
  section(module, 12, (out) => out.put(2));
  section(module, 10, (out) => {
    out.u32(firstHostile + copies);
    out.put(2, 0, 0x0b);
    out.put(4, 0, 0x20, 0, 0x0b);
    // alloc: 65,536 at most fits what is below the end of the memory.
    const alloc = new Code().put(0).i32(65_536).put(0x0b);
    out.u32(alloc.length).add(alloc.bytes());
    out.put(2, 0, 0x0b);
    const handler = handlerCode(firstHostile, copies, calls);
    out.u32(handler.length).add(handler);
    for (let i = 0; i < copies; i++) out.u32(hostile.length).add(hostile);
  });
  section(module, 11, (out) => {
    out.put(2, 0, 0x41, 16, 0x0b).name(ALLOW);
    out.put(1, 1, 0);
  });
  return module.bytes();
}

/** Looks for a `!` in the input; runs the hostile functions if there is one; allows. */
function handlerCode(first: number, copies: number, calls: number): Uint8Array<ArrayBuffer> {
  const code = new Code().put(1, 2, I32); // local 2: end of the input, local 3: calls that are left
  code.put(0x20, 0, 0x20, 1, 0x6a, 0x21, 2);
  code.put(0x02, 0x40, 0x02, 0x40, 0x03, 0x40); // out, found, next
  code.put(0x20, 0, 0x20, 2, 0x4f, 0x0d, 2);
  code.put(0x20, 0, 0x2d, 0, 0).i32(0x21).put(0x46, 0x0d, 1);
  code.put(0x20, 0, 0x41, 1, 0x6a, 0x21, 0, 0x0c, 0, 0x0b, 0x0b);
  code.i32(calls).put(0x21, 3, 0x03, 0x40);
  code.times(copies, (_, index) => code.put(0x41, 0, 0x10).u32(first + index));
  code.put(0x20, 3, 0x41, 1, 0x6b, 0x22, 3, 0x0d, 0, 0x0b, 0x0b);
  // Pointer 16 in the upper half, the length in the lower.
  return code.put(0x42, 16, 0x42, 32, 0x86, 0x42, ALLOW.length, 0x84, 0x0b).bytes();
}

function section(module: Code, id: number, write: (out: Code) => void): void {
  const out = new Code();
  write(out);
  module.put(id).u32(out.length).add(out.bytes());
}
