/**
 * Text for people at a terminal: colours where they are wanted, and columns that line up.
 *
 * @module
 */

import { readEnv } from "./env.ts";

/** What a piece of text is; each style has its colour. */
export type Style = "good" | "bad" | "warning" | "strong" | "faint";

/** Select Graphic Rendition. @see https://ecma-international.org/publications-and-standards/standards/ecma-48/ 8.3.117 */
const CODES: Readonly<Record<Style, number>> = { good: 32, bad: 31, warning: 33, strong: 1, faint: 2 };

/** What speaks for colours, and what against them. */
export interface Surroundings {
  /** True if stdout is a terminal. */
  readonly terminal: boolean;
  /** `NO_COLOR`: any text turns colours off, whatever else is set. @see https://no-color.org */
  readonly noColor?: string;
  /** `FORCE_COLOR`: any text but `0` turns them on where stdout is no terminal. @see https://force-color.org */
  readonly forceColor?: string;
  /** `TERM`: `dumb` is a terminal without colours. */
  readonly term?: string;
}

/** True where text is coloured. */
export function wantsColours({ terminal, noColor = "", forceColor = "", term }: Surroundings): boolean {
  if (noColor !== "" || forceColor === "0") return false;
  return forceColor !== "" || (terminal && term !== "dumb");
}

/** Text in a style, always. It must not have line breaks or escape sequences: see `escape.ts`. */
export function coloured(style: Style, text: string): string {
  return text === "" ? "" : `\x1b[${CODES[style]}m${text}\x1b[0m`;
}

let colours: boolean | undefined;

/** Text in a style where stdout shows colours, and the text alone elsewhere. */
export function paint(style: Style, text: string): string {
  colours ??= !Deno.noColor && wantsColours({
    terminal: Deno.stdout.isTerminal(),
    noColor: readEnv("NO_COLOR"),
    forceColor: readEnv("FORCE_COLOR"),
    term: readEnv("TERM"),
  });
  return colours ? coloured(style, text) : text;
}

/** Variables that {@linkcode paint} looks at; one that may not be read counts as unset. */
export const COLOUR_VARIABLES: readonly string[] = ["NO_COLOR", "FORCE_COLOR", "TERM"];

// deno-lint-ignore no-control-regex -- the escape sequences that `coloured` makes
const SEQUENCES = /\x1b\[[0-9;]*m/g;
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/gu;
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uff01-\uff60]/gu;

/** Columns that a text takes on a terminal. */
export function widthOf(text: string): number {
  const seen = text.replaceAll(SEQUENCES, "").replaceAll(NO_WIDTH, "");
  return [...seen].length + (seen.match(WIDE)?.length ?? 0);
}

/** How a table is laid out. */
export interface TableOptions {
  /** Columns whose texts end at one place, as numbers do, counted from 0. */
  readonly right?: readonly number[];
  /** In front of each line. */
  readonly indent?: string;
}

/** Lines with columns that are two blanks apart and line up; none ends in blanks. Rows may be of different lengths. */
export function table(rows: readonly (readonly string[])[], options: TableOptions = {}): readonly string[] {
  const { right = [], indent = "" } = options;
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from(
    { length: count },
    (_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ""))),
  );
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const blanks = " ".repeat((widths[column] ?? 0) - widthOf(cell));
      return right.includes(column) ? blanks + cell : cell + blanks;
    });
    return `${indent}${cells.join("  ")}`.trimEnd();
  });
}
