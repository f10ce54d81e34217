import { assert, assertEquals } from "@std/assert";
import { eventRate } from "../../../src/event_rate.ts";
import { Leash, LEAST_LEASH_MS } from "../../../src/pool/leash.ts";
import { Placement, type ThreadSupply } from "../../../src/pool/placement.ts";

/** A placement for a module whose calls may take 40 ms, and what the threads are told. */
function placementWith(threads: { readonly available: boolean }) {
  const told: unknown[] = [];
  const supply: ThreadSupply = { ...threads, want: () => told.push("want"), release: () => told.push("release") };
  return { placement: new Placement(new Leash(40), supply, (inThreads) => told.push(inThreads)), told };
}

const QUICK = 1, LONG = 2, OTHER = 3;

/** Has the placement see as many calls of 20 ms as it takes to think that the module is slow. */
function makeSlow(placement: Placement, cohort = LONG): void {
  for (let call = 1; call <= 2; call++) placement.observeOnEventLoop(cohort, 20, call * 20, false, false);
}

/** Has this event loop see many events, or few, for a whole window of the rate. */
function see(events: number): void {
  const time = performance.now();
  eventRate.count(time + 1_000, events);
  eventRate.count(time + 2_000, 0);
}

Deno.test("a module whose calls hold up the event loop goes to threads, which are then wanted, and its quick calls stay", () => {
  const { placement, told } = placementWith({ available: true });
  assert(!placement.belongsInThread(LONG));
  for (let call = 0; call < 20; call++) placement.observeOnEventLoop(QUICK, 0.1, call, false, false);
  makeSlow(placement);
  assert(placement.inThreads);
  assert(placement.belongsInThread(LONG));
  assert(!placement.belongsInThread(QUICK));
  assertEquals(told, [true, "want"]);
});

Deno.test("without threads all calls stay on the event loop, and no leash ends them", () => {
  const { placement } = placementWith({ available: false });
  makeSlow(placement);
  assert(placement.inThreads);
  assert(!placement.belongsInThread(LONG));
  assertEquals(placement.leashOf(LONG, 1_000), Infinity);
});

Deno.test("a call of a cohort that has only been long hardly holds up many others, once its module needs threads", () => {
  const { placement } = placementWith({ available: true });
  assertEquals(placement.leashOf(LONG, 0), placement.leash.firstMs);
  makeSlow(placement);
  assertEquals(placement.leashOf(LONG, 1_000_000), LEAST_LEASH_MS);
});

Deno.test("a call that was cut shortens the leash, and says nothing yet of where its cohort belongs", () => {
  const { placement } = placementWith({ available: true });
  placement.observeOnEventLoop(LONG, 9, 1_000, true, true);
  assert(!placement.inThreads);
  assertEquals(placement.leashOf(LONG, 1_000), LEAST_LEASH_MS);
  makeSlow(placement, OTHER);
  assert(placement.inThreads);
  assert(!placement.belongsInThread(LONG));
});

Deno.test("only few others are held up for longer, only if a thread can take the call over, and only by a module that is quick", () => {
  const { firstMs } = new Leash(40);
  see(1);
  assert(placementWith({ available: true }).placement.holdsUpFew(firstMs));
  assert(!placementWith({ available: false }).placement.holdsUpFew(firstMs));
  assert(!placementWith({ available: true }).placement.holdsUpFew(firstMs / 2));
  const { placement } = placementWith({ available: true });
  makeSlow(placement);
  assert(!placement.holdsUpFew(firstMs));
  see(1_000);
  assert(!placementWith({ available: true }).placement.holdsUpFew(firstMs));
});

Deno.test("a module that starts too slowly goes to threads for good", () => {
  const { placement, told } = placementWith({ available: true });
  placement.banish();
  for (let call = 0; call < 10_000; call++) placement.observeInThread(QUICK, 0.1, 10_000_000 + call);
  assert(placement.belongsInThread(QUICK));
  assertEquals(told, [true, "want"]);
});
