import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ChangedHead } from "../../../src/agent/changed_head.ts";
import { changesOf } from "../../../src/agent/header_changes.ts";
import { ByteWriter, type Head, type HeaderOp, type HeadersForm } from "../../../src/protocol/mod.ts";
import { headOf, V1 } from "../protocol/wires.ts";
import { requestPayload } from "../server/proxy.ts";

const HEADERS = { "host": ["a"], "cookie": ["x=1", "y=2"], "x-old": ["1"] };

function headWith(headers: Readonly<Record<string, readonly string[]>>): Head {
  const payload = { ...requestPayload("id"), headers };
  return headOf(V1.decode(new TextEncoder().encode(JSON.stringify({
    version: 1,
    event_type: "request_headers",
    payload,
  }))));
}

function written(head: Head, form: HeadersForm): unknown {
  const out = new ByteWriter();
  head.putHeaders(out, form);
  return JSON.parse(`{${new TextDecoder().decode(out.written)}}`);
}

const set = (name: string, value: string): HeaderOp => ({ op: "set", name, value });
const add = (name: string, value: string): HeaderOp => ({ op: "add", name, value });
const remove = (name: string): HeaderOp => ({ op: "remove", name });

Deno.test.each<{ name: string; ops: readonly HeaderOp[]; lists: unknown }>([
  { name: "nothing", ops: [], lists: HEADERS },
  { name: "a header set anew", ops: [set("x-new", "2")], lists: { ...HEADERS, "x-new": ["2"] } },
  { name: "one in place of two values", ops: [set("cookie", "z")], lists: { ...HEADERS, cookie: ["z"] } },
  { name: "a value beside others", ops: [add("cookie", "z")], lists: { ...HEADERS, cookie: ["x=1", "y=2", "z"] } },
  { name: "one taken away", ops: [remove("x-old"), remove("none")], lists: { host: ["a"], cookie: HEADERS.cookie } },
  {
    name: "names in any case",
    ops: [set("X-Old", "2"), add("X-OLD", "3")],
    lists: { ...HEADERS, "x-old": ["2", "3"] },
  },
  {
    name: "one after the other",
    ops: [remove("x-old"), set("x-old", "2"), remove("cookie"), add("cookie", "z")],
    lists: { host: ["a"], "x-old": ["2"], cookie: ["z"] },
  },
  {
    name: "a value beside none",
    ops: [add("x-new", "2"), add("x-new", "3")],
    lists: { ...HEADERS, "x-new": ["2", "3"] },
  },
  {
    name: "all of them taken away",
    ops: [remove("host"), remove("cookie"), remove("x-old")],
    lists: {},
  },
  { name: "the first taken away", ops: [remove("host")], lists: { cookie: HEADERS.cookie, "x-old": ["1"] } },
  {
    name: "values with quotes",
    ops: [set("host", 'a"b\\'), add("cookie", "\u00e9")],
    lists: { ...HEADERS, host: ['a"b\\'], cookie: [...HEADERS.cookie, "\u00e9"] },
  },
  {
    name: "a name that objects have of their own",
    ops: [set("__proto__", "p")],
    lists: JSON.parse('{"host":["a"],"cookie":["x=1","y=2"],"x-old":["1"],"__proto__":["p"]}'),
  },
])("ChangedHead shows $name", ({ ops, lists }) => {
  const head = new ChangedHead(headWith(HEADERS), changesOf(ops));
  assertEquals(written(head, "lists"), lists);
  const joined = Object.entries(Object(lists)).map(([name, values]) => [name, Array.from(Object(values)).join(", ")]);
  assertEquals(written(head, "joined"), Object.fromEntries(joined));
});

Deno.test("ChangedHead.header() finds what was set, and not what was removed", () => {
  const head = new ChangedHead(headWith(HEADERS), changesOf([set("x-new", "2"), remove("x-old")]));
  assertEquals([head.header("x-new"), head.header("x-old"), head.header("cookie")], ["2", undefined, "x=1, y=2"]);
});

Deno.test("ChangedHead is like the other head in all else", () => {
  const base = headWith(HEADERS);
  const head = new ChangedHead(base, changesOf([set("a", "b")]));
  const bytes = (put: (out: ByteWriter) => void) => {
    const out = new ByteWriter();
    put(out);
    return new TextDecoder().decode(out.written);
  };
  assertEquals(
    [head.kind, head.correlationId, head.status, head.method(), head.uri(), head.pathHash()],
    [base.kind, base.correlationId, base.status, base.method(), base.uri(), base.pathHash()],
  );
  for (const put of ["putMethod", "putUri", "putClientIp", "putCorrelationId", "putMetadata"] as const) {
    assertEquals(bytes((out) => head[put](out)), bytes((out) => base[put](out)));
  }
});

Deno.test("ChangedHead is good for as long as its head, and for ever once it is retained", () => {
  const head = new ChangedHead(headWith(HEADERS), changesOf([set("a", "b")]));
  const retained = head.retain();
  headWith({});
  assertThrows(() => head.header("host"), Error, "Cannot read head");
  assertEquals([retained.header("host"), retained.header("a")], ["a", "b"]);
});

Deno.test("ChangedHead changes a head that has no headers, and values that end in quotes", () => {
  assertEquals(written(new ChangedHead(headWith({}), changesOf([set("a", "b")])), "lists"), { a: ["b"] });
  const odd = headWith({ a: ['1"', "\\"], b: [], c: ['"'] });
  assertEquals(written(new ChangedHead(odd, changesOf([add("a", "2"), add("b", "3"), remove("c")])), "lists"), {
    a: ['1"', "\\", "2"],
    b: ["3"],
  });
});

Deno.test("changesOf() has one key for operations that come to the same, and another for others", () => {
  const key = (...ops: readonly HeaderOp[]) => changesOf(ops).key;
  assertEquals(key(set("a", "1")), key(remove("A"), set("a", "2"), set("A", "1")));
  assertEquals(key(set("a", "1")) === key(add("a", "1")), false);
  assertEquals(key(set("a", "1")) === key(set("a", "2")), false);
});

/** The same as a model of lists by name. */
function expected(headers: Readonly<Record<string, readonly string[]>>, ops: readonly HeaderOp[]): unknown {
  const lists = new Map(Object.entries(headers));
  for (const op of ops) {
    const name = op.name.toLowerCase();
    if (op.op === "remove") lists.delete(name);
    else lists.set(name, op.op === "set" ? [op.value] : [...lists.get(name) ?? [], op.value]);
  }
  return Object.fromEntries(lists);
}

const name = fc.constantFrom("a", "b", "ab", "x-long-name", "c");
const value = fc.string({ unit: "grapheme", maxLength: 6 });
const anyOp: fc.Arbitrary<HeaderOp> = fc.oneof(
  fc.record({ op: fc.constantFrom("set" as const, "add" as const), name, value }),
  fc.record({ op: fc.constant("remove" as const), name }),
);

Deno.test("ChangedHead shows what any operations make of any headers", () => {
  fc.assert(fc.property(
    fc.dictionary(name, fc.array(value, { minLength: 1, maxLength: 3 })),
    fc.array(anyOp, { maxLength: 6 }),
    (headers, ops) => {
      const lists = written(new ChangedHead(headWith(headers), changesOf(ops)), "lists");
      assertEquals(lists, expected({ ...headers }, ops));
      const joined = Object.entries(Object(lists)).map((
        [name, values],
      ) => [name, Array.from(Object(values)).join(", ")]);
      assertEquals(written(new ChangedHead(headWith(headers), changesOf(ops)), "joined"), Object.fromEntries(joined));
    },
  ));
});
