/**
 * Operations on headers, by what becomes of each header in the end, carried out on JSON without decoding it.
 *
 * @module
 */

import type { ByteWriter, HeaderOp, HeadersForm } from "../protocol/mod.ts";

const QUOTE = 0x22, COMMA = 0x2c, BACKSLASH = 0x5c, OPEN = 0x5b, CLOSE = 0x5d;
const encoder = new TextEncoder();

/** What becomes of one header. */
interface Change {
  /** In lower case. */
  readonly name: string;
  /** In UTF-8. */
  readonly nameBytes: Uint8Array;
  /** False if what the head has is gone. */
  readonly keeps: boolean;
  /** What stands in its place, or behind it. */
  readonly values: readonly string[];
}

/** Changes of a head. */
export interface HeaderChanges {
  readonly changes: readonly Change[];
  /** The same for changes that come to the same. */
  readonly key: string;
}

/** Modules answer with a few lists again and again. */
const known = new WeakMap<readonly HeaderOp[], HeaderChanges>();

/** What operations come to, carried out in their order; names are compared without regard to case. */
export function changesOf(ops: readonly HeaderOp[]): HeaderChanges {
  let changes = known.get(ops);
  if (changes === undefined) known.set(ops, changes = summedUp(ops));
  return changes;
}

function summedUp(ops: readonly HeaderOp[]): HeaderChanges {
  const byName = new Map<string, { keeps: boolean; values: string[] }>();
  for (const op of ops) {
    const name = op.name.toLowerCase();
    const before = byName.get(name) ?? { keeps: true, values: [] };
    if (op.op === "add") byName.set(name, { ...before, values: [...before.values, op.value] });
    else byName.set(name, { keeps: false, values: op.op === "set" ? [op.value] : [] });
  }
  const changes = Array.from(byName, ([name, change]) => ({ name, nameBytes: encoder.encode(name), ...change }));
  return { changes, key: JSON.stringify(changes.map(({ name, keeps, values }) => [name, keeps, values])) };
}

/** A header's values once they are changed, joined with ", "; `before` are those that the head has. */
export function changedValue({ changes }: HeaderChanges, name: string, before: string | undefined): string | undefined {
  const change = changes.find((change) => change.name === name);
  if (change === undefined) return before;
  const values = change.keeps && before !== undefined ? [before, ...change.values] : change.values;
  return values.length === 0 ? undefined : values.join(", ");
}

/**
 * Appends members of an object of headers, as `Head.putHeaders` writes them in `form`, with changes: a header stays where it is, new ones
 * come last.
 */
export function putChanged(out: ByteWriter, members: Uint8Array, form: HeadersForm, { changes }: HeaderChanges): void {
  const start = out.length;
  const seen = new Set<Change>();
  const separate = () => {
    if (out.length > start) out.putByte(COMMA);
  };
  // What does not change is copied in one piece.
  let copied = 0;
  for (let at = 0; at < members.length;) {
    const nameEnd = closingQuote(members, at + 1);
    const valueStart = nameEnd + 2;
    const end = endOfValue(members, valueStart);
    const change = changes.find(({ nameBytes }) => isNamed(members, at + 1, nameEnd, nameBytes));
    if (change !== undefined) {
      copy(out, members, copied, at - 1, separate);
      seen.add(change);
      putMember(out, members, valueStart, end, form, change, separate);
      copied = end + 1;
    }
    at = end + 1;
  }
  copy(out, members, copied, members.length, separate);
  for (const change of changes) if (!seen.has(change)) putMember(out, members, 0, 0, form, change, separate);
}

function copy(out: ByteWriter, members: Uint8Array, start: number, end: number, separate: () => void): void {
  if (end <= start) return;
  separate();
  out.putSpan(members, start, end);
}

/** One header with its change; its values stand from `start` to `end`, or nowhere if the head has none. */
function putMember(
  out: ByteWriter,
  members: Uint8Array,
  start: number,
  end: number,
  form: HeadersForm,
  { name, keeps, values }: Change,
  separate: () => void,
): void {
  const kept = keeps && end > start;
  if (!kept && values.length === 0) return;
  separate();
  out.putJsonString(name);
  if (form === "joined") {
    out.putText(':"');
    if (kept) out.putSpan(members, start + 1, end - 1);
    for (const [index, value] of values.entries()) {
      if (kept || index > 0) out.putText(", ");
      out.putJsonText(value);
    }
    return out.putByte(QUOTE);
  }
  out.putText(":[");
  if (kept) out.putSpan(members, start + 1, end - 1);
  const empty = !kept || end - start === 2;
  for (const [index, value] of values.entries()) {
    if (!empty || index > 0) out.putByte(COMMA);
    out.putJsonString(value);
  }
  out.putByte(CLOSE);
}

function isNamed(bytes: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  if (end - start !== name.length) return false;
  for (let at = 0; at < name.length; at++) if (bytes[start + at] !== name[at]) return false;
  return true;
}

/** Just past a string, or a list of strings. */
function endOfValue(bytes: Uint8Array, start: number): number {
  if (bytes[start] !== OPEN) return closingQuote(bytes, start + 1) + 1;
  let at = start + 1;
  while (bytes[at] === QUOTE) {
    at = closingQuote(bytes, at + 1) + 1;
    if (bytes[at] === COMMA) at++;
  }
  return at + 1;
}

/** The place of the quote that closes the string whose first byte is at `at`. */
function closingQuote(bytes: Uint8Array, at: number): number {
  while (bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}
