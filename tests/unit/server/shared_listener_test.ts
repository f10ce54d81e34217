import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Socket } from "../../../src/server/connection.ts";
import { openSharedSocket } from "../../../src/server/listener.ts";
import type { SharedListener } from "../../../src/server/shared_listener.ts";
import { sleep } from "../../../src/sleep.ts";
import { TempDir } from "../../e2e/agent_process.ts";

/** A connection's two ends. */
async function connect(listener: SharedListener, path: string): Promise<{ peer: Deno.UnixConn; socket: Socket }> {
  const [peer, socket] = await Promise.all([Deno.connect({ transport: "unix", path }), listener.accept()]);
  return { peer, socket };
}

async function readAll(socket: Socket, room = 1024): Promise<number[]> {
  const bytes: number[] = [];
  const target = new Uint8Array(room);
  for (let count = await socket.read(target); count !== null; count = await socket.read(target)) {
    bytes.push(...target.subarray(0, count));
  }
  return bytes;
}

const PIECES = [[1, 2, 3], [4], [5, 6, 7, 8, 9]].map((piece) => Uint8Array.from(piece));

for (const room of [1, 2, 4, 1024]) {
  Deno.test(`SharedListener's socket reads all that was sent, then the end, into room of ${room}`, async () => {
    using dir = new TempDir();
    const { listener, close } = await openSharedSocket(dir.at("s"), 0o660);
    const { peer, socket } = await connect(listener, dir.at("s"));
    for (const piece of PIECES) await peer.write(piece);
    await peer.closeWrite();
    assertEquals(await readAll(socket, room), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // A peer that has said all may still listen.
    assertEquals(await socket.write(Uint8Array.of(42)), 1);
    const answer = new Uint8Array(8);
    assertEquals([await peer.read(answer), answer[0]], [1, 42]);
    socket.close();
    assertEquals(await peer.read(answer), null);
    peer.close();
    close();
  });
}

Deno.test("SharedListener's socket lets a peer wait that is not read, and loses nothing", async () => {
  using dir = new TempDir();
  const { listener, close } = await openSharedSocket(dir.at("s"), 0o660);
  const { peer, socket } = await connect(listener, dir.at("s"));
  const total = 8 * 1024 * 1024;
  const sent = Uint8Array.from({ length: 64 * 1024 }, (_, index) => index * 31);
  let written = 0;
  const writing = (async () => {
    for (; written < total; written += sent.length) {
      for (let rest = sent; rest.length > 0;) rest = rest.subarray(await peer.write(rest));
    }
    await peer.closeWrite();
  })();
  const first = new Uint8Array(1);
  await socket.read(first);
  while (true) {
    const before = written;
    await sleep(20);
    if (written === before) break;
  }
  assert(written < total, "all was taken though nobody reads");
  let read = 1;
  const target = new Uint8Array(100_000);
  for (let count = await socket.read(target); count !== null; count = await socket.read(target)) {
    assertEquals(target[0], (read % sent.length) * 31 % 256);
    read += count;
  }
  await writing;
  assertEquals(read, total);
  socket.close();
  peer.close();
  close();
});

Deno.test("SharedListener's socket fails to write to a peer that is gone, and reads the end", async () => {
  using dir = new TempDir();
  const { listener, close } = await openSharedSocket(dir.at("s"), 0o660);
  const { peer, socket } = await connect(listener, dir.at("s"));
  peer.close();
  await assertRejects(async () => {
    for (;;) await socket.write(new Uint8Array(1024));
  }, Error);
  await readAll(socket).catch(() => {});
  socket.close();
  socket.close();
  close();
});
