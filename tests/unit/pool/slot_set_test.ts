import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { WornBy } from "../../../src/ops/mod.ts";
import { type Slot, Wear } from "../../../src/pool/slot.ts";
import type { Lease } from "../../../src/pool/lease.ts";
import { SlotSet } from "../../../src/pool/slot_set.ts";
import { sleep } from "../../../src/sleep.ts";

class FakeSlot implements Slot {
  readonly name: string;
  readonly wear = new Wear(0, 0, 0);
  worn: WornBy | undefined;
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
  /** Why instances serve no more. */
  readonly ended: string[];
}

function slotsOf(count: number, renew: (slot: FakeSlot) => Promise<FakeSlot | undefined>): Fake {
  const pauses: number[] = [];
  const troubles: unknown[] = [];
  const ended: string[] = [];
  const set = new SlotSet<FakeSlot>({
    queueSize: 10,
    renew,
    onTrouble: (error) => troubles.push(error),
    onRenewed: () => {},
    onEnded: (why) => ended.push(why),
    pause: (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
  });
  const slots = Array.from({ length: count }, (_, index) => new FakeSlot(`${index}`));
  for (const slot of slots) set.add(slot);
  return { set, slots, pauses, troubles, ended };
}

/** Gives a slot back whose instance is finished. */
function giveBackSpoilt(lease: Lease<FakeSlot> | undefined): void {
  assert(lease !== undefined);
  lease.spoil("GUEST_TRAPPED");
  lease[Symbol.dispose]();
}

const PATIENT = { timeoutMs: 10_000 };
/** Lets all that is due happen: no test waits for more than a few microtasks. */
const settle = () => sleep(0);
const same = (slot: FakeSlot) => Promise.resolve(slot);

Deno.test("SlotSet tries again after 50 ms, then twice as long each time, up to 5 s", async () => {
  let left = 10;
  const { set, pauses, troubles } = slotsOf(1, (slot) => left-- > 0 ? Promise.reject(left) : Promise.resolve(slot));
  const slot = set.tryTake();
  giveBackSpoilt(slot);
  assertStrictEquals((await set.take(PATIENT)).slot, slot?.slot);
  assertEquals(pauses, [50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
  assertEquals(troubles.length, 10);
});

Deno.test("SlotSet tries no more once all is closed, and says nothing of what fails then", async () => {
  const fake: Fake = slotsOf(1, () => {
    fake.set.close();
    return Promise.reject(new Error("closed"));
  });
  giveBackSpoilt(fake.set.tryTake());
  await settle();
  assertEquals([fake.pauses, fake.troubles], [[], []]);
});

Deno.test("SlotSet lets go of a slot that is to have no other instance", async () => {
  const { set, slots: [slot] } = slotsOf(1, () => Promise.resolve(undefined));
  giveBackSpoilt(set.tryTake());
  await settle();
  assertEquals([slot?.closed, set.slots.size, set.tryTake()], [true, 0, undefined]);
});

Deno.test("SlotSet.replaceIdle() renews a slot that nobody has, and leaves one at work alone", async () => {
  const fresh = new FakeSlot("fresh");
  const renewed: string[] = [];
  const { set, slots: [first, second] } = slotsOf(2, (slot) => {
    renewed.push(slot.name);
    return Promise.resolve(fresh);
  });
  assertStrictEquals(set.tryTake()?.slot, second);
  set.replaceIdle(second!);
  set.replaceIdle(first!);
  assertEquals(set.tryTake(), undefined);
  assertStrictEquals((await set.take(PATIENT)).slot, fresh);
  assertEquals(renewed, ["0"]);
  assertEquals([...set.slots], [second, fresh]);
});

Deno.test("SlotSet.keep() lets go of idle slots at once, and of those at work when they are given back", () => {
  const { set, slots } = slotsOf(4, same);
  const working = [set.tryTake()!, set.tryTake()!];
  set.keep(1);
  assertEquals(slots.map((slot) => slot.closed), [true, true, false, false]);
  for (const lease of working) lease[Symbol.dispose]();
  assertEquals(slots.map((slot) => slot.closed), [true, true, false, true]);
  assertEquals(set.slots.size, 1);
});

Deno.test("SlotSet.keep() lets go of no slot while a call waits for it", async () => {
  const { set, slots: [slot] } = slotsOf(1, same);
  const working = set.tryTake()!;
  const waiting = set.take(PATIENT);
  set.keep(0);
  working[Symbol.dispose]();
  using lease = await waiting;
  assertStrictEquals(lease.slot, slot);
  assertEquals(slot?.closed, false);
  lease[Symbol.dispose]();
  assertEquals(slot?.closed, true);
});

Deno.test("SlotSet.rest() keeps idle slots out of service until then, and leaves those at work alone", async () => {
  const { set } = slotsOf(2, same);
  const working = set.tryTake()!;
  const until = Promise.withResolvers<void>();
  const resting = set.rest(until.promise);
  assertEquals([set.free, set.tryTake()], [0, undefined]);
  working[Symbol.dispose]();
  assertEquals(set.free, 1);
  until.resolve();
  await resting;
  assertEquals(set.free, 2);
});

Deno.test.each([
  { name: "as it is", spoil: false, worn: false, renewed: 0 },
  { name: "with a new instance once it is spoilt", spoil: true, worn: false, renewed: 1 },
  { name: "with a new instance once it is worn", spoil: false, worn: true, renewed: 1 },
  { name: "with one new instance where it is both", spoil: true, worn: true, renewed: 1 },
])("Lease gives its slot back $name", async ({ spoil, worn, renewed }) => {
  let count = 0;
  const { set, slots: [slot] } = slotsOf(1, (slot) => {
    count++;
    slot.worn = undefined;
    return same(slot);
  });
  {
    using lease = set.tryTake();
    assert(lease !== undefined);
    if (spoil) lease.spoil("GUEST_TRAPPED");
    lease.slot.worn = worn ? "calls" : undefined;
    assertEquals(set.free, 0);
  }
  await settle();
  assertEquals([set.free, count], [1, renewed]);
  // What one holder has said of it is not held against the next.
  set.tryTake()?.[Symbol.dispose]();
  await settle();
  assertEquals([set.free, count, set.tryTake()?.slot], [1, renewed, slot]);
});

Deno.test("Lease gives its slot back once, however often it is disposed of", () => {
  const { set } = slotsOf(1, same);
  const lease = set.tryTake();
  lease?.[Symbol.dispose]();
  lease?.[Symbol.dispose]();
  assertEquals(set.free, 1);
});

Deno.test("Lease is the same each time that its slot is taken, and refuses to begin twice", () => {
  const { set } = slotsOf(1, same);
  const first = set.tryTake();
  first?.[Symbol.dispose]();
  const second = set.tryTake();
  assertStrictEquals(second, first);
  assertThrows(() => second?.begin(), TypeError, "nobody else may have it");
});

Deno.test("SlotSet has as many permits as slots that nobody has, whatever becomes of its leases", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ act: fc.constantFrom("take", "give", "spoil", "wear"), at: fc.nat(5) }), { maxLength: 60 }),
      async (steps) => {
        const { set, slots } = slotsOf(4, (slot) => {
          slot.worn = undefined;
          return same(slot);
        });
        const held: Lease<FakeSlot>[] = [];
        for (const { act, at } of steps) {
          if (act === "take") held.push(...[set.tryTake() ?? []].flat());
          else {
            const lease = held.splice(at % Math.max(1, held.length), 1)[0];
            if (act === "spoil") lease?.spoil("GUEST_TRAPPED");
            if (act === "wear" && lease !== undefined) lease.slot.worn = "calls";
            lease?.[Symbol.dispose]();
          }
          await settle();
          assertEquals([set.free, new Set(held).size], [4 - held.length, held.length]);
        }
        assertEquals([...set.slots].toSorted(byName), slots);
      },
    ),
    { numRuns: 40 },
  );
});

function byName(a: FakeSlot, b: FakeSlot): number {
  return Number(a.name) - Number(b.name);
}
