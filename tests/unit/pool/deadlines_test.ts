import { assert, assertEquals } from "@std/assert";
import {
  announceEnd,
  announceMail,
  createDeadlineTable,
  DeadlineRow,
  isRunning,
  setWatched,
  watchDeadlines,
  type WatchdogHost,
} from "../../../src/pool/deadlines.ts";

const USUAL = { shortestMs: 10, longestMs: 40 };
/** Words of the table, as its layout says. */
const BELL = 0, ASLEEP = 1, WAKE_AT = 2, FIRST_STATE = 8, ROW = 3;
/** Of a row, from its state. */
const GENERATION = 2;
/** Looks without a call between them after which the watchdog sleeps without end. */
const QUIET_LOOKS = 25;

interface Instance {
  readonly generation: number;
  readonly epoch: Int32Array;
}

/**
 * The watchdog's thread without a thread. Each look at the rows begins with a question for the time: there the next step is played,
 * as if other threads had done it in that very moment, and the bell is rung, so that the loop does not sleep. After the last step it
 * ends.
 */
class ScriptedHost implements WatchdogHost {
  readonly #table: Int32Array;
  readonly #instances = new Map<number, Instance>();
  readonly #mail: (readonly [row: number, instance: Instance])[] = [];
  #received = 0;
  #started = false;
  nowMs = 1_000;
  /** False to let it sleep. */
  rings = true;
  steps: (() => void)[] = [];
  /** Called when the epoch word of a row is asked for: after its state has been read. */
  onEpoch = () => {};

  constructor(table: Int32Array) {
    this.#table = table;
  }

  now(): number {
    this.#started = true;
    const step = this.steps.shift();
    if (step === undefined) announceEnd(this.#table);
    else step();
    if (this.rings) Atomics.add(this.#table, BELL, 1);
    return this.nowMs;
  }

  received(): number {
    return this.#received;
  }

  receive(): Promise<void> {
    const mail = this.#mail.shift();
    assert(mail !== undefined, "waits for mail that was never sent");
    this.#instances.set(...mail);
    this.#received++;
    return Promise.resolve();
  }

  epoch(row: number, generation: number): Int32Array | undefined {
    this.onEpoch();
    const instance = this.#instances.get(row);
    return instance?.generation === generation ? instance.epoch : undefined;
  }

  /** A slot has a new instance: its epoch word. What is sent before the first look has arrived by then. */
  attach(row: number): Int32Array {
    const instance = this.start(row);
    this.register(row, instance);
    return instance.epoch;
  }

  /** A slot has a new instance that nobody knows of yet. */
  start(row: number): Instance {
    return { generation: new DeadlineRow(this.#table, row).renew(), epoch: new Int32Array(1) };
  }

  /** The registration of a new instance is sent. */
  register(row: number, instance: Instance): void {
    announceMail(this.#table);
    if (this.#started) {
      this.#mail.push([row, instance]);
    } else {
      this.#instances.set(row, instance);
      this.#received++;
    }
  }
}

function setUp(rows: number) {
  const table = createDeadlineTable(rows);
  setWatched(table, rows, USUAL);
  const host = new ScriptedHost(table);
  return {
    table,
    host,
    row: new DeadlineRow(table, 0),
    watch: () => watchDeadlines(table, host),
  };
}

Deno.test("DeadlineRow.end() is false for a call that nobody ended, again and again", () => {
  const { row } = setUp(1);
  for (let call = 0; call < 10; call++) {
    row.begin(call);
    assertEquals(row.end(), false);
  }
});

Deno.test("DeadlineRow.begin() never gives two calls the same state, in one row or in two used one after the other", () => {
  const { table, row } = setUp(1);
  const states = new Set<number>();
  for (let call = 0; call < 5; call++) {
    row.begin(1);
    states.add(table[FIRST_STATE]!);
    row.end();
  }
  const next = new DeadlineRow(table, 0);
  for (let call = 0; call < 5; call++) {
    next.begin(1);
    states.add(table[FIRST_STATE]!);
    next.end();
  }
  assertEquals(states.size, 10);
});

Deno.test("watchDeadlines() traps a call that is past its deadline, and end() says so once", async () => {
  const { host, row, watch } = setUp(1);
  const epoch = host.attach(0);
  const ends: boolean[] = [];
  host.steps = [
    () => row.begin(host.nowMs + 10),
    () => host.nowMs += 10,
    () => {
      ends.push(row.end());
      row.begin(host.nowMs + 10);
    },
    () => ends.push(row.end()),
  ];
  await watch();
  assertEquals(ends, [true, false]);
  assertEquals(epoch[0], 1);
});

const MOMENTS = [
  { name: "an eighth of a millisecond before", offsetMs: 0.125, overrun: false },
  { name: "at", offsetMs: 0, overrun: true },
  { name: "after", offsetMs: -5, overrun: true },
];

for (const { name, offsetMs, overrun } of MOMENTS) {
  Deno.test(`watchDeadlines() ${overrun ? "traps" : "leaves"} a call looked at ${name} its deadline`, async () => {
    const { host, row, watch } = setUp(1);
    const epoch = host.attach(0);
    host.steps = [() => row.begin(host.nowMs + offsetMs)];
    await watch();
    assertEquals([epoch[0], row.end()], [overrun ? 1 : 0, overrun]);
  });
}

Deno.test("watchDeadlines() leaves a call alone that ended in time, however late it looks", async () => {
  const { host, row, watch } = setUp(1);
  const epoch = host.attach(0);
  host.steps = [
    () => {
      row.begin(host.nowMs + 10);
      row.end();
      host.nowMs += 1_000;
    },
    () => {},
  ];
  await watch();
  assertEquals(epoch[0], 0);
});

Deno.test("watchDeadlines() never ends a later call for an earlier one's deadline", async () => {
  const { host, row, watch } = setUp(1);
  const epoch = host.attach(0);
  host.steps = [() => row.begin(host.nowMs)];
  host.onEpoch = () => {
    // The call ends and the next begins between the watchdog's look at its state and its judgement.
    host.onEpoch = () => {};
    assertEquals(row.end(), false);
    row.begin(host.nowMs + 1_000);
  };
  await watch();
  assertEquals([epoch[0], row.end()], [0, false]);
});

Deno.test("watchDeadlines() looks again at a call that began between its look and its judgement", async () => {
  const { host, row, watch } = setUp(1);
  const epoch = host.attach(0);
  let untouched = true;
  host.steps = [() => row.begin(host.nowMs), () => untouched = epoch[0] === 0];
  host.onEpoch = () => {
    host.onEpoch = () => {};
    row.end();
    row.begin(host.nowMs - 1);
  };
  await watch();
  assert(untouched, "the second call was ended under the first one's state");
  assertEquals([epoch[0], row.end()], [1, true]);
});

Deno.test("watchDeadlines() traps only the row that is past its deadline", async () => {
  const { table, host, watch } = setUp(3);
  const rows = [0, 1, 2].map((index) => new DeadlineRow(table, index));
  const epochs = rows.map((_, index) => host.attach(index));
  host.steps = [() => rows.forEach((row, index) => row.begin(host.nowMs + (index === 1 ? 5 : 50))), () => {
    host.nowMs += 20;
  }];
  await watch();
  assertEquals(epochs.map((epoch) => epoch[0]), [0, 1, 0]);
  assertEquals(rows.map((row) => row.end()), [false, true, false]);
});

Deno.test("watchDeadlines() traps the newest instance of a row", async () => {
  const { host, row, watch } = setUp(1);
  const old = host.attach(0);
  const renewed = host.attach(0);
  host.steps = [() => row.begin(host.nowMs)];
  await watch();
  assertEquals([old[0], renewed[0]], [0, 1]);
});

Deno.test("watchDeadlines() never takes an old instance for the one that a call runs in", async () => {
  const { host, row, watch } = setUp(1);
  const old = host.attach(0);
  let renewed: Int32Array = new Int32Array(1);
  host.steps = [() => {}, () => {
    // A new instance and a call in it, all after the watchdog has counted its mail; the time it is told is later still.
    renewed = host.attach(0);
    row.begin(host.nowMs);
    host.nowMs += 1;
  }, () => {}];
  await watch();
  assertEquals([old[0], renewed[0], row.end()], [0, 1, true]);
});

Deno.test("watchDeadlines() traps neither the old nor the new instance before it knows the new one, and then the new one", async () => {
  const { host, row, watch } = setUp(1);
  const old = host.attach(0);
  let renewed: Instance = host.start(0);
  const words: (number | undefined)[][] = [];
  const look = () => words.push([old[0], renewed.epoch[0]]);
  host.steps = [
    // Its thread has begun to start it; the event loop that is to register it is busy, for any time.
    () => {
      renewed = host.start(0);
      row.begin(host.nowMs);
    },
    look,
    () => {
      host.nowMs += 10_000;
      look();
    },
    () => {
      look();
      host.register(0, renewed);
    },
    () => {},
    look,
  ];
  await watch();
  assertEquals(words, [[0, 0], [0, 0], [0, 0], [0, 1]]);
  assertEquals(row.end(), true);
});

Deno.test("DeadlineRow.renew() gives each instance of a row a generation of its own, whoever starts it", () => {
  const { table, row } = setUp(2);
  const generations = [row.renew(), row.renew(), new DeadlineRow(table, 0).renew()];
  assertEquals(new Set(generations).size, 3);
  assertEquals(table[FIRST_STATE + GENERATION], generations[2]);
  assertEquals(table[FIRST_STATE + ROW + GENERATION], 0);
});

Deno.test("watchDeadlines() leaves a call alone while it knows no instance for it, and traps it then", async () => {
  const { host, row, watch } = setUp(1);
  let epoch: Int32Array = new Int32Array(1);
  let ended = true;
  host.steps = [() => row.begin(host.nowMs), () => {
    ended = epoch[0] === 1;
    epoch = host.attach(0);
  }, () => {}];
  await watch();
  assertEquals([ended, epoch[0], row.end()], [false, 1, true]);
});

Deno.test("watchDeadlines() says that it sleeps once nothing has happened for long, and begin() wakes it", async () => {
  const { table, host, row, watch } = setUp(1);
  const asleep: (number | undefined)[] = [];
  const look = () => asleep.push(table[ASLEEP]);
  let rings = 0;
  const quiet = Array.from({ length: QUIET_LOOKS - 1 }, () => () => {});
  host.steps = [
    look,
    ...quiet,
    look,
    () => {
      look();
      const bell = table[BELL]!;
      row.begin(host.nowMs + 10_000);
      rings = table[BELL]! - bell;
    },
    look,
    () => {
      look();
      row.end();
    },
    ...quiet,
    look,
    look,
  ];
  await watch();
  // Asleep after a quiet look, awake while a call runs and at the first look after it, which still sees a change.
  assertEquals(asleep, [0, 1, 1, 0, 0, 0, 1]);
  assertEquals(rings, 1);
});

Deno.test("watchDeadlines() says that it sleeps though a row stays as the end of its last call has left it", async () => {
  const { table, host, row, watch } = setUp(1);
  host.attach(0);
  const ended: boolean[] = [];
  host.steps = [() => row.begin(host.nowMs), () => ended.push(row.end()), ...Array(QUIET_LOOKS).fill(() => {})];
  await watch();
  assertEquals([ended, table[ASLEEP]], [[true], 1]);
});

const LOADS = [
  { more: 1, sleepMs: USUAL.shortestMs },
  { more: 0, sleepMs: USUAL.longestMs },
];

for (const { more, sleepMs } of LOADS) {
  Deno.test(`watchDeadlines() sleeps ${sleepMs} ms at most while there is a call a millisecond, and ${more} more`, async () => {
    const { table, host, row, watch } = setUp(1);
    const sleeps: number[] = [];
    host.steps = Array.from({ length: 12 }, () => () => {
      const sleep = table[WAKE_AT]! / 8 - host.nowMs;
      sleeps.push(sleep);
      for (let call = 0; call < sleep + more; call++) {
        row.begin(host.nowMs + 50);
        row.end();
      }
    });
    host.rings = false;
    await watch();
    assertEquals(sleeps.at(-1), sleepMs);
  });
}

Deno.test("watchDeadlines() takes a call that it has seen running for one call when that has ended", async () => {
  const { table, host, row, watch } = setUp(1);
  host.attach(0);
  const sleeps: number[] = [];
  host.steps = Array.from({ length: 14 }, (_, look) => () => {
    sleeps.push(table[WAKE_AT]! / 8 - host.nowMs);
    if (look % 2 === 0) row.begin(host.nowMs + 50);
    else row.end();
  });
  host.rings = false;
  await watch();
  assertEquals(sleeps.at(-1), USUAL.longestMs);
});

const BEGINS = [
  { name: "earlier than the watchdog's next look", deadline: 99, rings: 1 },
  { name: "at the watchdog's next look", deadline: 100, rings: 0 },
  { name: "later than the watchdog's next look", deadline: 200, rings: 0 },
  { name: "earlier than the watchdog's next look, which is still in time", deadline: 50, latest: 100, rings: 0 },
  { name: "earlier than the watchdog's next look, which is too late", deadline: 50, latest: 99, rings: 1 },
];

for (const { name, deadline, latest, rings } of BEGINS) {
  Deno.test(`DeadlineRow.begin() ${rings === 1 ? "rings" : "does not ring"} for a deadline ${name}`, () => {
    const { table, row } = setUp(1);
    table[WAKE_AT] = 100 * 8;
    row.begin(deadline, latest);
    assertEquals(table[BELL], rings);
  });
}

const WRAPS = [
  { name: "2^31 ticks", nowMs: 2 ** 31 / 8 - 1 },
  { name: "2^32 ticks", nowMs: 2 ** 32 / 8 - 1 },
];

for (const { name, nowMs } of WRAPS) {
  Deno.test(`watchDeadlines() keeps time across ${name}`, async () => {
    const { host, row, watch } = setUp(1);
    const epoch = host.attach(0);
    host.nowMs = nowMs;
    const seen: (number | undefined)[] = [];
    host.steps = [
      () => row.begin(host.nowMs + 2),
      () => {
        seen.push(epoch[0]);
        host.nowMs += 1.5;
      },
      () => {
        seen.push(epoch[0]);
        host.nowMs += 1;
      },
    ];
    await watch();
    assertEquals([...seen, epoch[0]], [0, 0, 1]);
  });
}

for (const state of [0x7ffffffc, -4, 0x7ffffff8]) {
  Deno.test(`DeadlineRow counts calls across the end of an i32, from ${state}`, async () => {
    const { table, host, watch } = setUp(1);
    table[FIRST_STATE] = state;
    const row = new DeadlineRow(table, 0);
    host.attach(0);
    const ends: boolean[] = [];
    const call = (deadline: number) => () => {
      row.begin(deadline);
    };
    host.steps = [
      call(host.nowMs + 10),
      () => {
        ends.push(row.end());
        row.begin(host.nowMs);
      },
      () => {
        ends.push(row.end());
        row.begin(host.nowMs + 10);
      },
      () => {
        ends.push(row.end());
      },
    ];
    await watch();
    assertEquals(ends, [false, true, false]);
  });
}

Deno.test("watchDeadlines() ends when told, with calls under way", async () => {
  const { host, row, watch } = setUp(1);
  host.attach(0);
  row.begin(host.nowMs + 1_000);
  await watch();
  assertEquals(row.end(), false);
});

Deno.test("watchDeadlines() looks at rows that have come into use since it began, and at no others", async () => {
  const { table, host, watch } = setUp(3);
  setWatched(table, 1, USUAL);
  const epochs = [host.attach(1), host.attach(2)];
  host.steps = [() => {
    new DeadlineRow(table, 1).begin(host.nowMs);
    new DeadlineRow(table, 2).begin(host.nowMs);
  }, () => setWatched(table, 2, USUAL)];
  await watch();
  assertEquals(epochs.map(([word]) => word), [1, 0]);
});

Deno.test("isRunning() is true for a call that goes on, until it has ended or was ended", async () => {
  const { table, host, row, watch } = setUp(1);
  host.attach(0);
  const states = [isRunning(table, 0)];
  row.begin(host.nowMs);
  states.push(isRunning(table, 0));
  host.steps = [() => {}];
  await watch();
  states.push(isRunning(table, 0));
  row.end();
  assertEquals([...states, isRunning(table, 0)], [false, true, false, false]);
});
