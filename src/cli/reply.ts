/**
 * A reply of an agent, read back to the decision that it carries. What is not as an agent writes it is left out.
 *
 * @module
 */

import type { AnswerHeaders, Decision, HeaderOp, Verdict } from "../protocol/mod.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The decision in a reply's JSON; text of it is as the agent sent it. Undefined for what is no decision. */
export function readDecision(reply: Fields): Decision | undefined {
  const verdict = readVerdict(reply.decision);
  if (verdict === undefined) return undefined;
  const audit = isFields(reply.audit) ? reply.audit : {};
  const { custom, confidence } = audit;
  return {
    verdict,
    requestHeaders: readOps(reply.request_headers),
    responseHeaders: readOps(reply.response_headers),
    tags: texts(audit.tags),
    audit: {
      ruleIds: texts(audit.rule_ids),
      reasonCodes: texts(audit.reason_codes),
      confidence: typeof confidence === "number" ? confidence : undefined,
      custom: isFields(custom) ? without(custom, "correlation_id") : {},
    },
    routingMetadata: textMap(reply.routing_metadata),
  };
}

function readVerdict(decision: unknown): Verdict | undefined {
  if (decision === "allow") return { kind: "allow" };
  if (!isFields(decision)) return undefined;
  const { block, redirect, challenge } = decision;
  if (isFields(block)) {
    const { status, body, headers } = block;
    return { kind: "block", status: Number(status), body: textOf(body), headers: textMap(headers) };
  }
  if (isFields(redirect)) {
    return { kind: "redirect", status: Number(redirect.status), url: textOf(redirect.url) ?? "" };
  }
  if (isFields(challenge)) {
    return { kind: "challenge", type: textOf(challenge.challenge_type) ?? "", params: textMap(challenge.params) ?? {} };
  }
  return undefined;
}

function readOps(changes: unknown): readonly HeaderOp[] {
  if (!Array.isArray(changes)) return [];
  return changes.filter(isFields).flatMap((change) => Object.entries(change)).flatMap(([op, header]): HeaderOp[] => {
    const name = isFields(header) ? textOf(header.name) : undefined;
    if (!isFields(header) || name === undefined) return [];
    if (op === "remove") return [{ op, name }];
    return op === "set" || op === "add" ? [{ op, name, value: textOf(header.value) ?? "" }] : [];
  });
}

function texts(values: unknown): readonly string[] {
  return Array.isArray(values) ? values.map(String) : [];
}

function textMap(value: unknown): AnswerHeaders | undefined {
  if (!isFields(value)) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function without(fields: Fields, name: string): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));
}

/** True for an object that is no list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
