import { assertEquals, assertThrows } from "@std/assert";
import { sleep } from "../../../src/sleep.ts";
import { type HttpServer, KeptOpen } from "../../../src/lanes/kept_open.ts";

/** Servers that fail when they are told to. */
class Servers {
  readonly opened: { readonly signal: AbortSignal; readonly end: PromiseWithResolvers<void> }[] = [];
  readonly failures: string[] = [];
  refusals = 0;
  #more = Promise.withResolvers<void>();

  readonly open = (signal: AbortSignal): HttpServer => {
    if (this.refusals-- > 0) throw new Error("refused");
    const end = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => end.resolve());
    this.opened.push({ signal, end });
    this.#more.resolve();
    this.#more = Promise.withResolvers();
    return { finished: end.promise };
  };

  readonly onFailure = (error: unknown) => void this.failures.push(error instanceof Error ? error.message : "?");

  kept(again = true): KeptOpen {
    return new KeptOpen({ open: this.open, onFailure: this.onFailure, again, waitMs: 0 });
  }

  /** Fails the last one, and waits for the next. */
  async fail(): Promise<void> {
    const next = this.#more.promise;
    this.opened.at(-1)?.end.reject(new Error("no descriptor"));
    await next;
  }
}

Deno.test("KeptOpen opens a server that has failed again, as often as it takes, and ends the connections of the one before", async () => {
  const servers = new Servers();
  const kept = servers.kept();
  servers.refusals = 2;
  await servers.fail();
  await servers.fail();
  assertEquals(servers.failures, ["no descriptor", "refused", "refused", "no descriptor"]);
  assertEquals(servers.opened.map(({ signal }) => signal.aborted), [true, true, false]);
  await kept.close();
  assertEquals(servers.opened.map(({ signal }) => signal.aborted), [true, true, true]);
});

Deno.test("KeptOpen tells of a server that cannot be opened again, and leaves it", async () => {
  const servers = new Servers();
  const kept = servers.kept(false);
  const [server] = servers.opened;
  server?.end.reject(new Error("no descriptor"));
  await sleep(0);
  await kept.close();
  assertEquals([servers.failures, servers.opened.length], [["no descriptor"], 1]);
});

Deno.test("KeptOpen throws what keeps it from opening the first time", () => {
  const servers = new Servers();
  servers.refusals = 1;
  assertThrows(() => servers.kept(), Error, "refused");
});
