/**
 * What a release of the proxy makes of an answer, and the answer that gets the most out of it.
 *
 * Source: zentinel-proxy 0.6.45 and 0.6.54, sentinel-proxy 0.4.14, each run with an agent that gives every kind of answer.
 *
 * @module
 */

import type { Decision, Verdict } from "./decision.ts";

/** The behaviour of a proxy release that answers depend on. */
export interface Release {
  /** False if the client would get a 500 in place of a redirect. */
  readonly honoursRedirect: boolean;
  /** False if a request that is challenged would go on to its backend. */
  readonly honoursChallenge: boolean;
}

/** Releases up to 0.6.50, and all that speak v1. */
export const OLD_RELEASE: Release = { honoursRedirect: false, honoursChallenge: false };

/** Releases from 0.6.51. */
export const NEW_RELEASE: Release = { honoursRedirect: true, honoursChallenge: true };

/** The parameter of a challenge that becomes a header of its 401. */
const WWW_AUTHENTICATE = "www-authenticate";

const FIRST_NEW = [0, 6, 51] as const;

/** The release that calls itself `proxyVersion` in its handshake. A version that cannot be read is taken for an old release. */
export function releaseOf(proxyVersion: string): Release {
  const match = /^v?(\d+)\.(\d+)\.(\d+)/.exec(proxyVersion);
  if (match === null) return OLD_RELEASE;
  const parts = match.slice(1).map(Number);
  for (const [index, first] of FIRST_NEW.entries()) {
    const part = parts[index] ?? 0;
    if (part !== first) return part > first ? NEW_RELEASE : OLD_RELEASE;
  }
  return NEW_RELEASE;
}

/**
 * `decision` as `release` understands it.
 *
 * A release that fails on a redirect gets a block with the same status instead, as does each where the redirect has headers or a body,
 * for which no redirect has room. A release that lets challenges through gets the block that newer ones make of them. Headers that must
 * reach the client stand among the block's and among the response header ops, because each of the two is read by some release; what a
 * redirect leads to is in its body, too.
 */
export function decisionFor(release: Release, decision: Decision): Decision {
  const { verdict } = decision;
  if (verdict.kind === "redirect") {
    const plain = verdict.headers === undefined && verdict.body === undefined;
    return plain && release.honoursRedirect ? decision : withBlock(decision, redirectAsBlock(verdict));
  }
  if (verdict.kind === "challenge" && !release.honoursChallenge) return withBlock(decision, challengeAsBlock(verdict));
  return decision;
}

type Block = Verdict & { kind: "block" };

/** `decision` with a block whose headers stand among the response header ops, too. */
function withBlock(decision: Decision, verdict: Block): Decision {
  const ops = Object.entries(verdict.headers ?? {}).map(([name, value]) => ({ op: "set", name, value }) as const);
  return { ...decision, verdict, responseHeaders: [...decision.responseHeaders, ...ops] };
}

function redirectAsBlock({ status, url, body, headers }: Verdict & { kind: "redirect" }): Block {
  return {
    kind: "block",
    status,
    body: body ?? `Redirecting to ${url}`,
    headers: { ...headers, location: url },
  };
}

function challengeAsBlock({ params }: Verdict & { kind: "challenge" }): Block {
  const wanted = Object.hasOwn(params, WWW_AUTHENTICATE) ? params[WWW_AUTHENTICATE] : undefined;
  return wanted === undefined
    ? { kind: "block", status: 403, body: "Forbidden" }
    : { kind: "block", status: 401, body: "Unauthorized", headers: { [WWW_AUTHENTICATE]: wanted } };
}
