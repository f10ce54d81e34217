import { assertEquals } from "@std/assert";
import { CALL, CLOSE, Mailbox } from "../../../src/pool/mailbox.ts";

Deno.test("Mailbox.done() leaves a close in place that came during the call, and the thread finds it", () => {
  const main = new Mailbox();
  const thread = new Mailbox(main.buffer);
  main.set(CALL);
  assertEquals(thread.waitForWork(), CALL);
  main.set(CLOSE);
  thread.done(CALL);
  assertEquals(thread.waitForWork(), CLOSE);
});

Deno.test("Mailbox.done() makes the mailbox idle after a call", async () => {
  const main = new Mailbox();
  const thread = new Mailbox(main.buffer);
  main.set(CALL);
  thread.done(CALL);
  assertEquals(await main.waitForIdle(0), true);
});
