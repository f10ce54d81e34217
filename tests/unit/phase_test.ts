import { assertEquals } from "@std/assert";
import { isHeadPhase, PHASES } from "../../src/phase.ts";

Deno.test("isHeadPhase() is true for the two heads, and for no other phase", () => {
  assertEquals(PHASES.filter(isHeadPhase), ["request_headers", "response_headers"]);
});
