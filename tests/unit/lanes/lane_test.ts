import { assertEquals } from "@std/assert";
import { AgentError } from "../../../src/errors.ts";
import { editionOf, Lane } from "../../../src/lanes/mod.ts";
import { createLog, type Log } from "../../../src/ops/mod.ts";
import { sleep } from "../../../src/sleep.ts";
import { agentConfig } from "../config/configs.ts";
import { guestText, LIMITS, prepare, useProgramsThreads } from "../guest/guests.ts";
import { recordingObserver, type Told } from "../ops/recording_observer.ts";
import { FakeSocket } from "../server/fake_socket.ts";
import { readReplies, requestPayload, v1Frame, v1Request } from "../server/proxy.ts";

useProgramsThreads();

/** One lane that serves one connection: the replies, what an onlooker saw, and what was logged, once all is over. */
async function served(frames: readonly Uint8Array[], verbose: boolean) {
  const lines: string[] = [];
  const log: Log = createLog((_, message) => lines.push(message), verbose, () => Promise.resolve());
  const { observer, told } = recordingObserver();
  const [module] = agentConfig().modules;
  const config = agentConfig({
    modules: [{ ...module, poolSize: 1, reserveThreads: 0, limits: LIMITS }],
    timeoutMs: LIMITS.timeoutMs,
  });
  const edition = editionOf(config, [await prepare(guestText("prints_lines_and_traps"))]);
  const lane = await Lane.start(edition, log, observer);
  const socket = new FakeSocket();
  const waiting = [socket];
  const server = lane.serve({
    accept: () => waiting.length > 0 ? Promise.resolve(waiting.pop()!) : new Promise(() => {}),
  });
  const running = server.run();
  socket.push(...frames);
  await socket.hangUp();
  await server.drain(60_000, () => {});
  await running;
  // A new instance takes the old one's place in another turn of the event loop.
  const failed = told.some(([member]) => member === "failed");
  while (failed && !told.some(([member]) => member === "replaced")) {
    await sleep(1);
  }
  await lane.close();
  return { replies: readReplies(1, socket.written).map(({ decision }) => decision), told, lines };
}

/** An event for which the module prints ten lines and traps. */
const BAD = v1Frame("request_headers", { ...requestPayload("bad"), uri: "/!" });

/** What was told, short enough to compare. */
function inShort([member, ...values]: Told): string {
  const [value, other] = values;
  // How many bytes, and how long, is for others to look at.
  if (member === "called" || member === "received" || member === "sent") return member;
  if (member === "made") return `${member} ${value} ${other}`;
  if (member === "answered" && typeof other === "object" && other !== null && "correlationId" in other) {
    return `${member} ${value} ${other.correlationId}`;
  }
  if (typeof value === "object" && value !== null && "correlationId" in value) {
    return `${member} ${value.correlationId}`;
  }
  return values.length === 0 ? member : `${member} ${values.join(" ")}`;
}

Deno.test("Lane tells an observer all that happens, in its order", async () => {
  const { replies, told } = await served([v1Request("good"), BAD], false);
  assertEquals(replies, ["allow", "block"]);
  const seen = told.map(inShort);
  // The new instance comes before or after the end of the connection.
  const isNew = (one: string) => one === "replaced guest.wasm" || one === "made guest.wasm event_loop";
  assertEquals(seen.filter(isNew), [
    "made guest.wasm event_loop",
    "made guest.wasm event_loop",
    "replaced guest.wasm",
  ]);
  // So do the bytes of a frame and of a reply, each counted when its turn of the event loop is over.
  const isCount = (one: string) => one === "received" || one === "sent";
  assertEquals(seen.filter(isCount).toSorted(), ["received", "received", "sent", "sent"]);
  assertEquals(seen.filter((one) => !isNew(one) && !isCount(one)), [
    "connections 1",
    "arrived good",
    "called",
    "answered guest.wasm good",
    "decided good",
    "arrived bad",
    ...Array.from({ length: 10 }, () => "printed bad"),
    "called",
    "ended guest.wasm GUEST_TRAPPED",
    "failed bad",
    "answered guest.wasm bad",
    "decided bad",
    "connections 0",
  ]);
});

Deno.test("Lane tells of a failure with its module and its error", async () => {
  const { told } = await served([BAD], false);
  const failures = told.flatMap(([member, value]) => member === "failed" ? [Object(value)] : []);
  assertEquals(failures.map(({ module, phase }) => [module, phase]), [["guest.wasm", "request_headers"]]);
  assertEquals(failures.map(({ error }) => error instanceof AgentError && error.code), ["GUEST_TRAPPED"]);
});

Deno.test("Lane tells of what a peer did for which its connection was closed", async () => {
  const { told } = await served([Uint8Array.of(0, 0, 0, 0)], false);
  assertEquals(told.map(([member]) => member), ["made", "connections", "connectionClosed", "connections"]);
});

for (const verbose of [true, false]) {
  Deno.test(`Lane logs ${verbose ? "decisions" : "no decision"} with a ${verbose ? "verbose" : "quiet"} log, whoever else looks on`, async () => {
    const { lines } = await served([v1Request("good")], verbose);
    assertEquals(lines, verbose ? ["decided"] : []);
  });
}

Deno.test("Lane.start() starts a lane that cannot rehearse, and tells of it where it tells all", async () => {
  const lines: string[] = [];
  const log = createLog(
    (level, message, fields) => lines.push(`${level} ${message} ${fields?.cause}`),
    true,
    () => Promise.resolve(),
  );
  const { fromBase64 } = Uint8Array;
  Uint8Array.fromBase64 = () => {
    throw new Error("no");
  };
  try {
    const [module] = agentConfig().modules;
    const config = agentConfig({ modules: [{ ...module, reserveThreads: 0 }] });
    const lane = await Lane.start(editionOf(config, [await prepare(guestText("prints_lines"))]), log);
    await lane.close();
  } finally {
    Uint8Array.fromBase64 = fromBase64;
  }
  assertEquals(lines, ["debug rehearsal left out no"]);
});
