import { assert, assertEquals } from "@std/assert";
import { warmUp } from "../../../src/server/warm_up.ts";
import { ALLOW } from "../../../src/protocol/mod.ts";
import { sessionOptions } from "./deciders.ts";

Deno.test("warmUp() has every session decide both kinds of heads on both protocols, with many different ids", async () => {
  const ids = new Set<string>();
  const seen = [new Set<string>(), new Set<string>()];
  const sessions = seen.map((kinds) =>
    sessionOptions((event, { protocol }) => {
      ids.add(event.correlationId);
      kinds.add(`${protocol} ${event.kind}`);
      return ALLOW;
    }).options
  );
  await warmUp(sessions, { connections: 2 });
  for (const kinds of seen) {
    assertEquals([...kinds].sort(), [
      "v1 request_headers",
      "v1 response_headers",
      "v2 request_headers",
      "v2 response_headers",
    ]);
  }
  assert(ids.size > 100, `${ids.size} ids`);
});

Deno.test("warmUp() lets other work have its turn where it goes gently, and serves nothing more once it is to end", async () => {
  const controller = new AbortController();
  let events = 0;
  const { options } = sessionOptions(() => {
    if (events++ === 0) setTimeout(() => controller.abort(), 0);
    return ALLOW;
  });
  await warmUp([options], { connections: 1_000, gently: true, signal: controller.signal });
  // Those of one connection: the timer runs in the pause before the next.
  assertEquals(events, 10);
});
