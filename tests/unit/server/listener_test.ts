import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { dirname, join } from "@std/path";
import { ListenError } from "../../../src/errors.ts";
import { openSocket, SharedListener } from "../../../src/server/mod.ts";
import { turnAwayEarly } from "../../../src/server/turn_away.ts";
import { exists } from "../../../tools/exists.ts";

const MODE_BITS = 0o777;

/** Runs `body` with a path in a new folder. */
async function withPath(body: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "agent-" });
  try {
    await body(join(folder, "agent.sock"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Leaves a socket file behind that nobody listens on, as a process that was killed does. */
function leaveStale(path: string): void {
  const listener = Deno.listen({ transport: "unix", path });
  // Closing removes the file by its name: it is away in that moment.
  Deno.renameSync(path, `${path}.kept`);
  listener.close();
  Deno.renameSync(`${path}.kept`, path);
}

/** True if somebody accepts on `path`. */
async function answers(path: string, listener: Deno.UnixListener): Promise<boolean> {
  const accepted = listener.accept();
  (await Deno.connect({ transport: "unix", path })).close();
  (await accepted).close();
  return true;
}

for (const mode of [0o660, 0o600, 0o666, 0o777]) {
  Deno.test(`openSocket() makes a socket of mode ${mode.toString(8)}, and leaves the umask as it was`, async () => {
    await withPath(async (path) => {
      const umask = Deno.umask();
      const socket = await openSocket(path, mode);
      const info = Deno.lstatSync(path);
      assertEquals([info.isSocket, (info.mode ?? 0) & MODE_BITS, Deno.umask()], [true, mode, umask]);
      assert(await answers(path, socket.listener));
      socket.close();
      assert(!exists(path));
    });
  });
}

Deno.test({
  name: "openSocket() needs no grant but read, write and net",
  permissions: { read: true, write: true, net: true, sys: false, env: false, run: false, ffi: false },
  fn: () =>
    withPath(async (path) => {
      const socket = await openSocket(path, 0o660);
      const { mode } = Deno.lstatSync(path);
      socket.close();
      assertEquals((mode ?? 0) & MODE_BITS, 0o660);
    }),
});

Deno.test("openSocket() refuses where another listens, and leaves that one alone", async () => {
  await withPath(async (path) => {
    const first = await openSocket(path, 0o660);
    const accepted = first.listener.accept();
    const error = await assertRejects(() => openSocket(path, 0o660), ListenError, `"${path}"`);
    assertEquals(error.code, "LISTEN_IN_USE");
    (await accepted).close();
    assert(await answers(path, first.listener));
    first.close();
  });
});

Deno.test("openSocket() takes the place of a stale socket", async () => {
  await withPath(async (path) => {
    leaveStale(path);
    await assertRejects(() => Deno.connect({ transport: "unix", path }), Deno.errors.ConnectionRefused);
    const socket = await openSocket(path, 0o660);
    assert(await answers(path, socket.listener));
    socket.close();
  });
});

Deno.test("openSocket() refuses a regular file, and leaves it alone", async () => {
  await withPath(async (path) => {
    Deno.writeTextFileSync(path, "precious");
    const error = await assertRejects(() => openSocket(path, 0o660), ListenError, `"${path}"`);
    assertEquals(error.code, "LISTEN_NOT_A_SOCKET");
    assertEquals(Deno.readTextFileSync(path), "precious");
  });
});

Deno.test("openSocket() refuses a folder, and leaves it alone", async () => {
  await withPath(async (path) => {
    Deno.mkdirSync(path);
    const error = await assertRejects(() => openSocket(path, 0o660), ListenError);
    assertEquals(error.code, "LISTEN_NOT_A_SOCKET");
    assert(Deno.lstatSync(path).isDirectory);
  });
});

Deno.test("openSocket() refuses a symbolic link, though it points to a stale socket", async () => {
  await withPath(async (path) => {
    leaveStale(`${path}.real`);
    Deno.symlinkSync(`${path}.real`, path);
    const error = await assertRejects(() => openSocket(path, 0o660), ListenError);
    assertEquals(error.code, "LISTEN_NOT_A_SOCKET");
    assert(Deno.lstatSync(path).isSymlink);
    assert(exists(`${path}.real`));
  });
});

Deno.test("openSocket() says that the folder must exist", async () => {
  await withPath(async (path) => {
    const error = await assertRejects(() => openSocket(join(path, "no", "agent.sock"), 0o660), ListenError);
    assertEquals(error.code, "LISTEN_FAILED");
    assertStringIncludes(error.message, "its folder must exist");
  });
});

/** Closes a listener, unless it is closed already: none may outlive its test. */
function closeListener(listener: Deno.UnixListener): void {
  try {
    listener.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

Deno.test("SocketFile.close() removes its file, and nobody can connect any more", async () => {
  await withPath(async (path) => {
    const socket = await openSocket(path, 0o660);
    socket.close();
    assert(!exists(path));
    await assertRejects(() => Deno.connect({ transport: "unix", path }), Deno.errors.NotFound);
  });
});

Deno.test("SocketFile.close() leaves the file of another process that has taken the place", async () => {
  await withPath(async (path) => {
    const old = await openSocket(path, 0o660);
    Deno.removeSync(path);
    const young = await openSocket(path, 0o660);
    old.close();
    const kept = exists(path) && await answers(path, young.listener);
    closeListener(young.listener);
    closeListener(old.listener);
    assert(kept);
  });
});

Deno.test("SocketFile.close() leaves a regular file that has taken the place", async () => {
  await withPath(async (path) => {
    const socket = await openSocket(path, 0o660);
    Deno.removeSync(path);
    Deno.writeTextFileSync(path, "precious");
    socket.close();
    const text = Deno.readTextFileSync(path);
    closeListener(socket.listener);
    assertEquals(text, "precious");
  });
});

Deno.test("SocketFile.close() does no harm where the file is gone", async () => {
  await withPath(async (path) => {
    const socket = await openSocket(path, 0o660);
    Deno.removeSync(path);
    socket.close();
    assert(!exists(path));
    closeListener(socket.listener);
  });
});

for (const stale of [false, true]) {
  Deno.test(`openSocket() lets one of ten starts have ${stale ? "a stale" : "a free"} path, and tells the others who has it`, async () => {
    await withPath(async (path) => {
      if (stale) leaveStale(path);
      const starts = await Promise.allSettled(Array.from({ length: 10 }, () => openSocket(path, 0o660)));
      const opened = starts.flatMap((start) => start.status === "fulfilled" ? [start.value] : []);
      const refused = starts.flatMap((start) => start.status === "rejected" ? [start.reason] : []);
      assertEquals([opened.length, refused.map(({ code }) => code)], [1, refused.map(() => "LISTEN_IN_USE")]);
      for (const { message } of refused) assertStringIncludes(message, `received an answer from process ${Deno.pid}`);
      assert(!exists(`${path}.lock`));
      opened[0]?.close();
    });
  });
}

Deno.test("openSocket() says so where a stale file may not be removed", async () => {
  await withPath(async (path) => {
    leaveStale(path);
    const remove = Deno.removeSync;
    Deno.removeSync = () => {
      throw new Deno.errors.PermissionDenied("Operation not permitted (os error 1)");
    };
    try {
      const error = await assertRejects(() => openSocket(path, 0o660), ListenError, "Operation not permitted");
      assertEquals(error.code, "LISTEN_FAILED");
    } finally {
      Deno.removeSync = remove;
    }
  });
});

/** Connects so many times, or until nobody else would be let in. */
async function crowd(path: string, most: number): Promise<readonly Deno.UnixConn[]> {
  const all: Deno.UnixConn[] = [];
  while (all.length < most) {
    try {
      all.push(await Deno.connect({ transport: "unix", path }));
    } catch (error) {
      if (error instanceof Deno.errors.WouldBlock) break;
      throw error;
    }
  }
  return all;
}

const LISTENERS = [
  { name: "Deno's listener", listen: (path: string) => Promise.resolve(Deno.listen({ transport: "unix", path })) },
  { name: "a shared listener", listen: (path: string) => SharedListener.open(path) },
];

for (const { name, listen } of LISTENERS) {
  for (const { most, amount } of [{ most: 0, amount: "nobody" }, { most: 3, amount: "three" }]) {
    Deno.test(`turnAwayEarly() ends ${amount} that came early to ${name}, and none that comes later`, async () => {
      await withPath(async (path) => {
        const listener = await listen(path);
        const early = await crowd(path, most);
        assertEquals(early.length, most);
        await turnAwayEarly(path, listener);
        const accepted = listener.accept();
        const late = await Deno.connect({ transport: "unix", path });
        await late.write(Uint8Array.of(7));
        const kept = await accepted;
        const byte = new Uint8Array(1);
        assertEquals([await kept.read(byte), byte[0]], [1, 7]);
        for (const conn of early) {
          assertEquals(await conn.read(byte).catch(() => null), null);
          conn.close();
        }
        late.close();
        kept.close();
        listener.close();
      });
    });
  }
}

Deno.test("turnAwayEarly() waits for nobody else where the end of its own connection is told late", async () => {
  await withPath(async (path) => {
    const real = Deno.listen({ transport: "unix", path });
    const told: Promise<void>[] = [];
    const late = {
      accept: async () => {
        const connection = await real.accept();
        const close = async () => {
          await new Promise((resolve) => setTimeout(resolve, 50));
          connection.close();
        };
        return { ...connection, close: () => void told.push(close()) };
      },
    };
    await turnAwayEarly(path, late);
    await Promise.all(told);
    assert(await answers(path, real));
    real.close();
  });
});

Deno.test("turnAwayEarly() ends as many as the system lets wait", async () => {
  await withPath(async (path) => {
    const listener = Deno.listen({ transport: "unix", path });
    const early = await crowd(path, 200);
    await turnAwayEarly(path, listener);
    for (const conn of early) {
      assertEquals(await conn.read(new Uint8Array(1)).catch(() => null), null);
      conn.close();
    }
    assert(await answers(path, listener));
    listener.close();
  });
});

Deno.test("openSocket() that takes over has the path at once, and loses nothing that came before", async () => {
  await withPath(async (path) => {
    const old = await openSocket(path, 0o660, true);
    const before = await Deno.connect({ transport: "unix", path });
    const next = await openSocket(path, 0o600, true);
    assertEquals((Deno.lstatSync(path).mode ?? 0) & MODE_BITS, 0o600);
    assert(await answers(path, next.listener));
    // Accepted by whom it had reached.
    (await old.listener.accept()).close();
    before.close();
    await old.taken;
    old.close();
    assert(await answers(path, next.listener), "closing the old one has taken the path from the next");
    next.close();
    assertEquals([...Deno.readDirSync(dirname(path))], []);
    old.listener.close();
    next.listener.close();
  });
});

Deno.test("openSocket() that takes over gives nothing up to a path that is merely gone", async () => {
  await withPath(async (path) => {
    const socket = await openSocket(path, 0o660, true);
    Deno.removeSync(path);
    const looked = new Promise((resolve) => setTimeout(resolve, 300, "still its own"));
    assertEquals(await Promise.race([socket.taken, looked]), "still its own");
    socket.close();
    socket.listener.close();
  });
});

Deno.test("openSocket() that takes over removes what a start that was killed has left beside the path", async () => {
  await withPath(async (path) => {
    leaveStale(`${path}.next`);
    const socket = await openSocket(path, 0o660, true);
    assert(await answers(path, socket.listener));
    socket.close();
    assertEquals([...Deno.readDirSync(dirname(path))], []);
    socket.listener.close();
  });
});

for (const suffix of ["", ".next"]) {
  Deno.test(`openSocket() that takes over leaves another kind of file alone at the path${suffix}`, async () => {
    await withPath(async (path) => {
      Deno.writeTextFileSync(`${path}${suffix}`, "precious");
      const error = await assertRejects(() => openSocket(path, 0o660, true), ListenError, `"${path}${suffix}"`);
      assertEquals(error.code, "LISTEN_NOT_A_SOCKET");
      assertEquals(Deno.readTextFileSync(`${path}${suffix}`), "precious");
      assertEquals([...Deno.readDirSync(dirname(path))].length, 1);
    });
  });
}

Deno.test({
  name: "openSocket() that takes over names the grants that it misses",
  permissions: { read: true, write: true, net: [], env: true },
  fn: () =>
    withPath(async (path) => {
      const error = await assertRejects(() => openSocket(path, 0o660, true), ListenError);
      assertEquals(error.code, "LISTEN_FAILED");
      const files = `${path},${path}.lock,${path}.next`;
      assertStringIncludes(
        error.message,
        `(grant --allow-read=${files} --allow-write=${files} --allow-net=unix:${path}.next)`,
      );
    }),
});
