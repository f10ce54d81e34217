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
