import { assert, assertEquals, assertRejects } from "@std/assert";
import { ListenError } from "../../../src/errors.ts";
import { startLockPath } from "../../../src/server/mod.ts";
import { StartLock } from "../../../src/server/start_lock.ts";
import { sleep } from "../../../src/sleep.ts";
import { TempDir } from "../../e2e/agent_process.ts";

function names(dir: TempDir): readonly string[] {
  return [...Deno.readDirSync(dir.path)].map(({ name }) => name);
}

Deno.test("StartLock.take() lets one in at a time, tells whom it waited for, and leaves no file", async () => {
  using dir = new TempDir();
  let inside = 0;
  let most = 0;
  const waitedFor = await Promise.all(Array.from({ length: 20 }, async () => {
    using lock = await StartLock.take(dir.at("a.sock"));
    most = Math.max(most, ++inside);
    await sleep(1);
    inside--;
    return lock.waitedFor;
  }));
  assertEquals(most, 1);
  assertEquals(waitedFor.filter((id) => id === undefined).length, 1);
  assertEquals(new Set(waitedFor), new Set([undefined, String(Deno.pid)]));
  assertEquals(names(dir), []);
});

Deno.test("StartLock.take() takes away what a killed start has left", async () => {
  using dir = new TempDir();
  dir.write("a.sock.lock", "123");
  {
    using lock = await StartLock.take(dir.at("a.sock"));
    assertEquals(lock.waitedFor, undefined);
    assertEquals(Deno.readTextFileSync(startLockPath(dir.at("a.sock"))), String(Deno.pid));
  }
  assertEquals(names(dir), []);
});

Deno.test.each<{ readonly name: string; readonly put: (path: string) => void }>([
  { name: "a folder", put: (path) => Deno.mkdirSync(path) },
  { name: "a symbolic link", put: (path) => Deno.symlinkSync("precious", path) },
])("StartLock.take() refuses $name in its place, and leaves it alone", async ({ put }) => {
  using dir = new TempDir();
  dir.write("precious", "precious");
  put(dir.at("a.sock.lock"));
  const before = Deno.lstatSync(dir.at("a.sock.lock"));
  const error = await assertRejects(() => StartLock.take(dir.at("a.sock")), ListenError, "another kind of file");
  assertEquals(error.code, "LISTEN_FAILED");
  assert(Deno.lstatSync(dir.at("a.sock.lock")).ino === before.ino);
  assertEquals(Deno.readTextFileSync(dir.at("precious")), "precious");
});
