import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ModuleError } from "../../../../src/errors.ts";
import { readSections, SECTION_ORDER, SectionId } from "../../../../src/wasm/sections/list.ts";
import { assemble, custom, section } from "../assemble.ts";

Deno.test("readSections() finds no section in a header alone", () => {
  assertEquals(readSections(assemble()), []);
});

Deno.test("readSections() tells where each section and its contents stand", () => {
  const bytes = assemble(section(1, 0), custom("ab", 7), section(3, 0));
  assertEquals(readSections(bytes), [
    { id: 1, name: "", offset: 8, start: 10, end: 11 },
    { id: 0, name: "ab", offset: 11, start: 16, end: 17 },
    { id: 3, name: "", offset: 17, start: 19, end: 20 },
  ]);
});

Deno.test("readSections() takes all sections in their order, custom ones between any two", () => {
  const all = SECTION_ORDER.flatMap((id) => [section(id, 0), custom("")]);
  assertEquals(
    readSections(assemble(...all)).map(({ id }) => id),
    SECTION_ORDER.flatMap((id) => [id, SectionId.custom]),
  );
});

Deno.test("readSections() refuses each pair of sections that stands the wrong way round, or twice", () => {
  SECTION_ORDER.forEach((later, place) => {
    for (const id of SECTION_ORDER.slice(0, place + 1)) {
      assertThrows(
        () => readSections(assemble(section(later, 0), section(id, 0))),
        ModuleError,
        "each section must stand once and in order",
      );
    }
  });
});

const refused = [
  { name: "an id of 14", sections: [section(14)], says: "a section id must be 0 to 13: received 14 at byte 8" },
  {
    name: "a size of one byte too many",
    sections: [[1, 2, 0]],
    says: "a count must fit the 1 bytes that remain: received 2",
  },
  { name: "an id alone", sections: [[1]], says: "another byte must follow" },
  { name: "a custom section without a name", sections: [[0, 0]], says: "another byte must follow" },
  { name: "a custom name longer than its section", sections: [[0, 2, 2, 0x61], section(1, 0)], says: "received 2" },
];
for (const { name, sections, says } of refused) {
  Deno.test(`readSections() refuses ${name}`, () => {
    const { code, message } = assertThrows(() => readSections(assemble(...sections)), ModuleError);
    assertEquals(code, "MODULE_MALFORMED");
    assertStringIncludes(message, says);
  });
}
