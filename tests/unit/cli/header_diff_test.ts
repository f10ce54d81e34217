import { assertEquals } from "@std/assert";
import { diffHeaders } from "../../../src/cli/header_diff.ts";
import type { HeaderOp } from "../../../src/protocol/mod.ts";

const KNOWN = { a: ["1"], b: ["1", "2"] };

/** A diff as it is shown. */
function shown(ops: readonly HeaderOp[], known?: Readonly<Record<string, readonly string[]>>): readonly string[] {
  return diffHeaders(ops, known).map(({ sign, name, value }) =>
    `${sign} ${name}${value === undefined ? "" : `: ${value}`}`
  );
}

Deno.test.each<{ readonly name: string; readonly ops: readonly HeaderOp[]; readonly lines: readonly string[] }>([
  {
    name: "a header that is set in place of others",
    ops: [{ op: "set", name: "B", value: "3" }],
    lines: ["- b: 1", "- b: 2", "+ b: 3"],
  },
  { name: "a header that is new", ops: [{ op: "set", name: "c", value: "3" }], lines: ["+ c: 3"] },
  { name: "a value that is added", ops: [{ op: "add", name: "a", value: "3" }], lines: ["+ a: 3"] },
  { name: "a header that is removed", ops: [{ op: "remove", name: "A" }], lines: ["- a: 1"] },
  { name: "a header that was not there", ops: [{ op: "remove", name: "z" }], lines: ["- z"] },
  {
    name: "what is set and then removed",
    ops: [{ op: "set", name: "a", value: "2" }, { op: "remove", name: "a" }],
    lines: ["- a: 1", "+ a: 2", "- a: 2"],
  },
  {
    name: "what is added twice and then set",
    ops: [{ op: "add", name: "c", value: "1" }, { op: "add", name: "c", value: "2" }, {
      op: "set",
      name: "c",
      value: "3",
    }],
    lines: ["+ c: 1", "+ c: 2", "- c: 1", "- c: 2", "+ c: 3"],
  },
])("diffHeaders() shows $name", ({ ops, lines }) => assertEquals(shown(ops, KNOWN), [...lines]));

Deno.test("diffHeaders() shows what is known of a head that nobody has seen", () => {
  const ops: readonly HeaderOp[] = [{ op: "remove", name: "a" }, { op: "set", name: "b", value: "1" }];
  assertEquals(shown(ops), ["- a", "+ b: 1"]);
});
