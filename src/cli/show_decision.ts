/**
 * What was decided, as rows of a table: the answer first. `invoke` and `try` show the same.
 *
 * @module
 */

import { escapeText } from "../escape.ts";
import type { Decision, HeaderOp, Verdict } from "../protocol/mod.ts";
import { diffHeaders, type HeaderChange, type KnownHeaders } from "./header_diff.ts";
import { paint, type Style } from "./terminal.ts";

/** A label, empty where a row goes on with the one above, and a text that may be shown. */
export type Row = readonly [label: string, text: string];

/** Longest text shown of a body, in UTF-16 units. */
const MAX_BODY_SHOWN = 4_096;

const STYLES: Readonly<Record<Verdict["kind"], Style>> = {
  allow: "good",
  block: "bad",
  redirect: "warning",
  challenge: "warning",
};

/** A verdict in a word or two: `allow`, `block 403`. */
export function verdictText(verdict: Verdict): string {
  switch (verdict.kind) {
    case "allow":
      return verdict.kind;
    case "challenge":
      return `challenge ${escapeText(verdict.type)}`;
    default:
      return `${verdict.kind} ${verdict.status}`;
  }
}

/** The same in its colour. */
export function paintVerdict(verdict: Verdict): string {
  return paint(STYLES[verdict.kind], verdictText(verdict));
}

/** Heads as they were; undefined where they are not known. */
export interface KnownHeads {
  readonly request?: KnownHeaders;
  readonly response?: KnownHeaders;
}

/** All of a decision; what it does not have has no row. */
export function decisionRows(decision: Decision, known: KnownHeads = {}): readonly Row[] {
  const { verdict, tags, audit, routingMetadata } = decision;
  return [
    ["decision", paintVerdict(verdict)],
    ...answerRows(verdict),
    ...rows("request headers", diffLines(decision.requestHeaders, known.request)),
    ...rows("response headers", diffLines(decision.responseHeaders, known.response)),
    ...rows("tags", tags.length === 0 ? [] : [tags.join(", ")]),
    ...rows("rule ids", audit === undefined || audit.ruleIds.length === 0 ? [] : [audit.ruleIds.join(", ")]),
    ...rows(
      "reason codes",
      audit === undefined || audit.reasonCodes.length === 0 ? [] : [audit.reasonCodes.join(", ")],
    ),
    ...rows("confidence", audit?.confidence === undefined ? [] : [String(audit.confidence)]),
    ...rows("routing", pairs(routingMetadata)),
    ...rows("audit", pairs(audit?.custom)),
  ];
}

/** Rows of one label; the texts are escaped, unless they are painted already. */
export function rows(label: string, texts: readonly (string | Painted)[]): readonly Row[] {
  return texts.map((text, index): Row => [
    index === 0 ? label : "",
    typeof text === "string" ? escapeText(text) : text.painted,
  ]);
}

/** A text that has been escaped, and may have colours. */
export interface Painted {
  readonly painted: string;
}

function answerRows(verdict: Verdict): readonly Row[] {
  switch (verdict.kind) {
    case "allow":
      return [];
    case "block":
      return [...bodyRows(verdict.body), ...rows("answer headers", pairs(verdict.headers))];
    case "redirect":
      return [
        ...rows("url", [verdict.url]),
        ...bodyRows(verdict.body),
        ...rows("answer headers", pairs(verdict.headers)),
      ];
    case "challenge":
      return rows("parameters", pairs(verdict.params));
  }
}

function bodyRows(body: string | undefined): readonly Row[] {
  if (body === undefined) return [];
  const cut = body.length > MAX_BODY_SHOWN ? [`... (${body.length} characters in all)`] : [];
  return rows("body", [...body.slice(0, MAX_BODY_SHOWN).trimEnd().split("\n"), ...cut]);
}

function pairs(values: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  return Object.entries(values ?? {}).map(([name, value]) =>
    `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`
  );
}

function diffLines(ops: readonly HeaderOp[], known: KnownHeaders | undefined): readonly Painted[] {
  return diffHeaders(ops, known).map((change) => ({ painted: diffLine(change, known !== undefined) }));
}

function diffLine({ sign, name, value }: HeaderChange, known: boolean): string {
  const text = escapeText(value === undefined ? `${sign} ${name}` : `${sign} ${name}: ${value}`);
  const note = value === undefined && known ? paint("faint", " (not there)") : "";
  return paint(sign === "+" ? "good" : "bad", text) + note;
}
