import { assert, assertEquals } from "@std/assert";
import { sleep } from "../../src/sleep.ts";
import { AgentProcess, TempDir } from "../e2e/agent_process.ts";
import { nextId, v1Frame, V2Client, Wire } from "../e2e/wire.ts";
import { buildGuest } from "../guests/build.ts";
import { cpuShare } from "./process_figures.ts";
import { SideBySide } from "./side_by_side.ts";

const POOL_SIZE = 3;
const TIMEOUT_MS = 2_000;
const SECONDS = 6;
/** Part of one core below which nothing spins: what is measured is near zero. */
const IDLE_SHARE = 0.2;
const IDLE_SECONDS = 2;

/** Latencies of one kind of request, in milliseconds. */
class Latencies {
  readonly #all: number[] = [];

  async time(run: () => Promise<unknown>): Promise<void> {
    const startedAt = performance.now();
    await run();
    this.#all.push(performance.now() - startedAt);
  }

  get count(): number {
    return this.#all.length;
  }

  /** The latency that a part of them, 0 to 1, does not exceed. */
  at(part: number): number {
    const sorted = this.#all.toSorted((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;
  }

  toString(): string {
    const [median, late, most] = [0.5, 0.99, 1].map((part) => this.at(part).toFixed(2));
    return `${this.count} served, median ${median} ms, p99 ${late} ms, max ${most} ms`;
  }
}

/** Asks for spinning guests on one connection until told to stop: always more than there are instances. */
function keepSpinning(client: SideBySide, spins: number): { stop(): Promise<number> } {
  let stopped = false;
  let failed = 0;
  const all = Promise.all(Array.from({ length: spins }, async () => {
    while (!stopped) {
      const { audit } = await client.request({ uri: "/!s" }, nextId());
      if (audit.tags[0] === "wasm-error") failed++;
    }
  }));
  return {
    async stop() {
      stopped = true;
      await all;
      return failed;
    },
  };
}

/** An agent whose module is in threads, and a connection to it. */
async function startInThreads(dir: TempDir, stack: AsyncDisposableStack): Promise<[AgentProcess, SideBySide]> {
  const module = dir.write("told.wasm", await buildGuest("does_as_told"));
  const options = ["--pool-size", `${POOL_SIZE}`, "--timeout-ms", `${TIMEOUT_MS}`];
  const agent = stack.use(await AgentProcess.start({ socket: dir.at("a.sock"), module, options }));
  const client = stack.use(await SideBySide.connect(agent.socket));
  await client.request({ uri: "/!s" }, nextId());
  await agent.waitForLog("module needs threads: calls or starts of it are long");
  // A call each, so that every slot has been given its thread.
  await Promise.all(Array.from({ length: 2 * POOL_SIZE }, () => client.request({ uri: "/!l" }, nextId())));
  return [agent, client];
}

Deno.test("agent serves handshakes, pings and events without a module while guests spin in all its instances", async () => {
  using dir = new TempDir();
  await using stack = new AsyncDisposableStack();
  const [agent, client] = await startInThreads(dir, stack);
  const spinning = keepSpinning(client, POOL_SIZE + 2);
  await sleep(200);

  const latencies = {
    handshake: new Latencies(),
    ping: new Latencies(),
    complete: new Latencies(),
    v1: new Latencies(),
  };
  const until = performance.now() + SECONDS * 1000;
  const again = async (run: (round: number) => Promise<void>) => {
    for (let round = 0; performance.now() < until; round++) {
      await run(round);
      await sleep(5);
    }
  };
  const other = stack.use(await SideBySide.connect(agent.socket));
  const v1 = stack.use(await Wire.connect(agent.socket));
  await Promise.all([
    again(() =>
      latencies.handshake.time(async () => {
        using _ = await V2Client.connect(agent.socket);
      })
    ),
    again((round) => latencies.ping.time(() => other.ping(round))),
    again(() => latencies.complete.time(() => other.requestComplete(nextId()))),
    again(() =>
      latencies.v1.time(async () => {
        await v1.write(
          v1Frame("request_complete", {
            correlation_id: nextId(),
            status: 200,
            duration_ms: 1,
            request_body_size: 0,
            response_body_size: 0,
            upstream_attempts: 1,
            error: null,
          }),
        );
        await v1.readMessage(false);
      })
    ),
  ]);
  const failed = await spinning.stop();
  for (const [kind, each] of Object.entries(latencies)) console.log(`isolation: ${kind}: ${each}`);
  assert(failed >= POOL_SIZE, `${failed} spins`);
  for (const [kind, each] of Object.entries(latencies)) {
    assert(each.count > 0, kind);
    assert(each.at(1) < TIMEOUT_MS, `${kind}: ${each}`);
    assert(each.at(0.5) < TIMEOUT_MS / 10, `${kind}: ${each}`);
  }
  assertEquals([...client.unexpected, ...other.unexpected], []);

  await sleep(500);
  const share = await cpuShare(agent.pid, IDLE_SECONDS);
  console.log(`isolation: ${(100 * share).toFixed(1)} % of a core after all spinning has ended`);
  assert(share < IDLE_SHARE, `${100 * share} % of a core`);
});

Deno.test("agent ends promptly on SIGTERM while guests spin in all its instances", async () => {
  using dir = new TempDir();
  await using stack = new AsyncDisposableStack();
  const [agent, client] = await startInThreads(dir, stack);
  const spins = Array.from({ length: POOL_SIZE }, () => client.request({ uri: "/!s" }, nextId()));
  const answered = Promise.allSettled(spins);
  await sleep(200);
  const startedAt = performance.now();
  assertEquals(await agent.stop(), 0);
  const tookMs = performance.now() - startedAt;
  await answered;
  console.log(`isolation: stopped ${tookMs.toFixed()} ms after SIGTERM, with spins of ${TIMEOUT_MS} ms under way`);
  assert(tookMs < TIMEOUT_MS + 5_000, `${tookMs} ms`);
  assertEquals(agent.logged("stopped").map((line) => line.connections_cut), [0]);
});

Deno.test("agent takes no CPU while it is idle", async () => {
  using dir = new TempDir();
  const module = dir.write("told.wasm", await buildGuest("does_as_told"));
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module });
  using client = await V2Client.connect(agent.socket);
  await client.request({ uri: "/" });
  await sleep(500);
  const share = await cpuShare(agent.pid, IDLE_SECONDS);
  console.log(`isolation: ${(100 * share).toFixed(1)} % of a core when idle`);
  assert(share < IDLE_SHARE, `${100 * share} % of a core`);
});
