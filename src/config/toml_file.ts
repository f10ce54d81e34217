/**
 * TOML with places.
 *
 * The parser stops at the first thing that is no TOML. So that one look tells of all of them, the line that it stops at is taken out, and
 * the rest is read anew.
 *
 * @see https://toml.io/en/v1.0.0
 * @module
 */

import { type AST, getStaticTOMLValue, ParseError, parseTOML } from "toml-eslint-parser";
import { escapeText, quoted } from "../escape.ts";
import { type Mistake, type ParsedFile, type Path, type Place, Places } from "./parsed_file.ts";

/** More mistakes than these are no help to anybody. */
const MAX_MISTAKES = 20;

/** Never throws: what is no TOML is among the mistakes. */
export function parseTomlFile(text: string): ParsedFile {
  const lines = text.split("\n");
  const mistakes: Mistake[] = [];
  for (;;) {
    try {
      const program = parseTOML(lines.join("\n"));
      return { value: getStaticTOMLValue(program), mistakes, ...placesOf(program, mistakes) };
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      const { line, column } = blamed(error, lines);
      const text = lines[line - 1] ?? "";
      mistakes.push({ line, column, message: described(error, text) });
      if (mistakes.length === MAX_MISTAKES || text === "") return nothing(mistakes);
      lines[line - 1] = repaired(text);
    }
  }
}

/** The name of a table that lacks a bracket. */
const OPEN_HEADER = /^\s*\[(?:\[[^\]]*\]?|[^\]]*)$/;

/** A line that is cut short is only noticed at the beginning of the next one that says something. */
function blamed({ lineNumber: line, column }: ParseError, lines: readonly string[]): Place {
  const before = lines.findLastIndex((text, index) => index < line - 1 && text.trim() !== "");
  const begins = (lines[line - 1] ?? "").slice(0, column).trim() === "";
  const text = lines[before]?.trimEnd() ?? "";
  const isCut = begins && /[=,.[{]$/.test(text) || OPEN_HEADER.test(text);
  return isCut ? { line: before + 1, column: text.length } : { line, column: column + 1 };
}

/** A table's name with all its brackets, for what follows to belong to that table; nothing in place of all else. */
function repaired(line: string): string {
  if (!OPEN_HEADER.test(line)) return "";
  const name = line.replace(/[\s\[\]]/g, "");
  return line.trimStart().startsWith("[[") ? `[[${name}]]` : `[${name}]`;
}

function described(error: ParseError, line: string): string {
  if (OPEN_HEADER.test(line)) {
    return `Cannot read line as a table's name must have as many brackets behind as before: received ${
      quoted(line.trim())
    }`;
  }
  const what = error.message.slice(0, 1).toLowerCase() + error.message.slice(1);
  return `Cannot read line as it must be TOML: received ${what} in "${escapeText(line.trim(), 80)}"`;
}

function nothing(mistakes: readonly Mistake[]): ParsedFile {
  return { value: {}, mistakes, isGap: () => true, place: () => ({ line: 1, column: 1 }) };
}

function placesOf(program: AST.TOMLProgram, mistakes: readonly Mistake[]): Pick<ParsedFile, "isGap" | "place"> {
  const places = new Places();
  /** Tables, and from which line to which they go. */
  const tables: { readonly path: Path; readonly first: number; last: number }[] = [{
    path: [],
    first: 1,
    last: Infinity,
  }];
  const visitPairs = (pairs: readonly AST.TOMLKeyValue[], path: Path) => {
    for (const { key, value } of pairs) {
      let inner = path;
      for (const part of key.keys) {
        inner = [...inner, part.type === "TOMLBare" ? part.name : part.value];
        places.put(inner, "key", placeOf(part));
      }
      visitValue(value, inner);
    }
  };
  const visitValue = (node: AST.TOMLContentNode, path: Path) => {
    places.put(path, "value", placeOf(node));
    if (node.type === "TOMLInlineTable") visitPairs(node.body, path);
    if (node.type === "TOMLArray") node.elements.forEach((element, index) => visitValue(element, [...path, index]));
  };
  const [top] = program.body;
  for (const node of top.body) {
    if (node.type === "TOMLKeyValue") {
      visitPairs([node], []);
      continue;
    }
    // The table that goes on until here.
    const before = tables.at(-1);
    if (before !== undefined) before.last = node.loc.start.line - 1;
    tables.push({ path: node.resolvedKey, first: node.loc.start.line, last: Infinity });
    for (let length = 1; length <= node.resolvedKey.length; length++) {
      places.put(node.resolvedKey.slice(0, length), "key", placeOf(node));
    }
    visitPairs(node.body, node.resolvedKey);
  }
  return {
    place: (path, of) => places.get(path, of),
    isGap: (path) =>
      tables.some((table) =>
        JSON.stringify(table.path) === JSON.stringify(path) &&
        mistakes.some(({ line }) => line >= table.first && line <= table.last)
      ),
  };
}

function placeOf({ loc: { start } }: AST.TOMLNode) {
  return { line: start.line, column: start.column + 1 };
}
