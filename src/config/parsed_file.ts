/**
 * A configuration file as values, each of which knows where it stands.
 *
 * @module
 */

/** A place in a text, both counted from 1. */
export interface Place {
  /** Of the text. */
  readonly line: number;
  /** In UTF-16 units. */
  readonly column: number;
}

/** Keys and indexes that lead to a value. */
export type Path = readonly (string | number)[];

/** Something in a file that is not as it must be. */
export interface Mistake extends Place {
  /** What, in the words of an error. */
  readonly message: string;
}

/** What a file says. */
export interface ParsedFile {
  /** Objects, lists, strings, numbers, booleans and what else the format has. */
  readonly value: unknown;
  /** What is wrong with the text itself: the values beside that are there all the same. */
  readonly mistakes: readonly Mistake[];
  /** True if something may be missing because the text is wrong there. */
  readonly isGap: (path: Path) => boolean;
  /** Where a value stands, or the key that leads to it; of what is not there, what it would be in. */
  readonly place: (path: Path, of: "key" | "value") => Place;
}

/** Places by paths. */
export class Places {
  readonly #places = new Map<string, Place>();

  /** The first place that is put for a path counts: that of a table, not of what follows it. */
  put(path: Path, of: "key" | "value", place: Place): void {
    const name = nameOf(path, of);
    if (!this.#places.has(name)) this.#places.set(name, place);
  }

  /** The place of a path, or of the nearest that it begins with. */
  get(path: Path, of: "key" | "value"): Place {
    for (let length = path.length; length > 0; length--) {
      const part = path.slice(0, length);
      const place = this.#places.get(nameOf(part, of)) ?? this.#places.get(nameOf(part, "key"));
      if (place !== undefined) return place;
    }
    return { line: 1, column: 1 };
  }
}

function nameOf(path: Path, of: string): string {
  return JSON.stringify([of, ...path]);
}
