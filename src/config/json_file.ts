/**
 * JSON with places. Comments are none.
 *
 * @module
 */

import { getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { quoted } from "../escape.ts";
import { type Mistake, type ParsedFile, type Path, type Place, Places } from "./parsed_file.ts";

/** Never throws: what is no JSON is among the mistakes. */
export function parseJsonFile(text: string): ParsedFile {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const placeAt = placesIn(text);
  // Where one thing is missing, several may be said to be.
  const first = errors.filter(({ offset }, index) => errors.findIndex((error) => error.offset === offset) === index);
  const mistakes: Mistake[] = first.map(({ error, offset }) => ({
    ...placeAt(offset),
    message: `Cannot read text as it must be JSON: received ${words(printParseErrorCode(error))}`,
  }));
  const places = new Places();
  const visit = (node: Node, path: Path) => {
    places.put(path, "value", placeAt(node.offset));
    if (node.type === "array") node.children?.forEach((child, index) => visit(child, [...path, index]));
    if (node.type !== "object") return;
    const seen = new Set<string>();
    for (const { children: [key, value] = [] } of node.children ?? []) {
      if (key === undefined) continue;
      const name = String(key.value);
      const place = placeAt(key.offset);
      places.put([...path, name], "key", place);
      if (seen.has(name)) {
        const message = `Cannot read object as each key must stand in it once: received ${quoted(name)} twice`;
        mistakes.push({ ...place, message });
      }
      seen.add(name);
      if (value !== undefined) visit(value, [...path, name]);
    }
  };
  if (root !== undefined) visit(root, []);
  const broken = errors.length > 0;
  return {
    value: root === undefined ? {} : getNodeValue(root),
    mistakes,
    // The parser goes on behind what it does not understand, so that anything may be missing.
    isGap: () => broken,
    place: (path, of) => places.get(path, of),
  };
}

/** `PropertyNameExpected` as words. */
function words(code: string): string {
  return code.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}

function placesIn(text: string): (offset: number) => Place {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    const line = starts.findLastIndex((start) => start <= offset);
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  };
}
