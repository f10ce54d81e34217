import { assertEquals, assertThrows } from "@std/assert";
import { ChangedHead } from "../../../src/agent/changed_head.ts";
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
    name: "a name that objects have of their own",
    ops: [set("__proto__", "p")],
    lists: JSON.parse('{"host":["a"],"cookie":["x=1","y=2"],"x-old":["1"],"__proto__":["p"]}'),
  },
])("ChangedHead shows $name", ({ ops, lists }) => {
  const head = new ChangedHead(headWith(HEADERS), ops);
  assertEquals(written(head, "lists"), lists);
  const joined = Object.entries(Object(lists)).map(([name, values]) => [name, Array.from(Object(values)).join(", ")]);
  assertEquals(written(head, "joined"), Object.fromEntries(joined));
});

Deno.test("ChangedHead.header() finds what was set, and not what was removed", () => {
  const head = new ChangedHead(headWith(HEADERS), [set("x-new", "2"), remove("x-old")]);
  assertEquals([head.header("x-new"), head.header("x-old"), head.header("cookie")], ["2", undefined, "x=1, y=2"]);
});

Deno.test("ChangedHead is like the other head in all else", () => {
  const base = headWith(HEADERS);
  const head = new ChangedHead(base, [set("a", "b")]);
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
  const head = new ChangedHead(headWith(HEADERS), [set("a", "b")]);
  const retained = head.retain();
  headWith({});
  assertThrows(() => head.header("host"), Error, "Cannot read head");
  assertEquals([retained.header("host"), retained.header("a")], ["a", "b"]);
});
