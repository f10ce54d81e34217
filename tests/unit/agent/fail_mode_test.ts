import { assertEquals } from "@std/assert";
import { failureDecisions } from "../../../src/agent/fail_mode.ts";
import { NEW_RELEASE, OLD_RELEASE } from "../../../src/protocol/mod.ts";
import { decisionFor } from "../../../src/protocol/release.ts";

const BLOCK = { kind: "block", status: 500, body: "Internal Server Error" } as const;
const ALLOW = { kind: "allow" } as const;
const ROWS = [
  { mode: "closed", cause: "error", verdict: BLOCK, tags: ["wasm-error"] },
  { mode: "closed", cause: "overload", verdict: BLOCK, tags: ["wasm-error", "overload"] },
  { mode: "closed", cause: "unreadable", verdict: BLOCK, tags: ["wasm-error", "unreadable"] },
  { mode: "open", cause: "unreadable", verdict: ALLOW, tags: ["wasm-error", "unreadable", "fail-open"] },
  { mode: "open", cause: "error", verdict: ALLOW, tags: ["wasm-error", "fail-open"] },
  { mode: "open", cause: "overload", verdict: ALLOW, tags: ["wasm-error", "overload", "fail-open"] },
] as const;

for (const { mode, cause, verdict, tags } of ROWS) {
  Deno.test(`failureDecisions() of fail ${mode}: ${cause} is ${verdict.kind} with [${tags.join()}]`, () => {
    const decision = failureDecisions(mode)[cause];
    assertEquals<unknown>(decision, { verdict, requestHeaders: [], responseHeaders: [], tags });
    for (const release of [OLD_RELEASE, NEW_RELEASE]) assertEquals(decisionFor(release, decision), decision);
  });
}
