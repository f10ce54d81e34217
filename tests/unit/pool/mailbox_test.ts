import { assertEquals } from "@std/assert";
import { GuestError } from "../../../src/errors.ts";
import { CALL, CLOSE, Mailbox } from "../../../src/pool/mailbox.ts";
import { callOf, guestText, startGuest, textOf } from "../guest/guests.ts";

const CLEAN = '{"decision":"allow","tags":["clean"]}';

/** What comes of a call whose result goes through `check`, both sides of the mailbox played here. */
async function serve(check: (result: Uint8Array) => Uint8Array) {
  const { guest } = await startGuest(guestText("traps"));
  const main = new Mailbox();
  main.putCall(callOf());
  new Mailbox(main.buffer).serve(guest, check);
  const { result, error } = main.takeOutcome();
  return { text: textOf(result), error };
}

Deno.test("Mailbox.serve() hands on what the check has made of the result, however long it is", async () => {
  const { text, error } = await serve((result) => new TextEncoder().encode(textOf(result).repeat(100_000)));
  assertEquals([error, text.length, text.slice(0, CLEAN.length)], [undefined, 100_000 * CLEAN.length, CLEAN]);
});

Deno.test("Mailbox.serve() blames the guest for what the check finds wrong in its result", async () => {
  const { error } = await serve(() => {
    throw new GuestError("GUEST_BAD_RESULT", "Cannot use result as it must please: received this one");
  });
  assertEquals([error instanceof GuestError && error.code, error?.message], [
    "GUEST_BAD_RESULT",
    "Cannot use result as it must please: received this one",
  ]);
});

Deno.test("Mailbox.takeOutcome() gives the error as it was thrown: all lines of its message, and its cause", async () => {
  const message = "Cannot use result as it must please: received\ntwo\nlines";
  const { error } = await serve(() => {
    throw new GuestError("GUEST_BAD_RESULT", message, { cause: new SyntaxError("unexpected") });
  });
  assertEquals([error?.message, String(error?.cause)], [message, "Error: SyntaxError: unexpected"]);
});

Deno.test("Mailbox.serve() does not blame the guest for a fault of the check's own", async () => {
  const { error } = await serve(() => {
    throw new RangeError("a fault of our own");
  });
  assertEquals([error instanceof GuestError, error?.message], [false, "RangeError: a fault of our own"]);
});

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
