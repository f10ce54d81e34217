import { assertEquals } from "@std/assert";
import { FrameBuffer } from "../../../src/protocol/mod.ts";
import { Relay } from "../../../src/server/relay.ts";
import { openSocket, Successor } from "../../../src/server/mod.ts";
import { TempDir } from "../../e2e/agent_process.ts";
import { FakeSocket, settle } from "./fake_socket.ts";
import { cancelFrame, frameOf, handshakeFrame, v1Request, v2Frame, v2Request } from "./proxy.ts";

const HANDSHAKE_RESPONSE = 0x02, RESPONSE = 0x20;

/** An agent at the end of a relay: what it is sent is looked at, what it answers is said by the test. */
class Agent implements Disposable {
  readonly #input = new FrameBuffer();
  readonly #conn: Deno.UnixConn;

  constructor(conn: Deno.UnixConn) {
    this.#conn = conn;
  }

  /** The next frame, with its length; undefined at the end. */
  async receive(): Promise<Uint8Array | undefined> {
    for (;;) {
      const body = this.#input.next();
      if (body !== undefined) return frameOf(body);
      const count = await this.#conn.read(this.#input.writable());
      if (count === null) return undefined;
      this.#input.advance(count);
    }
  }

  async answer(frame: Uint8Array): Promise<void> {
    await this.#conn.write(frame);
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }
}

/** A relay between a peer and whoever has a path. */
async function relayed(
  body: (relayed: {
    readonly peer: FakeSocket;
    /** The next agent that the relay connects to. */
    readonly accept: () => Promise<Agent>;
    /** Another agent takes the path. */
    readonly takeOver: () => Promise<void>;
    readonly running: Promise<void>;
    readonly relay: Relay;
  }) => Promise<void>,
  hello?: Uint8Array,
): Promise<void> {
  using dir = new TempDir();
  const path = dir.at("a.sock");
  let file = await openSocket(path, 0o600, true);
  const files = [file];
  using successor = new Successor(path);
  const peer = new FakeSocket();
  const relay = new Relay(peer, successor, hello?.subarray(4), () => {});
  const running = relay.run(new FrameBuffer());
  await body({
    peer,
    relay,
    running,
    accept: async () => new Agent(await file.listener.accept()),
    takeOver: async () => {
      const changed = Promise.withResolvers<void>();
      const forget = successor.onChange(changed.resolve);
      file = await openSocket(path, 0o600, true);
      files.push(file);
      await changed.promise;
      forget();
    },
  });
  await peer.hangUp();
  await running;
  for (const each of files) {
    each.close();
    each.listener.close();
  }
}

const REPLY = frameOf(Uint8Array.of(123, 125));
const V2_REPLY = v2Frame(RESPONSE, {});

Deno.test("Relay passes frames of v1 and their answers as they are", async () => {
  await relayed(async ({ peer, accept, relay }) => {
    peer.push(v1Request("a"));
    using agent = await accept();
    assertEquals(await agent.receive(), v1Request("a"));
    assertEquals(relay.busy, true);
    await agent.answer(REPLY);
    while (relay.busy) await settle();
    assertEquals(peer.written, REPLY);
  });
});

Deno.test("Relay goes on with the next agent in v1 only once all is answered by the one before", async () => {
  await relayed(async ({ peer, accept, takeOver }) => {
    peer.push(v1Request("a"));
    using first = await accept();
    await first.receive();
    await takeOver();
    peer.push(v1Request("b"));
    await first.answer(REPLY);
    using second = await accept();
    assertEquals(await second.receive(), v1Request("b"));
    assertEquals(await first.receive(), undefined);
    await second.answer(REPLY);
  });
});

Deno.test("Relay shakes hands again with each agent, and the peer hears nothing of it", async () => {
  await relayed(async ({ peer, accept, takeOver, relay }) => {
    peer.push(v2Request("a"));
    using first = await accept();
    assertEquals(await first.receive(), handshakeFrame());
    await first.answer(v2Frame(HANDSHAKE_RESPONSE, {}));
    assertEquals(await first.receive(), v2Request("a"));
    await takeOver();
    peer.push(v2Request("b"));
    using second = await accept();
    assertEquals(await second.receive(), handshakeFrame());
    await second.answer(v2Frame(HANDSHAKE_RESPONSE, {}));
    assertEquals(await second.receive(), v2Request("b"));
    // Each is answered by the agent that was asked.
    await second.answer(V2_REPLY);
    await first.answer(V2_REPLY);
    assertEquals(await first.receive(), undefined);
    while (relay.busy) await settle();
    assertEquals(peer.written.length, 2 * V2_REPLY.length);
  }, handshakeFrame());
});

Deno.test("Relay passes the first handshake of a peer, and its answer", async () => {
  await relayed(async ({ peer, accept }) => {
    peer.push(handshakeFrame());
    using agent = await accept();
    assertEquals(await agent.receive(), handshakeFrame());
    const response = v2Frame(HANDSHAKE_RESPONSE, {});
    await agent.answer(response);
    while (peer.written.length === 0) await settle();
    assertEquals(peer.written, response);
    peer.push(cancelFrame("a"));
    assertEquals(await agent.receive(), cancelFrame("a"));
  });
});

Deno.test("Relay leaves an agent that has given the path up though the peer says nothing", async () => {
  await relayed(async ({ peer, accept, takeOver }) => {
    peer.push(v1Request("a"));
    using agent = await accept();
    await agent.receive();
    await agent.answer(REPLY);
    while (peer.written.length === 0) await settle();
    await takeOver();
    assertEquals(await agent.receive(), undefined);
  });
});

Deno.test("Relay closes the peer's connection when the agent ends with something unanswered", async () => {
  await relayed(async ({ peer, accept, running }) => {
    peer.push(v1Request("a"));
    const agent = await accept();
    await agent.receive();
    agent[Symbol.dispose]();
    await running;
    assertEquals(peer.closed, true);
  });
});
