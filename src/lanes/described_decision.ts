/**
 * A decision in the words of the module's own answers: what people compare and read.
 *
 * @module
 */

import type { Dialect } from "../guest/mod.ts";
import type { Decision, HeaderOp, Verdict } from "../protocol/mod.ts";

/** Keys of an answer as `docs/abi.md` has them; what a decision does not have is left out. */
export type DescribedDecision = Readonly<Record<string, unknown>> & { readonly decision: string };

/**
 * `decision` as an answer of a module: statuses that the module has left out are there, and `deny` is `block`. Headers whose values
 * are one are texts and not lists, as most are written.
 *
 * @param dialect That of the module: in ABI 1 `add_...` sets a header, and a redirect has its URL in the body.
 */
export function describeDecision(decision: Decision, dialect: Dialect): DescribedDecision {
  const { verdict, requestHeaders, responseHeaders, tags, audit, routingMetadata } = decision;
  const fields: Record<string, unknown> & { decision: string } = {
    decision: verdict.kind,
    ...verdictFields(verdict, dialect),
    ...opFields("request", requestHeaders, dialect),
    ...opFields("response", responseHeaders, dialect),
    tags,
    rule_ids: audit?.ruleIds,
    reason_codes: audit?.reasonCodes,
    confidence: audit?.confidence,
    routing_metadata: routingMetadata,
    audit: audit?.custom,
  };
  for (const [key, value] of Object.entries(fields)) if (isNothing(value)) delete fields[key];
  return fields;
}

function isNothing(value: unknown): boolean {
  return value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}

function verdictFields(verdict: Verdict, dialect: Dialect): Readonly<Record<string, unknown>> {
  switch (verdict.kind) {
    case "allow":
      return {};
    case "block":
      return { status: verdict.status, body: verdict.body, headers: verdict.headers };
    case "redirect": {
      const { status, url, body, headers } = verdict;
      return dialect === "agent/1" ? { status, body: url } : { status, url, body, headers };
    }
    case "challenge":
      return { challenge: { type: verdict.type, params: verdict.params } };
  }
}

/** What is set, what is added and what is removed; the values that are added to a header which is set are the set one's. */
function opFields(side: "request" | "response", ops: readonly HeaderOp[], dialect: Dialect) {
  const set = new Map<string, string[]>();
  const added = new Map<string, string[]>();
  const removed: string[] = [];
  for (const op of ops) {
    if (op.op === "remove") removed.push(op.name);
    else if (op.op === "set") set.set(op.name, [op.value]);
    else (set.get(op.name) ?? listAt(added, op.name)).push(op.value);
  }
  return {
    [`${dialect === "agent/1" ? "add" : "set"}_${side}_headers`]: texts(set),
    ...dialect === "agent/1" ? {} : { [`add_${side}_headers`]: texts(added) },
    [`remove_${side}_headers`]: removed,
  };
}

function listAt(lists: Map<string, string[]>, name: string): string[] {
  const list = lists.get(name) ?? [];
  lists.set(name, list);
  return list;
}

function texts(lists: ReadonlyMap<string, readonly string[]>): Readonly<Record<string, string | readonly string[]>> {
  const entries = [...lists].map(([name, values]) => [name, values.length === 1 ? values[0] ?? "" : values] as const);
  return Object.fromEntries(entries);
}
