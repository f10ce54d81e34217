import { assert, assertEquals } from "@std/assert";
import { AgentProcess, EXAMPLE_MODULE, ROOT, TempDir } from "./agent_process.ts";
import { sleep } from "../../src/sleep.ts";
import { buildGuest } from "../guests/build.ts";
import { V2Client } from "./wire.ts";

/** Allows each request, as the other module does. */
const other = await buildGuest("traps");

/** Requests in flight while modules are swapped. */
const CLIENTS = 4;

/** Copies as an operator does: the new file takes the old one's name at once. */
function put(source: string | Uint8Array, path: string): void {
  if (typeof source === "string") Deno.copyFileSync(`${ROOT}${source}`, `${path}.new`);
  else Deno.writeFileSync(`${path}.new`, source);
  Deno.renameSync(`${path}.new`, path);
}

Deno.test.each([{ lanes: 1, rounds: 30 }, { lanes: 2, rounds: 10 }])(
  "not one request is lost by $rounds reloads of an agent with $lanes lanes, broken modules among them",
  async ({ lanes, rounds }) => {
    using dir = new TempDir();
    const module = dir.at("policy.wasm");
    put(EXAMPLE_MODULE, module);
    await using agent = await AgentProcess.start({
      socket: dir.at("a.sock"),
      module,
      options: ["--timeout-ms", "4000", "--lanes", String(lanes)],
    });
    let over = false;
    let answered = 0;
    const load = async () => {
      using client = await V2Client.connect(agent.socket);
      while (!over) {
        const { decision } = await client.request({ uri: "/" });
        assertEquals(decision, "allow");
        answered++;
      }
    };
    const loads = Array.from({ length: CLIENTS }, load);
    const isOutcome = (message: unknown) => message === "reloaded" || message === "not reloaded: serving as before";
    for (let round = 1; round <= rounds; round++) {
      const broken = round % 5 === 0;
      if (broken) put(new TextEncoder().encode("no module"), module);
      else put(round % 2 === 0 ? EXAMPLE_MODULE : other, module);
      const before = answered;
      agent.kill("SIGHUP");
      while (agent.log.filter(({ message }) => isOutcome(message)).length < round) {
        await sleep(5);
      }
      while (answered === before) await sleep(1);
    }
    over = true;
    await Promise.all(loads);
    const lines = agent.log;
    const refused = lines.filter(({ message }) => message === "not reloaded: serving as before");
    assertEquals(refused.map(({ code }) => code), Array.from({ length: rounds / 5 }, () => "MODULE_NOT_WASM"));
    assertEquals(lines.filter(({ level }) => level === "ERROR").length, refused.length);
    assertEquals(lines.filter(({ message }) => message === "reloaded").length, rounds - refused.length);
    assert(answered > rounds);
    assertEquals(await agent.stop(), 0);
  },
);
