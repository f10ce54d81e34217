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
Deno.test("StallWatch looks at all connections until none waits, and then sets no timer any more", async () => {
  let connections: Waiting[] = [];
  const watch = new StallWatch(() => connections, 1);
  for (let round = 0; round < 2; round++) {
    const [short, long] = connections = [new Waiting(1), new Waiting(5)];
    watch.wake();
    watch.wake();
    await long?.over.promise;
    assertEquals([short?.asked, long?.asked], [5, 5]);
  }
});

Deno.test("StallWatch.close() sets no timer any more, whoever waits", async () => {
  const waiting = new Waiting(2);
  const watch = new StallWatch(() => [new Waiting(Infinity), waiting], 1);
  watch.wake();
  await waiting.over.promise;
  watch.close();
});
