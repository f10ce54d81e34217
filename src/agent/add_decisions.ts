/**
 * Decisions of several policies on one event, added up.
 *
 * @module
 */

import { ALLOW, type Audit, type Decision } from "../protocol/mod.ts";

/** Sums by their parts: encoders remember the bytes of a decision, and modules answer with a few decisions again and again. */
const sums = new WeakMap<Decision, WeakMap<Decision, Decision>>();

/**
 * What comes of a policy that allows by `first`, and the next one's `second`.
 *
 * Operations on headers, tags, rule ids and reason codes follow each other; of routing metadata, custom audit fields and confidence the
 * later ones win. If the second does not allow, no request goes upstream, so that the first's operations on it are dropped; those on the
 * response stay, because what the client gets then is a response, too.
 */
export function addDecisions(first: Decision, second: Decision): Decision {
  if (first === ALLOW) return second;
  if (second === ALLOW) return first;
  let byFirst = sums.get(first);
  if (byFirst === undefined) sums.set(first, byFirst = new WeakMap());
  let sum = byFirst.get(second);
  if (sum === undefined) byFirst.set(second, sum = add(first, second));
  return sum;
}

function add(first: Decision, second: Decision): Decision {
  return {
    ...first,
    ...second,
    requestHeaders: second.verdict.kind === "allow"
      ? [...first.requestHeaders, ...second.requestHeaders]
      : second.requestHeaders,
    responseHeaders: [...first.responseHeaders, ...second.responseHeaders],
    tags: [...new Set([...first.tags, ...second.tags])],
    audit: addAudits(first.audit, second.audit),
    routingMetadata: addMaps(first.routingMetadata, second.routingMetadata),
  };
}

function addAudits(first: Audit | undefined, second: Audit | undefined): Audit | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return {
    ruleIds: [...first.ruleIds, ...second.ruleIds],
    reasonCodes: [...first.reasonCodes, ...second.reasonCodes],
    confidence: second.confidence ?? first.confidence,
    custom: addMaps(first.custom, second.custom) ?? {},
  };
}

/** `Object.fromEntries`, because a name may be `__proto__`. */
function addMaps<V>(
  first: Readonly<Record<string, V>> | undefined,
  second: Readonly<Record<string, V>> | undefined,
): Readonly<Record<string, V>> | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return Object.fromEntries([...Object.entries(first), ...Object.entries(second)]);
}
