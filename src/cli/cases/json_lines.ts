/**
 * Cases as JSON lines: each line is one, and one without a name is called by its line. A recording may be such a file.
 *
 * @module
 */

import type { Place } from "./update.ts";
import { type Located, type Path, YamlFault, YamlText } from "./yaml.ts";

interface Line {
  /** From 1 on. */
  readonly number: number;
  /** Where it begins. */
  readonly start: number;
  readonly yaml: YamlText;
}

/** A text of JSON lines, as the file of cases that it stands for. Empty lines count for nothing. */
export class JsonLines implements Located {
  readonly value: unknown;
  readonly #lines: readonly Line[];

  /** @throws {YamlFault} for a line that is no JSON. */
  constructor(text: string) {
    let start = 0;
    this.#lines = text.split("\n").flatMap((line, index) => {
      const found = { number: index + 1, start };
      start += line.length + 1;
      return line.trim() === "" ? [] : [{ ...found, yaml: parsed(line, index + 1) }];
    });
    const cases = this.#lines.map(({ number, yaml: { value } }) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? { name: `line ${number}`, ...value }
        : value
    );
    this.value = { cases };
  }

  lineOf([, index]: Path): number {
    return this.#at(index)?.number ?? 1;
  }

  placeOf([, index, ...path]: Path, key: string): Place | undefined {
    const line = this.#at(index);
    const place = line?.yaml.placeOf(path, key);
    if (line === undefined || place === undefined) return undefined;
    return { ...place, start: line.start + place.start, end: line.start + place.end };
  }

  #at(index: string | number | undefined): Line | undefined {
    return typeof index === "number" ? this.#lines[index] : undefined;
  }
}

function parsed(line: string, number: number): YamlText {
  try {
    return new YamlText(line);
  } catch (cause) {
    if (!(cause instanceof YamlFault)) throw cause;
    throw new YamlFault(number, cause.message, { cause });
  }
}
