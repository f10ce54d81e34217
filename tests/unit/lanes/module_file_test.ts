import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { readModuleFile } from "../../../src/lanes/module_file.ts";
import { ModuleError } from "../../../src/errors.ts";
import { TempDir } from "../../e2e/agent_process.ts";

Deno.test("readModuleFile() takes a file at its limit and refuses one byte more", async () => {
  using dir = new TempDir();
  const path = dir.write("m.wasm", Uint8Array.of(1, 2, 3, 4));
  assertEquals([...await readModuleFile(path, 4)], [1, 2, 3, 4]);
  assertEquals([...await readModuleFile(path)], [1, 2, 3, 4]);
  const { code, message } = await assertRejects(() => readModuleFile(path, 3), ModuleError);
  assertEquals(code, "MODULE_FILE_TOO_LARGE");
  assertStringIncludes(message, `"${path}" as its file must have at most 3 bytes: received 4`);
});

Deno.test("readModuleFile() reads an empty file, and through a link", async () => {
  using dir = new TempDir();
  Deno.symlinkSync(dir.write("m.wasm", ""), dir.at("link"));
  assertEquals((await readModuleFile(dir.at("link"))).length, 0);
});

Deno.test("readModuleFile() reads a file whose size is not told, and bounds it all the same", async () => {
  const path = "/proc/self/status";
  assertEquals(Deno.statSync(path).size, 0);
  assert((await readModuleFile(path)).length > 100);
  const { message } = await assertRejects(() => readModuleFile(path, 100), ModuleError);
  assertStringIncludes(message, "received more");
});

interface Refused {
  readonly name: string;
  readonly make: (dir: TempDir) => string;
  readonly says: string;
}

const REFUSED: readonly Refused[] = [
  { name: "a device without an end", make: () => "/dev/zero", says: "received a device" },
  { name: "a folder", make: (dir) => dir.path, says: "received a directory" },
  {
    name: "a pipe that nobody writes to",
    make: (dir) => {
      new Deno.Command("mkfifo", { args: [dir.at("pipe")] }).outputSync();
      return dir.at("pipe");
    },
    says: "received a pipe",
  },
  {
    name: "a socket",
    make: (dir) => {
      // Deno would remove it again when it closes it.
      new Deno.Command("python3", {
        args: ["-c", "import socket,sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])", dir.at("s")],
      }).outputSync();
      return dir.at("s");
    },
    says: "received a socket",
  },
  { name: "what is not there", make: (dir) => dir.at("none"), says: "No such file" },
  { name: "a path with a line break", make: (dir) => dir.at("a\nb"), says: "a\\u{a}b" },
];

for (const { name, make, says } of REFUSED) {
  Deno.test(`readModuleFile() refuses ${name}, naming it`, async () => {
    using dir = new TempDir();
    const path = make(dir);
    const { code, message } = await assertRejects(() => readModuleFile(path), ModuleError);
    assertEquals(code, "MODULE_UNREADABLE");
    assertStringIncludes(message, says);
    assertStringIncludes(
      message,
      `Cannot read module "${path.replace("\n", "\\u{a}")}" as it must be a readable regular file`,
    );
  });
}
