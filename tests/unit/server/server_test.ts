import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { ALLOW, FrameBuffer } from "../../../src/protocol/mod.ts";
import { type Decide, openSharedSocket, openSocket, Server } from "../../../src/server/mod.ts";
import { sleep } from "../../../src/sleep.ts";
import { HeldDecider, sessionOptions } from "./deciders.ts";
import { settle } from "./fake_socket.ts";
import { frameOf, handshakeFrame, readReplies, type SeenReply, v1Request, v2Request } from "./proxy.ts";

const GRACE_MS = 60_000;

/** A proxy's end of a real socket. */
class Proxy {
  readonly #socket: Deno.UnixConn;
  readonly #input = new FrameBuffer();
  readonly #version: 1 | 2;

  constructor(socket: Deno.UnixConn, version: 1 | 2) {
    this.#socket = socket;
    this.#version = version;
  }

  async send(...frames: readonly Uint8Array[]): Promise<void> {
    for (const frame of frames) {
      for (let rest = frame; rest.length > 0;) rest = rest.subarray(await this.#socket.write(rest));
    }
  }

  /** The next reply; undefined once the agent has closed. */
  async receive(): Promise<SeenReply | undefined> {
    for (;;) {
      const body = this.#input.next();
      if (body !== undefined) return readReplies(this.#version, frameOf(body))[0];
      const count = await this.#socket.read(this.#input.writable());
      if (count === null) return undefined;
      this.#input.advance(count);
    }
  }

  close(): void {
    this.#socket.close();
  }
}

interface Running {
  readonly path: string;
  readonly server: Server;
  readonly errors: unknown[];
  readonly running: Promise<void>;
  readonly connect: (version: 1 | 2) => Promise<Proxy>;
  readonly stopAccepting: () => void;
}

async function withServer(decide: Decide, body: (running: Running) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "agent-" });
  const path = join(folder, "agent.sock");
  const socket = await openSocket(path, 0o660);
  const errors: unknown[] = [];
  const server = new Server({
    session: { ...sessionOptions(decide).options, observer: { connectionClosed: (error) => errors.push(error) } },
    listener: socket.listener,
  });
  const proxies: Proxy[] = [];
  let stopped = false;
  const stopAccepting = () => {
    stopped = true;
    socket.close();
  };
  const running = server.run();
  try {
    await body({
      path,
      server,
      errors,
      running,
      stopAccepting,
      connect: async (version) => {
        const proxy = new Proxy(await Deno.connect({ transport: "unix", path }), version);
        proxies.push(proxy);
        return proxy;
      },
    });
  } finally {
    for (const proxy of proxies) proxy.close();
    if (!stopped) await server.drain(0, stopAccepting);
    await running;
    await Deno.remove(folder, { recursive: true });
  }
}

/** Waits until `condition` holds; the test runner's own limit ends a wait in vain. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await settle();
}

Deno.test("Server.run() serves both protocols on one socket, several connections at a time", async () => {
  await withServer(() => ALLOW, async ({ connect, server }) => {
    const first = await connect(2);
    const second = await connect(1);
    const third = await connect(2);
    for (const proxy of [first, third]) {
      await proxy.send(handshakeFrame());
      assertEquals((await proxy.receive())?.type, 2);
    }
    assertEquals(server.connections, 3);
    for (const id of ["a", "b"]) {
      await Promise.all([first.send(v2Request(id)), second.send(v1Request(id)), third.send(v2Request(id))]);
      assertEquals((await first.receive())?.id, id);
      assertEquals((await second.receive())?.decision, "allow");
      assertEquals((await third.receive())?.id, id);
    }
  });
});

Deno.test("Server.run() closes a connection for what its peer did, tells of it, and serves the others on", async () => {
  await withServer(() => ALLOW, async ({ connect, server, errors }) => {
    const good = await connect(1);
    const bad = await connect(1);
    await bad.send(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
    assertEquals(await bad.receive(), undefined);
    await until(() => errors.length > 0);
    assertEquals(errors.length, 1);
    await good.send(v1Request("a"));
    assertEquals((await good.receive())?.decision, "allow");
    await until(() => server.connections === 1);
  });
});

Deno.test("Server.connections goes down when a proxy leaves, and that is no error", async () => {
  await withServer(() => ALLOW, async ({ path, connect, server, errors }) => {
    const staying = await connect(1);
    const leaving = await Deno.connect({ transport: "unix", path });
    await leaving.write(v1Request("a").subarray(0, 9));
    await until(() => server.connections === 2);
    leaving.close();
    await until(() => server.connections === 1);
    await staying.send(v1Request("a"));
    assertEquals((await staying.receive())?.decision, "allow");
    assertEquals(errors, []);
  });
});

for (const version of [1, 2] as const) {
  Deno.test(`Server.drain() answers v${version} events in flight, closes every connection, and leaves none`, async () => {
    const decider = new HeldDecider();
    await withServer(decider.decide, async ({ connect, server, stopAccepting, running }) => {
      const busy = await connect(version);
      if (version === 2) {
        await busy.send(handshakeFrame());
        await busy.receive();
      }
      await busy.send(version === 1 ? v1Request("a") : v2Request("a"));
      const idle = await connect(1);
      await until(() => decider.ids.length === 1 && server.connections === 2);
      const drained = server.drain(GRACE_MS, stopAccepting);
      assertEquals(await idle.receive(), undefined);
      decider.answer("a");
      assertEquals((await busy.receive())?.decision, "allow");
      assertEquals(await busy.receive(), undefined);
      assertEquals(await drained, 0);
      await running;
    });
  });
}

Deno.test("Server.drain() takes an event that was on its way", async () => {
  await withServer(() => ALLOW, async ({ connect, server, stopAccepting }) => {
    const proxy = await connect(1);
    await until(() => server.connections === 1);
    const drained = server.drain(GRACE_MS, stopAccepting);
    await proxy.send(v1Request("a"));
    assertEquals((await proxy.receive())?.decision, "allow");
    assertEquals(await proxy.receive(), undefined);
    assertEquals(await drained, 0);
  });
});

Deno.test("Server.drain() cuts what is in flight after the grace period, and tells how much", async () => {
  const decider = new HeldDecider();
  await withServer(decider.decide, async ({ connect, server, stopAccepting }) => {
    const proxy = await connect(1);
    await proxy.send(v1Request("a"));
    await until(() => decider.ids.length === 1);
    assertEquals(await server.drain(0, stopAccepting), 1);
    assertEquals(decider.asked[0]?.arrival.signal.aborted, true);
    decider.answer("a");
    assertEquals(await proxy.receive(), undefined);
    await until(() => server.connections === 0);
  });
});

Deno.test("Server.drain() ends the accepting, and nobody can connect any more", async () => {
  await withServer(() => ALLOW, async ({ path, server, stopAccepting, running }) => {
    assertEquals(await server.drain(0, stopAccepting), 0);
    await running;
    let refused = false;
    try {
      (await Deno.connect({ transport: "unix", path })).close();
    } catch {
      refused = true;
    }
    assert(refused);
  });
});

Deno.test("Server.run() ends after a drain though another process has taken the socket's place", async () => {
  const folder = await Deno.makeTempDir({ prefix: "agent-" });
  const path = join(folder, "agent.sock");
  const socket = await openSocket(path, 0o660);
  const server = new Server({
    session: sessionOptions(() => ALLOW).options,
    listener: socket.listener,
  });
  let ended = false;
  const running = server.run().then(() => ended = true);
  Deno.removeSync(path);
  const other = Deno.listen({ transport: "unix", path });
  await server.drain(0, () => socket.close());
  await settle();
  const endedByDrain = ended;
  try {
    socket.listener.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
  await running;
  other.close();
  await Deno.remove(folder, { recursive: true });
  assert(endedByDrain, "still accepting: the process would never end");
});

for (const listen of [openSocket, openSharedSocket]) {
  Deno.test(`Server.drain() answers all that arrived before it, accepted or not, on ${listen.name}()`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "agent-" });
    const path = join(folder, "agent.sock");
    const socket = await listen(path, 0o660);
    const decider = sessionOptions(async () => {
      // A call in a thread: what has arrived behind it waits in the socket.
      await sleep(2);
      return ALLOW;
    });
    const server = new Server({ session: decider.options, listener: socket.listener });
    const ids = Array.from({ length: 20 }, (_, index) => `${index}`);
    const proxies: Proxy[] = [];
    for (let index = 0; index < 6; index++) {
      const version = index % 2 === 0 ? 1 : 2;
      const proxy = new Proxy(await Deno.connect({ transport: "unix", path }), version);
      proxies.push(proxy);
      if (version === 1) await proxy.send(...ids.map((id) => v1Request(id)));
      else await proxy.send(handshakeFrame(), ...ids.map((id) => v2Request(id)));
    }
    const running = server.run();
    const drained = server.drain(GRACE_MS, () => socket.close());
    for (const [index, proxy] of proxies.entries()) {
      let replies = 0;
      while (await proxy.receive() !== undefined) replies++;
      assertEquals(replies, index % 2 === 0 ? ids.length : ids.length + 1);
      proxy.close();
    }
    assertEquals(await drained, 0);
    await running;
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("Server.drain() comes to an end though a proxy goes on asking", async () => {
  await withServer(() => ALLOW, async ({ connect, server, stopAccepting }) => {
    const proxy = await connect(1);
    let answered = 0;
    const asking = (async () => {
      const some = Array.from({ length: 100 }, () => v1Request("a"));
      try {
        for (;;) {
          await proxy.send(...some);
          for (let left = some.length; left > 0; left--) if (await proxy.receive() === undefined) return;
          answered += some.length;
        }
      } catch {
        // Closed while it was asking.
      }
    })();
    await until(() => answered > 100);
    assertEquals(await server.drain(GRACE_MS, stopAccepting), 0);
    await asking;
  });
});
