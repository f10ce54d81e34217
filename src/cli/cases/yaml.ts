/**
 * YAML, and so JSON, with the place of everything in it.
 *
 * @module
 */

import {
  COLLECTION_STYLE,
  constructFromEvents,
  EVENT_ID,
  getScalarValue,
  parseEvents,
  type ScalarEvent,
  YAMLException,
} from "js-yaml";
import type { Place } from "./update.ts";

/** Way to a value: keys of objects and places in lists. */
export type Path = readonly (string | number)[];

/** What is wrong with a text that is no YAML. */
export class YamlFault extends Error {
  /** From 1 on. */
  readonly line: number;

  constructor(line: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.line = line;
  }
}

/** A text that stands for a value, and where in it things are. */
export interface Located {
  /** What it stands for, as plain values. */
  readonly value: unknown;
  /** The line of a value, or else of the nearest one around it; from 1 on. */
  lineOf(path: Path): number;
  /** Where `key` of the mapping at `path` stands, or where it would stand at its end. Undefined if there is no such mapping. */
  placeOf(path: Path, key: string): Place | undefined;
}

type Events = ReturnType<typeof parseEvents>;

/** Part of a text, in UTF-16 units, and what it is. */
interface Node {
  readonly start: number;
  readonly end: number;
  readonly kind: "scalar" | "sequence" | "mapping";
  /** True if it stands in brackets or braces. */
  readonly flow: boolean;
  /** Of a mapping keys and values in turn. */
  readonly items: readonly Node[];
  /** Of a scalar. */
  readonly text: string;
}

/** A text that is YAML. */
export class YamlText implements Located {
  readonly value: unknown;
  readonly #text: string;
  readonly #root: Node | undefined;
  /** Where each line begins. */
  readonly #lines: readonly number[];

  /** @throws {YamlFault} for what is none, and for two equal keys, more than one document, an alias, a hundred levels. */
  constructor(text: string) {
    this.#text = text;
    this.#lines = [0, ...text.matchAll(/\n/g).map(({ index }) => index + 1)];
    try {
      const events = parseEvents(text, {});
      // Aliases would let a small text stand for a value that nobody can write down.
      const [value, ...others] = constructFromEvents(events, { source: text, maxAliases: 0 });
      if (others.length > 0) throw new YamlFault(1, "more than one document");
      this.value = value;
      this.#root = new Tree(text, events).root();
    } catch (cause) {
      if (!(cause instanceof YAMLException)) throw cause;
      throw new YamlFault((cause.mark?.line ?? 0) + 1, cause.reason, { cause });
    }
  }

  lineOf(path: Path): number {
    for (let length = path.length; length >= 0; length--) {
      const node = this.#at(path.slice(0, length));
      if (node !== undefined) return this.#lineAt(node.start);
    }
    return 1;
  }

  placeOf(path: Path, key: string): Place | undefined {
    const map = this.#at(path);
    if (map?.kind !== "mapping") return undefined;
    const indent = map.flow ? undefined : map.start - (this.#text.lastIndexOf("\n", map.start - 1) + 1);
    const at = keyIndex(map, key);
    const [name, value] = map.items.slice(at, at + 2);
    if (at < 0 || name === undefined || value === undefined) return this.#endOf(map, key, indent);
    const start = this.#text.indexOf(":", name.end) + 1;
    return { start, end: Math.max(start, value.end), lead: "", indent };
  }

  /** The number of lines that begin at a place or before. */
  #lineAt(place: number): number {
    let [low, high] = [0, this.#lines.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#lines[middle]! <= place) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #at(path: Path): Node | undefined {
    let node = this.#root;
    for (const step of path) {
      if (node === undefined) return undefined;
      node = typeof step === "number" ? node.items[step] : valueAt(node, step);
    }
    return node;
  }

  #endOf(map: Node, key: string, indent: number | undefined): Place {
    if (indent === undefined) {
      const at = this.#text.slice(0, map.end - 1).trimEnd().length;
      return { start: at, end: at, indent, lead: `${",{".includes(this.#text[at - 1] ?? "") ? "" : ","} "${key}":` };
    }
    // A comment may stand behind the last value.
    const newline = this.#text.indexOf("\n", map.end);
    const at = newline < 0 ? this.#text.length : newline;
    return { start: at, end: at, indent, lead: `\n${" ".repeat(indent)}${key}:` };
  }
}

function keyIndex({ kind, items }: Node, key: string): number {
  if (kind !== "mapping") return -1;
  return items.findIndex((item, index) => index % 2 === 0 && item.kind === "scalar" && item.text === key);
}

function valueAt(node: Node, key: string): Node | undefined {
  const at = keyIndex(node, key);
  return at < 0 ? undefined : node.items[at + 1];
}

/** Makes nodes of events, each of which says where something begins, but not always where it ends. */
class Tree {
  readonly #text: string;
  readonly #events: Events;
  #next = 0;
  /** Where the last scalar or bracket ended: an empty value stands there. */
  #end = 0;

  constructor(text: string, events: Events) {
    this.#text = text;
    this.#events = events;
  }

  root(): Node | undefined {
    this.#next = 1;
    return this.#node();
  }

  /** The node that the next event begins; undefined at the end of what is around it. */
  #node(): Node | undefined {
    const event = this.#events[this.#next++];
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return this.#scalar(event);
      case EVENT_ID.MAPPING:
        return this.#collection("mapping", event.start, event.style === COLLECTION_STYLE.FLOW);
      case EVENT_ID.SEQUENCE:
        return this.#collection("sequence", event.start, event.style === COLLECTION_STYLE.FLOW);
    }
    return undefined;
  }

  #scalar(event: ScalarEvent): Node {
    const text = getScalarValue(this.#text, event);
    const { valueStart, valueEnd } = event;
    const quote = this.#text[valueStart - 1] === this.#text[valueEnd] && /["']/.test(this.#text[valueEnd] ?? "")
      ? 1
      : 0;
    const [start, end] = valueStart < 0 ? [this.#end, this.#end] : [valueStart - quote, valueEnd + quote];
    // A text of several lines ends with the newline of its last one.
    this.#end = Math.max(start, this.#text.slice(0, end).trimEnd().length);
    return { start, end: this.#end, kind: "scalar", flow: false, items: [], text };
  }

  #collection(kind: "mapping" | "sequence", start: number, flow: boolean): Node {
    this.#end = start + (flow ? 1 : 0);
    const items: Node[] = [];
    for (let item = this.#node(); item !== undefined; item = this.#node()) items.push(item);
    if (flow) this.#end = this.#bracketAfter(this.#end);
    return { start, end: this.#end, kind, flow, items, text: "" };
  }

  /** Behind the bracket that closes: only blanks, commas and comments stand between it and the last item. */
  #bracketAfter(at: number): number {
    for (; at < this.#text.length; at++) {
      const letter = this.#text[at];
      if (letter === "#") at = this.#text.indexOf("\n", at);
      else if (letter === "}" || letter === "]") return at + 1;
    }
    return at;
  }
}
