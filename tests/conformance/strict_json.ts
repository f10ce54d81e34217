/**
 * JSON as a proxy reads it: a repeated key, a lone surrogate and a float where an integer is due all show.
 *
 * @module
 */

/** A JSON value that keeps what `JSON.parse` forgets. */
export type Json =
  | { readonly kind: "null" }
  | { readonly kind: "boolean"; readonly value: boolean }
  /** As it was written: `403` and `403.0` are not the same. */
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "list"; readonly items: readonly Json[] }
  | { readonly kind: "object"; readonly entries: readonly (readonly [string, Json])[] };

const WHITE_SPACE = /[ \t\r\n]*/y;
const LITERAL = /null|true|false/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads JSON in UTF-8.
 *
 * @param surrogates Whether strings may have lone surrogates, in escapes: a proxy takes none.
 * @throws {Error} where it is not that.
 */
export function parseStrictJson(bytes: Uint8Array, surrogates: "refused" | "taken" = "refused"): Json {
  const reader = new Reader(decoder.decode(bytes), surrogates === "taken");
  const value = reader.value();
  reader.end();
  return value;
}

class Reader {
  readonly #text: string;
  readonly #takesSurrogates: boolean;
  #at = 0;

  constructor(text: string, takesSurrogates: boolean) {
    this.#text = text;
    this.#takesSurrogates = takesSurrogates;
  }

  value(): Json {
    if (this.#takeIf("{")) return { kind: "object", entries: this.#sequence("}", () => this.#entry()) };
    if (this.#takeIf("[")) return { kind: "list", items: this.#sequence("]", () => this.value()) };
    if (this.#text[this.#at] === '"') return { kind: "string", value: this.#string() };
    const literal = this.#match(LITERAL);
    if (literal === "null") return { kind: "null" };
    if (literal !== undefined) return { kind: "boolean", value: literal === "true" };
    const number = this.#match(NUMBER);
    if (number !== undefined) return { kind: "number", text: number };
    throw new SyntaxError(`no value at ${this.#at}`);
  }

  end(): void {
    this.#match(WHITE_SPACE);
    if (this.#at < this.#text.length) throw new SyntaxError(`trailing characters at ${this.#at}`);
  }

  #entry(): readonly [string, Json] {
    this.#match(WHITE_SPACE);
    const key = this.#string();
    if (!this.#takeIf(":")) throw new SyntaxError(`no colon at ${this.#at}`);
    return [key, this.value()];
  }

  #sequence<T>(end: string, item: () => T): T[] {
    const items: T[] = [];
    if (this.#takeIf(end)) return items;
    do items.push(item()); while (this.#takeIf(","));
    if (!this.#takeIf(end)) throw new SyntaxError(`no "${end}" at ${this.#at}`);
    return items;
  }

  #string(): string {
    const text = this.#match(STRING);
    if (text === undefined) throw new SyntaxError(`no string at ${this.#at}`);
    const value: unknown = JSON.parse(text);
    if (typeof value === "string" && (this.#takesSurrogates || value.isWellFormed())) return value;
    throw new SyntaxError(`lone surrogate in ${text}`);
  }

  /** Takes a mark if it comes next, white space before and after it too. */
  #takeIf(mark: string): boolean {
    this.#match(WHITE_SPACE);
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    this.#match(WHITE_SPACE);
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0];
    if (text !== undefined) this.#at += text.length;
    return text;
  }
}
