import { assert, assertEquals } from "@std/assert";
import { commonClock } from "../../../src/threads/clock.ts";

/** Two clocks `aheadMs` apart, and a way between them that takes as long as it is told, look by look; then the last again. */
class World {
  readonly #aheadMs: number;
  readonly #ways: (readonly [there: number, back: number])[];
  #ownMs = 1_000;
  looks = 0;

  constructor(aheadMs: number, ways: readonly (readonly [number, number])[]) {
    this.#aheadMs = aheadMs;
    this.#ways = [...ways];
  }

  readonly own = () => this.#ownMs;

  get common(): number {
    return this.#ownMs + this.#aheadMs;
  }

  readonly ask = (): Promise<number> => {
    this.looks++;
    const [there, back] = (this.#ways.length > 1 ? this.#ways.shift() : this.#ways[0]) ?? [0, 0];
    this.#ownMs += there;
    const told = this.common;
    this.#ownMs += back;
    return Promise.resolve(told);
  };
}

const ROWS: readonly {
  readonly name: string;
  readonly aheadMs: number;
  readonly ways: readonly (readonly [number, number])[];
  readonly wrongByMs: number;
  readonly looks: number;
}[] = [
  { name: "of a thread that began earlier", aheadMs: 5_000, ways: [[0.02, 0.02]], wrongByMs: 0, looks: 5 },
  { name: "of a thread that began later", aheadMs: -5_000, ways: [[0.02, 0.02]], wrongByMs: 0, looks: 5 },
  {
    name: "though most looks are held up",
    aheadMs: 0,
    ways: [[300, 0], [0, 300], [0.1, 0.1], [300, 0], [0, 300], [0, 300]],
    wrongByMs: 0,
    looks: 5,
  },
  {
    name: "once a look is quick",
    aheadMs: 0,
    ways: [...Array(20).fill([0, 300]), [0.1, 0.3]],
    wrongByMs: 0.1,
    looks: 21,
  },
  { name: "as well as can be where none is quick", aheadMs: 0, ways: [[0, 2], [0, 8]], wrongByMs: 1, looks: 200 },
];

for (const { name, aheadMs, ways, wrongByMs, looks } of ROWS) {
  Deno.test(`commonClock() tells the time ${name}`, async () => {
    const world = new World(aheadMs, ways);
    const clock = await commonClock(world.ask, world.own);
    assertEquals(Number(Math.abs(clock() - world.common).toFixed(6)), wrongByMs);
    assertEquals(world.looks, looks);
  });
}

Deno.test("commonClock() goes by this thread's own clock where none is handed to it", async () => {
  const clock = await commonClock(() => Promise.resolve(performance.now()));
  const before = performance.now();
  const time = clock();
  assert(time > before - 10 && time < performance.now() + 10, `${time} from ${before}`);
});
