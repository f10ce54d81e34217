import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { escapeText, listed, MAX_NAME_SHOWN, MAX_SHOWN, quoted } from "../../src/escape.ts";

/** All that a terminal, a log's reader or an eye could take for something else. */
const HARMFUL: readonly { readonly name: string; readonly from: number; readonly to: number }[] = [
  { name: "C0", from: 0x00, to: 0x1f },
  { name: "DEL and C1", from: 0x7f, to: 0x9f },
  { name: "Arabic letter mark", from: 0x61c, to: 0x61c },
  { name: "zero width and direction marks", from: 0x200b, to: 0x200f },
  { name: "line and paragraph separator", from: 0x2028, to: 0x2029 },
  { name: "embedding and override", from: 0x202a, to: 0x202e },
  { name: "isolates", from: 0x2066, to: 0x2069 },
  { name: "lone surrogates", from: 0xd800, to: 0xdfff },
  { name: "byte order mark", from: 0xfeff, to: 0xfeff },
  { name: "tags", from: 0xe0020, to: 0xe007f },
];

Deno.test.each(HARMFUL)("escapeText() escapes every character of $name", ({ from, to }) => {
  for (let code = from; code <= to; code++) {
    const character = code > 0xffff ? String.fromCodePoint(code) : String.fromCharCode(code);
    assertEquals(escapeText(`a${character}b`), `a\\u{${code.toString(16)}}b`);
  }
});

Deno.test("escapeText() leaves printable text of all scripts as it is", () => {
  const text = ' !"\\~ Grüße, Привет, 你好, שלום, é😀 {}';
  assertEquals(escapeText(text), text);
});

for (const maxLength of [64, MAX_SHOWN, 4096]) {
  Deno.test(`escapeText() takes ${maxLength} characters whole where so many are shown, and cuts one more`, () => {
    const fits = "x".repeat(maxLength);
    assertEquals(escapeText(fits, maxLength), fits);
    const note = `... (${maxLength + 1} characters in all)`;
    assertEquals(escapeText(`${fits}x`, maxLength), fits.slice(note.length) + note);
  });
}

Deno.test("escapeText() stays within its length whatever is cut, and never leaves half an escape or half a pair", () => {
  for (const unit of ["\u0001", "\u{e0020}", "😀", "\ud800", "a\u2028", "x"]) {
    for (let shift = 0; shift < 12; shift++) {
      const shown = escapeText("y".repeat(shift) + unit.repeat(500), 100);
      assertLessOrEqual(shown.length, 100);
      assert(shown.isWellFormed());
      assert(/(?:[xya😀]|\})\.\.\. \(\d+ characters in all\)$/u.test(shown), shown);
    }
  }
});

Deno.test("escapeText() changes nothing in what it has escaped and cut", () => {
  for (const text of ["a\nb", "\u202e".repeat(3_000), "x".repeat(1_000_000), "é😀"]) {
    const once = escapeText(text);
    assertEquals(escapeText(once), once);
  }
});

Deno.test("quoted() shows a name in quotes, escaped and cut", () => {
  assertEquals(quoted("a\u001bb"), '"a\\u{1b}b"');
  assertEquals(quoted("x".repeat(MAX_NAME_SHOWN)), `"${"x".repeat(MAX_NAME_SHOWN)}"`);
  assertEquals(quoted("x".repeat(1_000_000)).length, MAX_NAME_SHOWN + 2);
});

Deno.test("listed() shows ten entries and counts the others", () => {
  const entries = Array.from({ length: 12 }, (_, index) => `${index}`);
  assertEquals(listed([]), "none");
  assertEquals(listed(entries.slice(0, 10)), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9");
  assertEquals(listed(entries.slice(0, 11), "; "), "0; 1; 2; 3; 4; 5; 6; 7; 8; 9; and 1 more");
});
