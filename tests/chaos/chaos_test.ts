import { assert, assertEquals } from "@std/assert";
import { sleep } from "../../src/sleep.ts";
import { AgentProcess, TempDir } from "../e2e/agent_process.ts";
import { type Reply, V1Client } from "../e2e/wire.ts";
import { buildGuest } from "../guests/build.ts";
import { type Behaviour, CLEAN, MISDEEDS, TIME_EATERS } from "./behaviours.ts";
import { residentMiB } from "./process_figures.ts";
import { ConnectionClosed, SideBySide } from "./side_by_side.ts";

const SECONDS = Number(Deno.env.get("CHAOS_SECONDS") ?? (Deno.env.get("CI") === "true" ? 60 : 8));
const POOL_SIZE = 4;
/** Far above what a busy machine adds to a clean call. */
const TIMEOUT_MS = 400;
const MAX_MEMORY_MIB = 32;
/** How long a client of hostile requests waits for what the agent may have dropped as too late. */
const PATIENCE_MS = 10 * TIMEOUT_MS;
const CLEAN_PAUSE_MS = 1;
const HOSTILE_PAUSE_MS = 10;
/** The process without its instances, and what the garbage collector leaves lying of those that were replaced. */
const MAX_RESIDENT_MIB = 300 + 4 * POOL_SIZE * MAX_MEMORY_MIB;

/** What came of a request. */
type Outcome = { readonly kind: "reply"; readonly reply: Reply } | { readonly kind: "late" };

/** A way to ask, over one connection or another. */
interface Asker extends AsyncDisposable {
  ask(uri: string, id: string): Promise<Outcome>;
}

class V1Asker implements Asker {
  readonly #path: string;
  #client: V1Client | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async ask(uri: string, id: string): Promise<Outcome> {
    const client = this.#client ??= await V1Client.connect(this.#path);
    try {
      return { kind: "reply", reply: await client.request({ uri }, id) };
    } catch (error) {
      if (!(error instanceof Error) || error.message !== "the agent closed the connection") throw error;
      client[Symbol.dispose]();
      this.#client = undefined;
      return { kind: "late" };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.resolve(this.#client?.[Symbol.dispose]());
  }
}

class V2Asker implements Asker {
  readonly connection: SideBySide;

  constructor(connection: SideBySide) {
    this.connection = connection;
  }

  async ask(uri: string, id: string): Promise<Outcome> {
    const patience = Promise.withResolvers<Outcome>();
    const timer = setTimeout(() => {
      this.connection.forget(id);
      patience.resolve({ kind: "late" });
    }, PATIENCE_MS);
    const reply = this.connection.request({ uri }, id).then((reply): Outcome => ({ kind: "reply", reply }));
    try {
      return await Promise.race([reply, patience.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection[Symbol.asyncDispose]();
  }
}

/** Numbers that look random, the same for the same seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = Math.imul(state ^ state >>> 15, state | 1);
    state ^= state + Math.imul(state ^ state >>> 7, state | 61);
    return ((state ^ state >>> 14) >>> 0) % sides;
  };
}

/** What all who ask add to. */
class Tally {
  readonly counts = new Map<string, number>();
  /** Ids of requests that failed, and what they asked for. */
  readonly failed = new Map<string, Behaviour>();
  readonly late = new Map<string, Behaviour>();
  /** Those that failed for want of an instance. */
  readonly overloaded = new Set<string>();
  readonly wrong: string[] = [];
  readonly #name: string;
  #ids = 0;

  /** @param name Goes before the numbers of its requests. */
  constructor(name: string) {
    this.#name = name;
  }

  nextId(): string {
    return `${this.#name}-${++this.#ids}`;
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}

async function askFor(behaviour: Behaviour, version: number, asker: Asker, tally: Tally): Promise<void> {
  const id = tally.nextId();
  const token = id.slice(-8).padStart(8, "0");
  const outcome = await asker.ask(`/!${behaviour.letter}${token}`, id);
  tally.count(`v${version} ${behaviour.name}`);
  if (outcome.kind === "late") {
    tally.late.set(id, behaviour);
    return;
  }
  const { decision, audit } = outcome.reply;
  const failed = audit.tags[0] === "wasm-error";
  // One that misbehaves may have to wait behind others that do, on a machine that is busy for longer than its own deadline.
  const overloaded = failed && behaviour.codes.length > 0 && audit.tags[1] === "overload";
  if (overloaded) tally.overloaded.add(id);
  if (failed) tally.failed.set(id, behaviour);
  const mayFail = behaviour.codes.length > 0;
  const mustFail = mayFail && behaviour.either !== true;
  const expected = failed
    ? {
      decision: { block: { status: 500, body: "Internal Server Error", headers: null } },
      tags: overloaded ? ["wasm-error", "overload"] : ["wasm-error"],
    }
    : behaviour.letter === "b"
    ? { decision: { block: { status: 451, body: null, headers: null } }, tags: [token] }
    : { decision: "allow", tags: [token] };
  const custom = version === 1 ? {} : { correlation_id: id };
  const right = (failed ? mayFail : !mustFail) &&
    JSON.stringify(expected) === JSON.stringify({ decision, tags: audit.tags }) &&
    JSON.stringify(custom) === JSON.stringify(audit.custom);
  if (!right) tally.wrong.push(`${id} ${behaviour.name} over v${version}: ${JSON.stringify(outcome.reply)}`);
}

Deno.test(`agent answers every clean request rightly while a module does its worst for ${SECONDS} s`, async () => {
  using dir = new TempDir();
  const module = dir.write("told.wasm", await buildGuest("misbehaves_as_told"));
  const options = ["--pool-size", POOL_SIZE, "--timeout-ms", TIMEOUT_MS, "--max-memory", MAX_MEMORY_MIB].map(String);
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options });
  const hostile = new Tally("rude");
  const clean = new Tally("clean");

  await using first = new V1Asker(agent.socket);
  for (const behaviour of [...MISDEEDS, ...TIME_EATERS]) await askFor(behaviour, 1, first, hostile);
  await agent.waitForLog("module needs threads: calls or starts of it are long");
  for (let round = 0; round < POOL_SIZE; round++) await askFor(TIME_EATERS[round]!, 1, first, hostile);

  const until = performance.now() + SECONDS * 1000;
  const seed = Date.now() % 1_000_000;
  const load = async (
    asker: Asker,
    version: number,
    [behaviours, pauseMs, tally, roll]: readonly [readonly Behaviour[], number, Tally, ReturnType<typeof dice>],
  ) => {
    while (performance.now() < until) {
      await askFor(behaviours[roll(behaviours.length)]!, version, asker, tally);
      await sleep(pauseMs);
    }
  };
  await using shared = new V2Asker(await SideBySide.connect(agent.socket));
  await using hostileShared = new V2Asker(await SideBySide.connect(agent.socket));
  await using v1s = new AsyncDisposableStack();
  const newV1 = () => v1s.use(new V1Asker(agent.socket));
  const roll = dice(seed);
  const calm = [CLEAN, CLEAN_PAUSE_MS, clean, roll] as const;
  const rude = [MISDEEDS, HOSTILE_PAUSE_MS, hostile, roll] as const;
  const greedy = [TIME_EATERS, HOSTILE_PAUSE_MS, hostile, roll] as const;
  await Promise.all([
    ...[1, 2, 3].map(() => load(newV1(), 1, calm)),
    ...[1, 2, 3, 4].map(() => load(shared, 2, calm)),
    ...[1, 2].map(() => load(newV1(), 1, rude)),
    ...[1, 2].map(() => load(hostileShared, 2, rude)),
    // Fewer than instances: with all of them taken, no request could be answered in time.
    load(newV1(), 1, greedy),
    ...Array.from({ length: POOL_SIZE - 2 }, () => load(hostileShared, 2, greedy)),
  ]).catch((error) => {
    if (error instanceof ConnectionClosed) {
      throw new Error(`a v2 connection was closed (seed ${seed})`, { cause: error });
    }
    throw error;
  });

  await askFor(CLEAN[0]!, 1, first, clean);
  await askFor(CLEAN[1]!, 2, shared, clean);
  const memory = residentMiB(agent.pid);
  assertEquals(await agent.stop(), 0);

  const total = (tally: Tally) => [...tally.counts.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    `chaos: seed ${seed}, ${total(clean)} clean requests, ${
      total(hostile)
    } hostile ones, ${hostile.failed.size} failed, ` +
      `${hostile.late.size} not answered as too late; resident ${memory.now.toFixed()} MiB, at most ${memory.peak.toFixed()}`,
  );
  for (const [what, count] of [...hostile.counts].sort()) console.log(`chaos:   ${what}: ${count}`);

  const cleanly = new Set([...clean.failed.keys(), ...clean.late.keys()]);
  assertEquals(clean.wrong, [], JSON.stringify(agent.log.filter((line) => cleanly.has(String(line.correlation_id)))));
  assertEquals([...clean.late.keys(), ...clean.failed.keys()], []);
  assertEquals(hostile.wrong, []);
  assertEquals([...shared.connection.unexpected, ...hostileShared.connection.unexpected], []);
  assert(memory.peak < MAX_RESIDENT_MIB, `at most ${memory.peak} MiB resident`);

  const errors = agent.logged("module error");
  const told = new Map([...hostile.failed, ...hostile.late]);
  // Each is told once, or counted among those left out where too many came in a second. One whose reply is late may be given up
  // before its call has ended, and is told of as late only.
  const counted = agent.countOf("module error");
  assert(
    counted <= told.size && counted >= hostile.failed.size,
    `${counted} errors, ${told.size} told, ${hostile.late.size} late`,
  );
  assertEquals(new Set(errors.map((line) => line.correlation_id)).size, errors.length);
  for (const { correlation_id: id, code } of errors) {
    const behaviour = told.get(String(id));
    assert(behaviour !== undefined, `${id} failed in the log only`);
    const codes = hostile.overloaded.has(String(id)) ? ["POOL_WAIT_TIMEOUT"] : behaviour.codes;
    assert(codes.includes(String(code)), `${id} ${behaviour.name}: ${code}`);
  }
  const late = agent.logged("reply dropped: too late").map((line) => String(line.correlation_id));
  assertEquals(late.filter((id) => !hostile.late.has(id)), []);
  assertEquals([agent.countOf("reply dropped: too late"), new Set(late).size], [hostile.late.size, late.length]);
  assertEquals(agent.logged("instance did not start"), []);
});
