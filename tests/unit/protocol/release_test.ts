import { assertEquals, assertStrictEquals } from "@std/assert";
import { ALLOW, type Decision, NEW_RELEASE, OLD_RELEASE, releaseOf } from "../../../src/protocol/mod.ts";
import { decisionFor } from "../../../src/protocol/release.ts";

const VERSIONS = [
  { version: "0.3.4", release: OLD_RELEASE },
  { version: "0.5.10", release: OLD_RELEASE },
  { version: "0.6.0", release: OLD_RELEASE },
  { version: "0.6.5", release: OLD_RELEASE },
  { version: "0.6.45", release: OLD_RELEASE },
  { version: "0.6.50", release: OLD_RELEASE },
  { version: "0.6.51", release: NEW_RELEASE },
  { version: "v0.6.51", release: NEW_RELEASE },
  { version: "0.6.51-rc.1", release: NEW_RELEASE },
  { version: "0.6.54", release: NEW_RELEASE },
  { version: "0.6.100", release: NEW_RELEASE },
  { version: "0.7.0", release: NEW_RELEASE },
  { version: "0.10.0", release: NEW_RELEASE },
  { version: "1.0.0", release: NEW_RELEASE },
  { version: "1.0.0+build.5", release: NEW_RELEASE },
  { version: "26.1.3", release: NEW_RELEASE },
  { version: "", release: OLD_RELEASE },
  { version: "unknown", release: OLD_RELEASE },
  { version: "1", release: OLD_RELEASE },
  { version: "0.7", release: OLD_RELEASE },
  { version: "-1.0.0", release: OLD_RELEASE },
  { version: " 1.0.0", release: OLD_RELEASE },
  { version: "zentinel 1.0.0", release: OLD_RELEASE },
];

for (const { version, release } of VERSIONS) {
  Deno.test(`releaseOf() takes "${version}" for ${release === NEW_RELEASE ? "a new" : "an old"} release`, () => {
    assertStrictEquals(releaseOf(version), release);
  });
}

const REDIRECT: Decision = {
  verdict: { kind: "redirect", status: 307, url: "https://example.com/?a=b" },
  requestHeaders: [{ op: "set", name: "a", value: "1" }],
  responseHeaders: [{ op: "remove", name: "server" }],
  tags: ["t"],
};
const CHALLENGE: Decision = {
  ...ALLOW,
  verdict: { kind: "challenge", type: "basic", params: { "www-authenticate": 'Basic realm="a"', "x": "y" } },
};
const BLOCK: Decision = { ...ALLOW, verdict: { kind: "block", status: 403, body: "no" } };

for (const release of [OLD_RELEASE, NEW_RELEASE]) {
  for (const decision of [ALLOW, BLOCK]) {
    const name = release === NEW_RELEASE ? "a new" : "an old";
    Deno.test(`decisionFor() leaves ${decision.verdict.kind} as it is for ${name} release`, () => {
      assertStrictEquals(decisionFor(release, decision), decision);
    });
  }
}

Deno.test("decisionFor() leaves a redirect as it is for a new release", () => {
  assertStrictEquals(decisionFor(NEW_RELEASE, REDIRECT), REDIRECT);
});

Deno.test("decisionFor() turns a redirect into a block with Location for an old release", () => {
  assertEquals(decisionFor(OLD_RELEASE, REDIRECT), {
    verdict: {
      kind: "block",
      status: 307,
      body: "Redirecting to https://example.com/?a=b",
      headers: { location: "https://example.com/?a=b" },
    },
    requestHeaders: [{ op: "set", name: "a", value: "1" }],
    responseHeaders: [
      { op: "remove", name: "server" },
      { op: "set", name: "location", value: "https://example.com/?a=b" },
    ],
    tags: ["t"],
  });
});

Deno.test("decisionFor() has a redirect with headers or a body be a block for each release, its url the only location", () => {
  const { verdict } = REDIRECT;
  if (verdict.kind !== "redirect") throw new TypeError("received another verdict");
  for (const release of [OLD_RELEASE, NEW_RELEASE]) {
    const headers = { "cache-control": "no-store", location: "/elsewhere" };
    assertEquals(decisionFor(release, { ...ALLOW, verdict: { ...verdict, body: "b", headers } }), {
      ...ALLOW,
      verdict: { kind: "block", status: 307, body: "b", headers: { ...headers, location: verdict.url } },
      responseHeaders: [
        { op: "set", name: "cache-control", value: "no-store" },
        { op: "set", name: "location", value: verdict.url },
      ],
    });
  }
});

Deno.test("decisionFor() leaves a challenge as it is for a new release", () => {
  assertStrictEquals(decisionFor(NEW_RELEASE, CHALLENGE), CHALLENGE);
});

Deno.test("decisionFor() turns a challenge into the block that a new release makes of it for an old release", () => {
  const value = 'Basic realm="a"';
  assertEquals(decisionFor(OLD_RELEASE, CHALLENGE), {
    ...ALLOW,
    verdict: { kind: "block", status: 401, body: "Unauthorized", headers: { "www-authenticate": value } },
    responseHeaders: [{ op: "set", name: "www-authenticate", value }],
  });
  assertEquals(decisionFor(OLD_RELEASE, { ...ALLOW, verdict: { kind: "challenge", type: "js", params: {} } }), {
    ...ALLOW,
    verdict: { kind: "block", status: 403, body: "Forbidden" },
  });
});
