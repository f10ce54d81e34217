import { assertEquals } from "@std/assert";
import { StallWatch } from "../../../src/server/stall_watch.ts";

/** Waits for its peer so many looks long. */
class Waiting {
  asked = 0;
  readonly over = Promise.withResolvers<void>();

  constructor(readonly looks: number) {}

  closeIfStalled(): boolean {
    if (++this.asked === this.looks) this.over.resolve();
    return this.asked < this.looks;
  }
}

// That no timer is left is what the sanitizer of each test looks at.
Deno.test("StallWatch looks at each connection until it waits for nothing, and then sets no timer any more", async () => {
  const watch = new StallWatch(1);
  for (let round = 0; round < 2; round++) {
    const [short, long] = [new Waiting(1), new Waiting(5)];
    watch.add(short);
    watch.add(long);
    watch.add(long);
    await long.over.promise;
    assertEquals([short.asked, long.asked], [1, 5]);
  }
});

Deno.test("StallWatch.close() sets no timer any more, whoever waits", async () => {
  const watch = new StallWatch(1);
  const waiting = new Waiting(2);
  watch.add(new Waiting(Infinity));
  watch.add(waiting);
  await waiting.over.promise;
  watch.close();
});
