import { assert, assertEquals } from "@std/assert";
import { AgentProcess, EXAMPLE_MODULE, TempDir } from "./agent_process.ts";
import {
  type Client,
  connect,
  frame,
  nextId,
  type Reply,
  V1Client,
  v1Frame,
  v1RequestFrame,
  V2Client,
  v2Hello,
  v2RequestFrame,
  Wire,
} from "./wire.ts";

const PATIENT = ["--timeout-ms", "20000"];
const BLOCKED = { block: { status: 403, body: "Blocked: path traversal", headers: null } };

function start(dir: TempDir): Promise<AgentProcess> {
  return AgentProcess.start({ socket: dir.at("a.sock"), module: EXAMPLE_MODULE, options: PATIENT });
}

async function assertServes(agent: AgentProcess): Promise<void> {
  for (const version of [1, 2] as const) {
    using client = await connect(version, agent.socket);
    assertEquals((await client.request({ uri: "/" })).decision, "allow");
  }
}

function idOf(payload: unknown): string | undefined {
  return (payload as Reply).audit.custom.correlation_id;
}

Deno.test("agent reads v1 and v2 frames that come one byte at a time", async () => {
  using dir = new TempDir();
  await using agent = await start(dir);
  const dribble = async (wire: Wire, bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length; at++) await wire.write(bytes.subarray(at, at + 1));
  };
  using v1 = await Wire.connect(agent.socket);
  await dribble(v1, v1RequestFrame({ uri: "/?q=' or 1=1" }));
  assertEquals(((await v1.readMessage(false)).payload as Reply).audit.tags, ["sql-injection"]);
  using v2 = await Wire.connect(agent.socket);
  await dribble(v2, v2Hello());
  assertEquals((await v2.readMessage(true)).type, 0x02);
  await dribble(v2, v2RequestFrame({ uri: "/?q=' or 1=1" }, "slow"));
  const { type, payload } = await v2.readMessage(true);
  assertEquals([type, idOf(payload), (payload as Reply).audit.tags[0]], [0x20, "slow", "sql-injection"]);
});

Deno.test("agent serves others while connections stay silent or stop within a frame", async () => {
  using dir = new TempDir();
  await using agent = await start(dir);
  const head = v2RequestFrame({ uri: "/" });
  const beginnings = [
    new Uint8Array(),
    head.subarray(0, 1),
    head.subarray(0, 4),
    head.subarray(0, 5),
    v2Hello(),
    v2Hello()
      .subarray(0, 40),
    v1RequestFrame({ uri: "/" }).subarray(0, 100),
  ];
  const wires: Wire[] = [];
  try {
    for (const beginning of beginnings) {
      const wire = await Wire.connect(agent.socket);
      wires.push(wire);
      await wire.write(beginning);
    }
    await assertServes(agent);
  } finally {
    for (const wire of wires) wire.close();
  }
  await assertServes(agent);
});

Deno.test.each([
  { name: "a length of 4 GiB", bytes: Uint8Array.of(0xff, 0xff, 0xff, 0xff), code: "FRAME_TOO_LARGE" },
  { name: "a length of 0", bytes: new Uint8Array(4), code: "FRAME_EMPTY" },
  { name: "HTTP", bytes: new TextEncoder().encode("\0\0\0\x40GET / HTTP/1.1\r\n"), code: "PROTOCOL_UNKNOWN" },
  { name: "an unknown v1 event", bytes: v1Frame("coffee_break", {}), code: "MESSAGE_UNKNOWN_KIND" },
  { name: "a v1 body that is no JSON", bytes: Uint8Array.of(0, 0, 0, 2, 0x7b, 0x7b), code: "MESSAGE_NOT_JSON" },
  {
    name: "JSON nested 1,000 deep",
    bytes: v1Frame("configure", { config: JSON.parse("[".repeat(1_000) + "]".repeat(1_000)) }),
    code: "MESSAGE_OVER_LIMIT",
  },
  {
    name: "a head of 1,001 numbers as names",
    bytes: v1RequestFrame({
      uri: "/",
      headers: Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [i, ["v"]])),
    }),
    code: "MESSAGE_OVER_LIMIT",
  },
  {
    name: "an id of 2 MiB",
    bytes: v1Frame("request_complete", { correlation_id: "x".repeat(2 ** 21) }),
    code: "MESSAGE_OVER_LIMIT",
  },
  { name: "a handshake without versions", bytes: frame(0x01, {}), code: "MESSAGE_BAD_FIELD" },
])("agent closes a connection at once on $name, says why and serves on", async ({ bytes, code }) => {
  using dir = new TempDir();
  await using agent = await start(dir);
  using wire = await Wire.connect(agent.socket);
  await wire.write(bytes);
  assertEquals(await wire.readFrame(), undefined);
  const line = await agent.waitForLog("connection closed");
  assertEquals([line.level, line.code], ["WARN", code]);
  await assertServes(agent);
  assertEquals(agent.logged("connection closed").length, 1);
});

Deno.test("agent goes on when peers leave within a frame or before their answer", async () => {
  using dir = new TempDir();
  await using agent = await start(dir);
  const request = v1RequestFrame({ uri: "/" });
  for (const bytes of [request.subarray(0, 3), request.subarray(0, 50), request, v2Hello()]) {
    using wire = await Wire.connect(agent.socket);
    await wire.write(bytes);
  }
  await assertServes(agent);
});

Deno.test("agent answers 1,000 connections that are open at once, v1 and v2 in turn", async () => {
  using dir = new TempDir();
  await using agent = await start(dir);
  const clients: Client[] = [];
  try {
    // In steps, as the queue of connections that the system keeps is bounded.
    while (clients.length < 1000) {
      clients.push(
        ...await Promise.all(
          Array.from({ length: 50 }, (_, index) => connect(index % 2 === 0 ? 1 : 2, agent.socket)),
        ),
      );
    }
    const replies = await Promise.all(
      clients.map((client, index) => client.request({ uri: index % 3 === 0 ? "/?q=' or 1=1" : "/" })),
    );
    assert(replies.every(({ decision }, index) => (decision === "allow") === (index % 3 !== 0)));
  } finally {
    for (const client of clients) client[Symbol.dispose]();
  }
  await assertServes(agent);
  assertEquals(agent.logged("module error"), []);
});

Deno.test("agent answers v1 and v2 connections side by side, each in its own way", async () => {
  using dir = new TempDir();
  await using agent = await start(dir);
  const clients = [
    ...await Promise.all(Array.from({ length: 8 }, () => V1Client.connect(agent.socket))),
    ...await Promise.all(Array.from({ length: 8 }, () => V2Client.connect(agent.socket))),
  ];
  try {
    await Promise.all(clients.map(async (client, index) => {
      for (let round = 0; round < 50; round++) {
        const allowed = (index + round) % 2 === 0;
        const { version, decision } = await client.request({ uri: allowed ? "/" : "/../../etc/passwd" });
        assertEquals<unknown>([version, decision], [index < 8 ? 1 : 2, allowed ? "allow" : BLOCKED]);
      }
    }));
  } finally {
    for (const client of clients) client[Symbol.dispose]();
  }
});

Deno.test("agent answers 100 requests in flight on one v2 connection, each by its id, and pings between them", async () => {
  using dir = new TempDir();
  await using agent = await start(dir);
  using wire = await Wire.connect(agent.socket);
  await wire.write(v2Hello());
  await wire.readMessage(true);
  const ids = Array.from({ length: 100 }, () => nextId());
  for (const id of ids) {
    await wire.write(v2RequestFrame({ uri: "/" }, id));
    await wire.write(frame(0x41, { sequence: id }));
  }
  const replied: (string | undefined)[] = [];
  const pongs: unknown[] = [];
  while (replied.length + pongs.length < 2 * ids.length) {
    const { type, payload } = await wire.readMessage(true);
    if (type === 0x42) pongs.push(payload);
    else replied.push(idOf(payload));
  }
  assertEquals(replied.toSorted(), ids.toSorted());
  assertEquals(pongs, ids.map((sequence) => ({ sequence })));
});

const MIB = 1024 * 1024;

Deno.test.each(
  [
    { version: 1, limit: 10 * MIB },
    { version: 2, limit: 16 * MIB },
  ] as const,
)("agent gives v$version bodies back, but never in a frame that the proxy cannot read", async (row) => {
  using dir = new TempDir();
  await using agent = await start(dir);
  using client = await connect(row.version, agent.socket);
  for (const data of ["", "AAAA", "AAAA".repeat(MIB)]) {
    const reply = await client.responseBody(data);
    assertEquals(reply.decision, "allow");
    assert(JSON.stringify(reply.response_body_mutation) === JSON.stringify({ data, chunk_index: 0 }));
  }
  // The event fits into a frame, the reply would not.
  const { response_body_mutation } = await client.responseBody("AAAA".repeat((row.limit - 200) / 4));
  assertEquals(response_body_mutation, null);
  assertEquals((await client.request({ uri: "/" })).decision, "allow");
});
