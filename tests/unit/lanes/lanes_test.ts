import { assertEquals, assertRejects } from "@std/assert";
import { type Ask, type FromLane, Lanes, type ToLane } from "../../../src/lanes/lanes.ts";
import { ModuleError, PoolError } from "../../../src/errors.ts";
import { editionOf } from "../../../src/lanes/mod.ts";
import { createLog } from "../../../src/ops/mod.ts";
import { agentConfig } from "../config/configs.ts";
import { setThreadStart, Thread } from "../../../src/threads/mod.ts";
import { guestText, prepare } from "../guest/guests.ts";

/** What a lane does when it is asked something. */
type Answers = (message: ToLane & Ask, tell: (message: FromLane) => void) => void;

const OBEDIENT: Answers = ({ ask, kind }, tell) => tell({ kind: "done", ask, left: kind === "drain" ? 2 : undefined });

/** Lanes that are no threads, and what became of them. */
class Played implements Disposable {
  readonly threads: Thread[] = [];
  readonly told: string[] = [];
  readonly lines: unknown[] = [];
  readonly deaths: string[] = [];
  readonly #ports: MessagePort[] = [];

  /** @param hears Told what is no question. */
  constructor(answers: Answers, hears: (message: ToLane) => void = () => {}) {
    setThreadStart(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }: MessageEvent<ToLane>) => {
        if (!("ask" in data)) return hears(data);
        this.told.push(data.kind);
        answers(data, (message) => port1.postMessage(message));
      };
      this.#ports.push(port1);
      const thread = new Thread(port2, () => {});
      this.threads.push(thread);
      return Promise.resolve(thread);
    });
  }

  /** Says something in the place of a lane. */
  tellFrom(lane: number, message: FromLane): void {
    this.#ports[lane]?.postMessage(message);
  }

  async start(lanes: number): Promise<Lanes> {
    const log = createLog((level, message, fields) => this.lines.push([level, message, fields]), true, async () => {});
    return await Lanes.start(
      editionOf(agentConfig({ lanes }), [await prepare(guestText("traps"))]),
      log,
      (error) => this.deaths.push(error.message),
    );
  }

  [Symbol.dispose](): void {
    for (const port of this.#ports) port.close();
    for (const thread of this.threads) thread.end();
  }
}

Deno.test("Lanes starts all lanes but the first, has them serve, and sums up what they cut", async () => {
  using played = new Played(OBEDIENT);
  const lanes = await played.start(4);
  await lanes.serve(7);
  assertEquals(await lanes.drain(10), 6);
  assertEquals(played.told.toSorted(), [
    "drain",
    "drain",
    "drain",
    "serve",
    "serve",
    "serve",
    "start",
    "start",
    "start",
  ]);
});

Deno.test("Lanes has no lane, and nothing to drain, where one event loop is wanted", async () => {
  using played = new Played(OBEDIENT);
  const lanes = await played.start(1);
  await lanes.serve(7);
  assertEquals([await lanes.drain(10), lanes.connections, played.told], [0, 0, []]);
});

Deno.test("Lanes hands what a proxy has sent to whoever takes it, and the refusal back to the lane", async () => {
  const answers: unknown[] = [];
  const answered = Promise.withResolvers<void>();
  using played = new Played(OBEDIENT, (message) => {
    if (answers.push(message) === 2) answered.resolve();
  });
  const lanes = await played.start(2);
  lanes.onConfigure = (config) => Promise.resolve(config === 1 ? undefined : "no");
  for (const config of [1, 2]) played.tellFrom(0, { kind: "configure", id: 10 + config, config });
  await answered.promise;
  assertEquals(answers, [
    { kind: "configured", id: 11, refusal: undefined },
    { kind: "configured", id: 12, refusal: "no" },
  ]);
});

Deno.test("Lanes.start() fails as the lane's module does", async () => {
  using played = new Played(({ ask }, tell) =>
    tell({ kind: "failed", ask, error: { code: "MODULE_DOES_NOT_START", message: "no" } })
  );
  const error = await assertRejects(() => played.start(2), ModuleError, "no");
  assertEquals([error.code, played.told], ["MODULE_DOES_NOT_START", ["start"]]);
});

Deno.test("Lanes writes what lanes log, with their number, and knows how many connections they have", async () => {
  using played = new Played((message, tell) => {
    if (message.kind === "serve") {
      tell({ kind: "log", level: "warning", message: "oh", fields: { a: 1 } });
      tell({ kind: "connections", open: 9 });
      tell({ kind: "connections", open: 4 });
    }
    OBEDIENT(message, tell);
  });
  const lanes = await played.start(3);
  await lanes.serve(7);
  assertEquals(played.lines, [["warning", "oh", { a: 1, lane: 1 }], ["warning", "oh", { a: 1, lane: 2 }]]);
  assertEquals(lanes.connections, 8);
});

Deno.test("Lanes tells that a lane has died, and does not wait for its drain", async () => {
  using played = new Played(OBEDIENT);
  const lanes = await played.start(3);
  played.threads[0]!.onDeath("out of luck");
  assertEquals(played.deaths, ['Cannot go on as all lanes must live: received "out of luck" from lane 1']);
  assertEquals(await lanes.drain(10), 2);
});

Deno.test("Lanes.start() fails where a lane dies of it", async () => {
  using played = new Played(() => played.threads[0]!.onDeath("out of luck"));
  await assertRejects(() => played.start(2), PoolError, "out of luck");
});

const EDITION = editionOf(agentConfig({ lanes: 3 }), [await prepare(guestText("traps"))]);

Deno.test("Lanes.stage() starts an edition in all lanes, and has all of them take it or drop it", async () => {
  for (const what of ["take", "drop"] as const) {
    using played = new Played(OBEDIENT);
    const lanes = await played.start(3);
    const staged = await lanes.stage(EDITION);
    await staged[what]();
    assertEquals(played.told, ["start", "start", "stage", "stage", what, what]);
  }
});

Deno.test("Lanes.stage() drops an edition in all lanes where one does not start it", async () => {
  let stages = 0;
  using played = new Played((message, tell) => {
    if (message.kind !== "stage" || ++stages < 2) return OBEDIENT(message, tell);
    tell({ kind: "failed", ask: message.ask, error: { code: "MODULE_DOES_NOT_START", message: "no" } });
  });
  const lanes = await played.start(4);
  await assertRejects(() => lanes.stage(EDITION), ModuleError, "no");
  assertEquals(played.told.slice(3), ["stage", "stage", "drop"]);
});

Deno.test("Lanes drains while a lane still starts an edition", async () => {
  using played = new Played((message, tell) => message.kind === "stage" ? undefined : OBEDIENT(message, tell));
  const lanes = await played.start(2);
  const staging = lanes.stage(EDITION);
  assertEquals(await lanes.drain(10), 2);
  played.threads[0]!.onDeath("the end");
  await assertRejects(() => staging, PoolError, "the end");
});
