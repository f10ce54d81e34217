import { assertEquals, assertRejects } from "@std/assert";
import { AgentClient } from "../../../src/cli/client.ts";
import { encodeFrame } from "../../../src/protocol/mod.ts";
import { TempDir } from "../../e2e/agent_process.ts";

/** Bytes that a peer sends, one piece for each that it has received; then it closes, or never does. */
interface Peer {
  readonly says: readonly Uint8Array[];
  readonly silent?: boolean;
}

const encode = (type: number, payload: unknown) =>
  encodeFrame(Uint8Array.of(type), new TextEncoder().encode(JSON.stringify(payload)));
const HELLO = encode(2, { success: true });

async function play(dir: TempDir, { says, silent = false }: Peer): Promise<AsyncDisposable> {
  const listener = Deno.listen({ transport: "unix", path: dir.at("a.sock") });
  const played = (async () => {
    using conn = await listener.accept();
    const input = new Uint8Array(64 * 1024);
    for (const piece of says) {
      if (await conn.read(input) === null) return;
      await conn.write(piece);
    }
    if (silent) { while (await conn.read(input) !== null); }
  })();
  await Promise.resolve();
  return {
    async [Symbol.asyncDispose]() {
      await played;
      listener.close();
    },
  };
}

async function ask(path: string) {
  using client = await AgentClient.connect(path, 200);
  return await client.requestHeaders({ method: "GET", uri: "/", headers: {} });
}

const BAD_PEERS: readonly (Peer & { readonly name: string; readonly received: string })[] = [
  { name: "hangs up", says: [], received: "the end of the connection" },
  { name: "never says anything", says: [], silent: true, received: "no answer within 0.2 s" },
  { name: "hangs up after the handshake", says: [HELLO], received: "the end of the connection" },
  { name: "says nothing after the handshake", says: [HELLO], silent: true, received: "no answer within 0.2 s" },
  { name: "begins a frame and stops", says: [HELLO, HELLO.subarray(0, 7)], silent: true, received: "no answer within" },
  { name: "sends a length of 4 GiB", says: [new Uint8Array(4).fill(255)], received: "4294967295" },
  { name: "sends a length of 0", says: [new Uint8Array(5)], received: "frame" },
  { name: "sends no JSON", says: [encodeFrame(Uint8Array.of(2), Uint8Array.of(1, 2, 3))], received: "not JSON" },
  { name: "speaks of something else", says: [encode(0x42, {})], received: "a message of type 66 instead of 2" },
  { name: "refuses", says: [encode(2, { success: false, error: "no" })], received: "a refusal" },
  { name: "answers with a list", says: [HELLO, encode(0x20, [])], received: "no object" },
  { name: "decides nothing", says: [HELLO, encode(0x20, { decision: {} })], received: "without a decision" },
];

for (const { name, received, ...peer } of BAD_PEERS) {
  Deno.test(`AgentClient does not take a peer that ${name} for an agent`, async () => {
    using dir = new TempDir();
    await using _ = await play(dir, peer);
    await assertRejects(() => ask(dir.at("a.sock")), Error, received);
  });
}

Deno.test("AgentClient.requestHeaders() tells all that was decided", async () => {
  using dir = new TempDir();
  await using _ = await play(dir, {
    says: [
      HELLO,
      encode(0x20, {
        decision: { block: { status: 403, body: "No\n", headers: null } },
        request_headers: [{ set: { name: "a", value: "1" } }, { remove: { name: "b" } }],
        response_headers: [{ add: { name: "c", value: "" } }],
        routing_metadata: { r: "1" },
        audit: { tags: ["x", "y"], rule_ids: ["z"], confidence: 0.5, custom: { k: 1, correlation_id: "try-1" } },
      }),
    ],
  });
  assertEquals(await ask(dir.at("a.sock")), {
    verdict: { kind: "block", status: 403, body: "No\n", headers: undefined },
    requestHeaders: [{ op: "set", name: "a", value: "1" }, { op: "remove", name: "b" }],
    responseHeaders: [{ op: "add", name: "c", value: "" }],
    tags: ["x", "y"],
    audit: { ruleIds: ["z"], reasonCodes: [], confidence: 0.5, custom: { k: 1 } },
    routingMetadata: { r: "1" },
  });
});
