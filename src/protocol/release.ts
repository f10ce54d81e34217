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
}

/** Releases up to 0.6.50, and all that speak v1. */
export const OLD_RELEASE: Release = { honoursRedirect: false };

/** Releases from 0.6.51. */
export const NEW_RELEASE: Release = { honoursRedirect: true };

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
 * A release that fails on a redirect gets a block with the same status instead. The target is the `location` among the block's headers
 * and among the response header ops, because each of the two is read by some release, and the body names it.
 */
export function decisionFor(release: Release, decision: Decision): Decision {
  const { verdict } = decision;
  if (verdict.kind !== "redirect" || release.honoursRedirect) return decision;
  return {
    ...decision,
    verdict: redirectAsBlock(verdict),
    responseHeaders: [...decision.responseHeaders, { op: "set", name: "location", value: verdict.url }],
  };
}

function redirectAsBlock(verdict: Verdict & { kind: "redirect" }): Verdict {
  return {
    kind: "block",
    status: verdict.status,
    body: `Redirecting to ${verdict.url}`,
    headers: { location: verdict.url },
  };
}
