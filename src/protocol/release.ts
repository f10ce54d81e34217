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
  /** False: the client would get a 500 for a redirect. */
  readonly honoursRedirect: boolean;
}

/** Releases up to 0.6.50, and all that speak v1. */
export const OLD_RELEASE: Release = { honoursRedirect: false };

/** Releases from 0.6.51. */
export const NEW_RELEASE: Release = { honoursRedirect: true };

const FIRST_NEW = [0, 6, 51] as const;

/** The release that calls itself `proxyVersion` in its handshake; what cannot be read is taken for an old one. */
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
 * For a release that fails on a redirect: a block with that status, the target as `location` among the block's headers and the
 * response header ops (each is read by some release), and a body that names it.
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
