import { assert, assertEquals } from "@std/assert";
import { makeUpPeers } from "../../../src/server/made_up_events.ts";
import { warmUp } from "../../../src/server/warm_up.ts";
import { ALLOW } from "../../../src/protocol/mod.ts";
import { sessionOptions } from "./deciders.ts";

Deno.test("warmUp() has every session decide both kinds of heads on both protocols, with many different ids", async () => {
  const seen = Array.from({ length: 3 }, () => ({ kinds: new Set<string>(), ids: new Set<string>() }));
  const sessions = seen.map(({ kinds, ids }) =>
    sessionOptions((event, { protocol }) => {
      ids.add(event.correlationId);
      kinds.add(`${protocol} ${event.kind}`);
      return ALLOW;
    }).options
  );
  await warmUp(sessions, { peers: makeUpPeers(), connections: 2 });
  for (const { kinds, ids } of seen) {
    assertEquals([...kinds].sort(), [
      "v1 request_headers",
      "v1 response_headers",
      "v2 request_headers",
      "v2 response_headers",
    ]);
    assert(ids.size > 100, `${ids.size} ids`);
  }
});

Deno.test("warmUp() lets other work have its turn where it goes gently, and serves nothing more once it is to end", async () => {
  const controller = new AbortController();
  let events = 0;
  const { options } = sessionOptions(() => {
    if (events++ === 0) setTimeout(() => controller.abort(), 0);
    return ALLOW;
  });
  await warmUp([options], { peers: makeUpPeers(), connections: 1_000, gently: true, signal: controller.signal });
  // Those of one connection: the timer runs in the pause before the next.
  assertEquals(events, 10);
});
