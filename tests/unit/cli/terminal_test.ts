import { assertEquals } from "@std/assert";
import { coloured, table, wantsColours, widthOf } from "../../../src/cli/terminal.ts";

Deno.test.each([
  { name: "a terminal", terminal: true, wants: true },
  { name: "no terminal", terminal: false, wants: false },
  { name: "a terminal with NO_COLOR=1", terminal: true, noColor: "1", wants: false },
  { name: "a terminal with NO_COLOR=0, because any text counts", terminal: true, noColor: "0", wants: false },
  { name: "a terminal with an empty NO_COLOR", terminal: true, noColor: "", wants: true },
  { name: "no terminal with FORCE_COLOR=1", terminal: false, forceColor: "1", wants: true },
  { name: "a terminal with FORCE_COLOR=0", terminal: true, forceColor: "0", wants: false },
  { name: "NO_COLOR and FORCE_COLOR together", terminal: true, noColor: "1", forceColor: "1", wants: false },
  { name: "a dumb terminal", terminal: true, term: "dumb", wants: false },
  { name: "a usual terminal", terminal: true, term: "xterm-256color", wants: true },
])("wantsColours() is $wants for $name", ({ wants, ...surroundings }) => {
  assertEquals(wantsColours(surroundings), wants);
});

Deno.test("coloured() puts a style around a text, and nothing around no text", () => {
  assertEquals(coloured("bad", "block"), "\x1b[31mblock\x1b[0m");
  assertEquals(coloured("bad", ""), "");
});

Deno.test.each([
  { text: "", width: 0 },
  { text: "abc", width: 3 },
  { text: coloured("good", "abc"), width: 3 },
  { text: "日本", width: 4 },
  { text: "e\u0301", width: 1 },
  { text: "\u{1f389}", width: 2 },
])("widthOf() counts $width columns for $text", ({ text, width }) => assertEquals(widthOf(text), width));

Deno.test("table() lines columns up, whatever is coloured or wide, and ends no line in blanks", () => {
  const rows = [["a", "1", "x"], [coloured("bad", "bbb"), "200"], ["日", "", "yy"]];
  assertEquals(table(rows, { right: [1], indent: " " }), [
    " a      1  x",
    " \x1b[31mbbb\x1b[0m  200",
    " 日        yy",
  ]);
  assertEquals(table([]), []);
});
