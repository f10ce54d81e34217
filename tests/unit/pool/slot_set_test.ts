import { assertEquals } from "@std/assert";
import type { Slot } from "../../../src/pool/slot.ts";
import { SlotSet } from "../../../src/pool/slot_set.ts";

class FakeSlot implements Slot {
  readonly name: string;
  readonly worn = false;
  closed = false;

  constructor(name: string) {
    this.name = name;
  }

  call(): never {
    throw new Error("no test calls it");
  }

  renew(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.closed = true;
  }
}

interface Fake {
  readonly set: SlotSet<FakeSlot>;
  readonly slots: readonly FakeSlot[];
  readonly pauses: number[];
  readonly troubles: unknown[];
}

function slotsOf(count: number, renew: (slot: FakeSlot) => Promise<FakeSlot | undefined>): Fake {
  const pauses: number[] = [];
  const troubles: unknown[] = [];
  const set = new SlotSet<FakeSlot>({
    queueSize: 10,
    renew,
    onTrouble: (error) => troubles.push(error),
    onRenewed: () => {},
    pause: (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
  });
  const slots = Array.from({ length: count }, (_, index) => new FakeSlot(`${index}`));
  for (const slot of slots) set.add(slot);
  return { set, slots, pauses, troubles };
}

const same = (slot: FakeSlot) => Promise.resolve(slot);

Deno.test("SlotSet.renew() tries again after 50 ms, then twice as long each time, up to 5 s", async () => {
  let left = 10;
  const { set, pauses, troubles } = slotsOf(1, (slot) => left-- > 0 ? Promise.reject(left) : Promise.resolve(slot));
  const slot = set.tryTake()!;
  await set.renew(slot);
  assertEquals(pauses, [50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
  assertEquals(troubles.length, 10);
  assertEquals(set.tryTake(), slot);
});

Deno.test("SlotSet.renew() tries no more once all is closed, and says nothing of what fails then", async () => {
  const fake: Fake = slotsOf(1, () => {
    fake.set.close();
    return Promise.reject(new Error("closed"));
  });
  await fake.set.renew(fake.set.tryTake()!);
  assertEquals([fake.pauses, fake.troubles], [[], []]);
});

Deno.test("SlotSet.renew() lets go of a slot that is to have no other instance", async () => {
  const { set, slots: [slot] } = slotsOf(1, () => Promise.resolve(undefined));
  await set.renew(set.tryTake()!);
  assertEquals([slot?.closed, set.slots.size, set.tryTake()], [true, 0, undefined]);
});

Deno.test("SlotSet.replaceIdle() renews a slot that nobody has, and leaves one at work alone", async () => {
  const fresh = new FakeSlot("fresh");
  const renewed: string[] = [];
  const { set, slots: [first, second] } = slotsOf(2, (slot) => {
    renewed.push(slot.name);
    return Promise.resolve(fresh);
  });
  assertEquals(set.tryTake(), second);
  set.replaceIdle(second!);
  set.replaceIdle(first!);
  assertEquals(set.tryTake(), undefined);
  assertEquals(await set.take({ timeoutMs: 1_000 }), fresh);
  assertEquals(renewed, ["0"]);
  assertEquals([...set.slots], [second, fresh]);
});

Deno.test("SlotSet.keep() lets go of idle slots at once, and of those at work when they are given back", () => {
  const { set, slots } = slotsOf(4, same);
  const working = [set.tryTake()!, set.tryTake()!];
  set.keep(1);
  assertEquals(slots.map((slot) => slot.closed), [true, true, false, false]);
  for (const slot of working) set.give(slot);
  assertEquals(slots.map((slot) => slot.closed), [true, true, false, true]);
  assertEquals(set.slots.size, 1);
});

Deno.test("SlotSet.keep() lets go of no slot while a call waits for it", async () => {
  const { set, slots: [slot] } = slotsOf(1, same);
  const working = set.tryTake()!;
  const waiting = set.take({ timeoutMs: 1_000 });
  set.keep(0);
  set.give(working);
  assertEquals(await waiting, slot);
  assertEquals(slot?.closed, false);
  set.give(working);
  assertEquals(slot?.closed, true);
});

Deno.test("SlotSet.rest() keeps idle slots out of service until then, and leaves those at work alone", async () => {
  const { set } = slotsOf(2, same);
  const working = set.tryTake()!;
  const until = Promise.withResolvers<void>();
  const resting = set.rest(until.promise);
  assertEquals([set.free, set.tryTake()], [0, undefined]);
  set.give(working);
  assertEquals(set.free, 1);
  until.resolve();
  await resting;
  assertEquals(set.free, 2);
});
