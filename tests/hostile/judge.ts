/**
 * Runs a module in an agent of its own, which must refuse it in one line, or serve as if it were harmless.
 *
 * @module
 */

import { sleep } from "../../src/sleep.ts";
import { cpuSeconds, cpuShare, residentMiB } from "../chaos/process_figures.ts";
import { AgentProcess, runAgent, TempDir } from "../e2e/agent_process.ts";
import { V2Client } from "../e2e/wire.ts";

/** The deadline of a call, within which polite requests must be answered; long, as other programs may have the cores. */
const TIMEOUT_MS = 1000;
/** A hostile request may get no reply: one that is later than the proxy would wait is not sent. */
const GIVE_UP_MS = 2 * TIMEOUT_MS;
/** How long requests are sent: V8 optimises what is hot within the first of them. */
const LOAD_MS = 2500;
const PAUSE_MS = 5;
/**
 * What the process may have at its most: its own, and what the limits leave V8's compilers for one function at a time in
 * each of their threads (`src/wasm/body_limits.ts`).
 */
const PEAK_MIB = 200 + 900 * navigator.hardwareConcurrency;
/** What it may have once it is quiet: allocators keep some of what the compilers had. */
const QUIET_MIB = 450;
/** Less than this of one core is quiet, for so many looks in a row: other programs may leave V8's threads little. */
const QUIET_SHARE = 0.03;
const QUIET_LOOKS = 4;
/** Processor time that V8 may take after the last request: five copies of a function at its limits take it half of that. */
const BUSY_S = 60;
/** Whoever waits for longer waits for other programs. */
const QUIET_WITHIN_S = 400;

/** What became of a module: a line for humans. @throws {Error} saying what must hold and does not. */
export async function judge(bytes: Uint8Array<ArrayBuffer>, isRefused: boolean): Promise<string> {
  using dir = new TempDir();
  const module = dir.write("hostile.wasm", bytes);
  const options = ["--timeout-ms", `${TIMEOUT_MS}`, "--pool-size", "2"];
  const start = { socket: dir.at("a.sock"), module, options };
  return isRefused ? checkRefusal(await runAgent(start)) : await checkService(start);
}

function checkRefusal({ code, stdout, stderr }: Awaited<ReturnType<typeof runAgent>>): string {
  const lines = `${stdout}${stderr}`.trimEnd().split("\n");
  if (code !== 1 && code !== 2) {
    throw new Error(`the agent must refuse: it ended with ${code}: ${stderr.slice(0, 500)}`);
  }
  if (lines.length !== 1) throw new Error(`a refusal must be one line: ${lines.length}: ${stderr.slice(0, 500)}`);
  return lines[0] ?? "";
}

async function checkService(start: Parameters<typeof AgentProcess.start>[0]): Promise<string> {
  const startedAt = performance.now();
  await using agent = await AgentProcess.start(start);
  const startMs = performance.now() - startedAt;
  const polite = await askBoth(agent);
  const loadedAt = performance.now();
  const isQuiet = await becomesQuiet(agent);
  const { now, peak } = residentMiB(agent.pid);
  polite.sort((a, b) => a - b);
  const p99 = polite[Math.floor(polite.length * 0.99)] ?? Infinity;
  const quietS = (performance.now() - loadedAt) / 1000;
  const told = `served after ${startMs.toFixed()} ms, ${polite.length} polite requests, p99 ${p99.toFixed(1)} ms, ` +
    `at most ${peak.toFixed()} MiB, quiet after ${quietS.toFixed(1)} s with ${now.toFixed()} MiB`;
  if (p99 > TIMEOUT_MS) throw new Error(`p99 of polite requests must be within ${TIMEOUT_MS} ms: ${told}`);
  if (peak > PEAK_MIB) throw new Error(`the process must have at most ${PEAK_MIB} MiB: ${told}`);
  if (!isQuiet) throw new Error(`the process must be quiet after ${BUSY_S} s of processor time: ${told}`);
  if (now > QUIET_MIB) throw new Error(`the quiet process must have at most ${QUIET_MIB} MiB: ${told}`);
  const code = await agent.stop();
  if (code !== 0) throw new Error(`the agent must end with 0: ${code}`);
  return told;
}

/** Sends hostile requests over one connection and polite ones over another; milliseconds that the polite ones took. */
async function askBoth(agent: AgentProcess): Promise<number[]> {
  using polite = await V2Client.connect(agent.socket);
  const until = performance.now() + LOAD_MS;
  const took: number[] = [];
  await Promise.all([
    askHostile(agent, until),
    (async () => {
      while (performance.now() < until) {
        const sentAt = performance.now();
        const { decision, audit } = await polite.request({ uri: "/" });
        took.push(performance.now() - sentAt);
        if (decision !== "allow" || audit.tags.includes("wasm-error")) {
          throw new Error(`a polite request must be allowed: ${JSON.stringify(decision)}, tags ${audit.tags}`);
        }
        await sleep(PAUSE_MS);
      }
    })(),
  ]);
  return took;
}

async function askHostile(agent: AgentProcess, until: number): Promise<void> {
  while (performance.now() < until) {
    using client = await V2Client.connect(agent.socket);
    let isAnswered = true;
    while (isAnswered && performance.now() < until) {
      isAnswered = await Promise.race([
        client.request({ uri: "/!" }).then(() => true, () => false),
        sleep(GIVE_UP_MS).then(() => false),
      ]);
      await sleep(PAUSE_MS);
    }
  }
}

/** Waits until the process is quiet; false if it takes too much processor time before. */
async function becomesQuiet(agent: AgentProcess): Promise<boolean> {
  const until = performance.now() + QUIET_WITHIN_S * 1000;
  const budget = cpuSeconds(agent.pid) + BUSY_S;
  for (let quiet = 0; performance.now() < until && cpuSeconds(agent.pid) < budget;) {
    quiet = await cpuShare(agent.pid, 0.5) < QUIET_SHARE ? quiet + 1 : 0;
    if (quiet === QUIET_LOOKS) return true;
  }
  return false;
}
