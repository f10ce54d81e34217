import { assertEquals } from "@std/assert";
import { sleep } from "../../src/sleep.ts";
import { AgentProcess, TempDir } from "../e2e/agent_process.ts";
import { nextId, type Reply, V1Client } from "../e2e/wire.ts";
import { buildGuest } from "../guests/build.ts";
import { SideBySide } from "./side_by_side.ts";

/** Settable for measurements; by default above what a busy machine adds to a clean call. */
const TIMEOUT_MS = Number(Deno.env.get("RUNAWAY_TIMEOUT_MS") ?? 100);
/** Between two clean requests, whatever became of those before. */
const EVERY_MS = 6;
const BEFORE = 60;
const AFTER = 150;

/** What came of the clean requests of one run. */
class Clean {
  readonly #asked: Promise<void>[] = [];
  readonly tookMs: number[] = [];
  readonly wrong: string[] = [];
  #sent = 0;

  /** Sends one over a connection that nobody waits for: on v1 a free one, on v2 the only one. */
  send(free: V1Client[], all: V1Client[], v2: SideBySide, socket: string, uri: string): void {
    const id = nextId();
    const overV1 = this.#sent++ % 2 === 0;
    this.#asked.push(
      this.#take(id, performance.now(), overV1 ? askOverV1(free, all, socket, uri, id) : v2.request({ uri }, id)),
    );
  }

  async all(): Promise<void> {
    await Promise.all(this.#asked);
  }

  async #take(id: string, sentAt: number, reply: Promise<Reply>): Promise<void> {
    const patience = Promise.withResolvers<undefined>();
    const timer = setTimeout(patience.resolve, 20 * TIMEOUT_MS, undefined);
    try {
      const taken = await Promise.race([reply, patience.promise]);
      if (taken === undefined) this.wrong.push(`${id}: no reply`);
      else if (taken.audit.tags[0] !== "clean") this.wrong.push(`${id}: ${JSON.stringify(taken.audit.tags)}`);
    } catch (error) {
      this.wrong.push(`${id}: ${error}`);
    }
    clearTimeout(timer);
    this.tookMs.push(performance.now() - sentAt);
  }
}

async function askOverV1(free: V1Client[], all: V1Client[], socket: string, uri: string, id: string): Promise<Reply> {
  let client = free.pop();
  if (client === undefined) all.push(client = await V1Client.connect(socket));
  const reply = await client.request({ uri }, id);
  free.push(client);
  return reply;
}

interface Run {
  readonly name: string;
  readonly options: readonly string[];
  /** Told to be clean: another cohort than the runaway's, or its own. */
  readonly clean: string;
  readonly runaway: string;
  /** How many runaways, one each so many clean requests. */
  readonly runaways: number;
}

const RUNS: readonly Run[] = [1, 4].flatMap((size) =>
  [1, 2].flatMap((lanes) => [
    {
      name: `a pool of ${size}, ${lanes} lanes`,
      options: ["--pool-size", `${size}`, "--lanes", `${lanes}`],
      clean: "/",
      runaway: "/!s",
      runaways: Number(Deno.env.get("RUNAWAYS") ?? 1),
    },
    {
      name: `a pool of ${size}, ${lanes} lanes, all of one path`,
      options: ["--pool-size", `${size}`, "--lanes", `${lanes}`],
      clean: "/same",
      runaway: "/same?!s",
      runaways: Number(Deno.env.get("RUNAWAYS") ?? 4),
    },
  ])
);

Deno.test.each(RUNS)("agent answers all clean requests around the first runaway: $name", async (run) => {
  using dir = new TempDir();
  await using stack = new AsyncDisposableStack();
  const module = dir.write("told.wasm", await buildGuest("does_as_told"));
  const options = ["--timeout-ms", `${TIMEOUT_MS}`, ...run.options];
  const agent = stack.use(await AgentProcess.start({ socket: dir.at("a.sock"), module, options }));
  const [free, all]: [V1Client[], V1Client[]] = [[], []];
  stack.defer(() => all.forEach((client) => client[Symbol.dispose]()));
  const v2 = stack.use(await SideBySide.connect(agent.socket));
  const rude = stack.use(await SideBySide.connect(agent.socket));

  const clean = new Clean();
  const startedAt = performance.now();
  let runaways = 0;
  const apart = Math.floor(AFTER / run.runaways);
  for (let sent = 0; sent < BEFORE + AFTER; sent++) {
    const due = startedAt + sent * EVERY_MS - performance.now();
    if (due > 0) await sleep(due);
    if (sent >= BEFORE && (sent - BEFORE) % apart === 0 && runaways < run.runaways) {
      runaways++;
      rude.request({ uri: run.runaway }, nextId()).catch(() => {});
    }
    clean.send(free, all, v2, agent.socket, run.clean);
  }
  await clean.all();
  const sorted = clean.tookMs.toSorted((a, b) => a - b);
  console.log(
    `first runaway: ${run.name}: ${sorted.length} clean, ${clean.wrong.length} wrong, median ` +
      `${sorted[sorted.length >> 1]?.toFixed(1)} ms, slowest ${
        sorted.slice(-4).map((ms) => ms.toFixed()).join(", ")
      } ms`,
  );
  assertEquals(clean.wrong, []);
  assertEquals(agent.logged("module error").map(({ code }) => code), Array(runaways).fill("GUEST_DEADLINE"));
});
