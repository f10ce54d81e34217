import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ProtocolError } from "../../../src/errors.ts";
import { checkShape } from "../../../src/protocol/message_shape.ts";
import { MAX_COMMAS, MAX_DEPTH, MAX_MEMBERS } from "../../../src/protocol/limits.ts";

const encoder = new TextEncoder();

/** The code of the error, or "" for text that is taken. */
function check(text: string): string {
  try {
    checkShape(encoder.encode(text));
    return "";
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
}

/** Members, commas and nesting of a value, counted on the value itself. */
function shapeOf(value: unknown): { readonly members: number; readonly commas: number; readonly depth: number } {
  if (typeof value !== "object" || value === null) return { members: 0, commas: 0, depth: 0 };
  const children = Object.values(value).map(shapeOf);
  const sum = (of: (child: typeof children[number]) => number) => children.reduce((all, child) => all + of(child), 0);
  return {
    members: sum((child) => child.members) + (Array.isArray(value) ? 0 : children.length),
    commas: sum((child) => child.commas) + Math.max(0, children.length - 1),
    depth: 1 + Math.max(0, ...children.map((child) => child.depth)),
  };
}

/** Text around `json` that has so many members, commas and levels more, none of them inside of it. */
function padded(json: string, members: number, commas: number, depth: number): string {
  const own = Array.from({ length: members }, (_, index) => `"${index}":0`).join();
  const items = ",0".repeat(commas - Math.max(0, members - 1) - 1);
  return "[".repeat(depth - 2) + `[${json},{${own}}${items}]` + "]".repeat(depth - 2);
}

const value = fc.jsonValue({ maxDepth: 5 });
const text = fc.tuple(value, fc.constantFrom(undefined, 1), fc.string({ unit: fc.constantFrom(...'\\":,[]{}é\n') }))
  .map(([own, space, string]) => JSON.stringify({ own, [string]: string }, undefined, space));

Deno.test("checkShape() counts what a parser finds, whatever stands in strings: at each limit and one beyond", () => {
  fc.assert(
    fc.property(text, (json) => {
      const own = shapeOf(JSON.parse(json));
      const members = MAX_MEMBERS - own.members;
      const commas = MAX_COMMAS - own.commas;
      const depth = MAX_DEPTH - own.depth + 1;
      const rows = [
        { most: padded(json, members, members + 5, 2), more: padded(json, members + 1, members + 5, 2) },
        { most: padded(json, 3, commas, 2), more: padded(json, 3, commas + 1, 2) },
        { most: padded(json, 3, 5, depth), more: padded(json, 3, 5, depth + 1) },
      ];
      const reached = rows.map(({ most }) => shapeOf(JSON.parse(most)));
      assertEquals([reached[0]?.members, reached[1]?.commas, reached[2]?.depth], [MAX_MEMBERS, MAX_COMMAS, MAX_DEPTH]);
      for (const { most, more } of rows) assertEquals([check(most), check(more)], ["", "MESSAGE_OVER_LIMIT"]);
    }),
    { numRuns: 30 },
  );
});

Deno.test("checkShape() comes to the end of whatever is no JSON, and leaves it to the parser", () => {
  const strange = ["", '"', "\\", '"\\', '"\\"', '"abc\\', '"abcd', "]]]", "}{", ":,", '"a"b"', '"\\\\', "\u0000"];
  for (const text of strange) {
    for (let before = 0; before < 9; before++) {
      for (let after = 0; after < 9; after++) assertEquals(check("1".repeat(before) + text + "2".repeat(after)), "");
    }
  }
});

Deno.test("checkShape() looks at its text alone, whatever stands before and behind it", () => {
  const around = encoder.encode("[".repeat(1000));
  for (const text of ['"', '"abc', "{}", "[1]", '"\\']) {
    const bytes = encoder.encode(text);
    checkShape(Uint8Array.of(...around, ...bytes, ...around).subarray(around.length, around.length + bytes.length));
  }
});
