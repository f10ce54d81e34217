import { assert, assertEquals } from "@std/assert";
import { AgentProcess, TempDir } from "../e2e/agent_process.ts";
import { nextId } from "../e2e/wire.ts";
import { buildGuest } from "../guests/build.ts";
import { residentMiB } from "./process_figures.ts";
import { SideBySide } from "./side_by_side.ts";

const REQUESTS = Number(Deno.env.get("LEAK_REQUESTS") ?? 20_000);
const LEAK_MIB = REQUESTS / 16;
const POOL_SIZE = 4;
/** Requests in flight at a time: more than slots, so that some always wait. */
const SIDE_BY_SIDE = 6;
/** Far above what a busy machine adds to a call. */
const PATIENT = ["--timeout-ms", "4000"];
/** The process without instances, with what the garbage collector leaves lying of those that were replaced. */
const BASE_MIB = 300;

interface Run {
  readonly name: string;
  readonly maxMemoryMiB: number;
  /** What sends the module to threads first. */
  readonly inThreads: boolean;
}

Deno.test.each<Run>([
  { name: "with --max-memory 16", maxMemoryMiB: 16, inThreads: false },
  { name: "with --max-memory 16, in threads", maxMemoryMiB: 16, inThreads: true },
  { name: "with the default --max-memory", maxMemoryMiB: 128, inThreads: false },
])(`agent allows ${REQUESTS} requests of a module that leaks 64 KiB in each, in bounded memory, $name`, async (run) => {
  const { name, maxMemoryMiB, inThreads } = run;
  using dir = new TempDir();
  const module = dir.write("leaks.wasm", await buildGuest(inThreads ? "leaks_or_spins" : "leaks_64_kib_a_call"));
  const options = [...PATIENT, "--pool-size", `${POOL_SIZE}`, "--max-memory", `${maxMemoryMiB}`];
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options });
  await using client = await SideBySide.connect(agent.socket);
  if (inThreads) {
    await client.request({ uri: "/!" }, nextId());
    await agent.waitForLog("module needs threads: calls or starts of it are long");
  }
  let left = REQUESTS;
  let allowed = 0;
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, async () => {
    while (left-- > 0) {
      const { decision, audit } = await client.request({ uri: "/" }, nextId());
      if (decision === "allow" && audit.tags[0] === "clean" && audit.tags.length === 1) allowed++;
    }
  }));
  const seconds = (performance.now() - startedAt) / 1000;
  const memory = residentMiB(agent.pid);
  console.log(
    `leak ${name}: ${REQUESTS} requests in ${seconds.toFixed(1)} s leaked ${LEAK_MIB} MiB; resident ` +
      `${memory.now.toFixed()} MiB, at most ${memory.peak.toFixed()}`,
  );
  assertEquals(allowed, REQUESTS);
  // Memory of instances at work, and those that were replaced and not collected yet: of both kinds, on the event loop and in threads.
  const bound = BASE_MIB + POOL_SIZE * 4 * maxMemoryMiB + (inThreads ? POOL_SIZE * 64 : 0);
  assert(memory.peak < Math.min(bound, 0.75 * LEAK_MIB), `at most ${memory.peak} MiB resident`);
  assertEquals(await agent.stop(), 0);
  assertEquals(agent.logged("module error").length, inThreads ? 1 : 0);
});

Deno.test.each([
  { where: "on the event loop", misdeeds: 2_000, spins: 0 },
  { where: "in threads", misdeeds: 2_000, spins: 1 },
])("agent frees what instances held that trapped with 1 MiB touched $where", async ({ where, misdeeds, spins }) => {
  using dir = new TempDir();
  const module = dir.write("traps.wasm", await buildGuest("spins_or_traps_with_memory_touched"));
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options: PATIENT });
  await using client = await SideBySide.connect(agent.socket);
  for (let call = 0; call < spins; call++) await client.request({ uri: "/!s" }, nextId());
  let left = misdeeds;
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, async () => {
    while (left-- > 0) assertEquals((await client.request({ uri: "/!" }, nextId())).audit.tags, ["wasm-error"]);
  }));
  const memory = residentMiB(agent.pid);
  console.log(
    `traps ${where}: ${misdeeds} MiB dropped; resident ${memory.now.toFixed()} MiB, at most ${memory.peak.toFixed()}`,
  );
  assert(memory.peak < 0.5 * misdeeds, `at most ${memory.peak} MiB resident`);
  assertEquals(await agent.stop(), 0);
  assertEquals(agent.countOf("module error"), misdeeds + spins);
});

Deno.test("agent replaces an instance after exactly --max-requests-per-instance requests, and none fails", async () => {
  using dir = new TempDir();
  const module = dir.write("counts.wasm", await buildGuest("counts_calls"));
  // Without a thread no instance is thrown away before its time: where one is there, a call that a busy machine holds up is cut.
  const options = [...PATIENT, "--pool-size", "3", "--max-requests-per-instance", "100", "--reserve-threads", "0"];
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, options });
  await using client = await SideBySide.connect(agent.socket);
  const seen = new Map<string, number>();
  let left = 3_000;
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (left-- > 0) {
      const { decision, audit } = await client.request({ uri: "/" }, nextId());
      assertEquals(decision, "allow");
      const call = audit.tags[0] ?? "";
      seen.set(call, (seen.get(call) ?? 0) + 1);
    }
  }));
  const calls = [...seen.keys()].sort();
  assertEquals(calls, Array.from({ length: 100 }, (_, index) => `${index + 1}`.padStart(4, "0")));
  const times = calls.map((call) => seen.get(call)!);
  // Each instance counts from 1 to 100; only those that serve at the end have not come to it.
  assert(times.every((count, index) => index === 0 || count <= times[index - 1]!), `${times}`);
  assert(times[0]! - times[99]! <= 3, `${times[0]} instances began, ${times[99]} served to their end`);
  assertEquals(agent.logged("module error"), []);
});
