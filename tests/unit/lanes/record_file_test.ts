import { assertEquals, assertRejects } from "@std/assert";
import { ConfigError } from "../../../src/errors.ts";
import { RecordFile } from "../../../src/lanes/record_file.ts";
import { TempDir } from "../../e2e/agent_process.ts";

const encoder = new TextEncoder();

async function writeAll(file: RecordFile, text: string): Promise<void> {
  for (let rest = encoder.encode(text); rest.length > 0;) rest = rest.subarray(await file.write(rest));
}

function read(path: string): string {
  return Deno.readTextFileSync(path);
}

const modeOf = (path: string) => (Deno.statSync(path).mode ?? 0) & 0o777;

Deno.test("RecordFile appends, and lets nobody else read", async () => {
  using dir = new TempDir();
  const path = dir.write("r", "0\n");
  Deno.chmodSync(path, 0o644);
  const file = await RecordFile.open(path, dir.at("r.1"), 100);
  await writeAll(file, "1\n2\n");
  file.close();
  assertEquals([read(path), modeOf(path)], ["0\n1\n2\n", 0o600]);
  const other = await RecordFile.open(dir.at("new"), dir.at("new.1"), 100);
  other.close();
  assertEquals(modeOf(dir.at("new")), 0o600);
});

Deno.test("RecordFile ends a line that a process has left in its midst", async () => {
  using dir = new TempDir();
  const path = dir.write("r", '{"a":1}\n{"b"');
  const file = await RecordFile.open(path, dir.at("r.1"), 100);
  await writeAll(file, '{"c":1}\n');
  file.close();
  assertEquals(read(path), '{"a":1}\n{"b"\n{"c":1}\n');
});

for (const count of [1, 2, 3, 9]) {
  Deno.test(`RecordFile keeps whole lines and no more than its share in each file, written ${count} lines at a time`, async () => {
    using dir = new TempDir();
    const [path, older] = [dir.at("r"), dir.at("r.1")];
    const file = await RecordFile.open(path, older, 30);
    const lines = Array.from({ length: 9 }, (_, index) => `line${index}\n`);
    for (let start = 0; start < lines.length; start += count) {
      await writeAll(file, lines.slice(start, start + count).join(""));
    }
    file.close();
    // Three lines would be 18 bytes, and half of 30 are allowed.
    assertEquals([read(older), read(path)], ["line6\nline7\n", "line8\n"]);
  });
}

Deno.test("RecordFile takes as many bytes as half of what is allowed, and not one more", async () => {
  using dir = new TempDir();
  const [path, older] = [dir.at("r"), dir.at("r.1")];
  const file = await RecordFile.open(path, older, 8);
  await writeAll(file, "1\n2\n");
  assertEquals(read(path), "1\n2\n");
  await writeAll(file, "3\n");
  file.close();
  assertEquals([read(older), read(path)], ["1\n2\n", "3\n"]);
});

for (
  const [what, take] of [["removed", Deno.removeSync], [
    "renamed",
    (path: string) => Deno.renameSync(path, `${path}.old`),
  ]] as const
) {
  Deno.test(`RecordFile begins a new file where somebody has ${what} it`, async () => {
    using dir = new TempDir();
    const path = dir.at("r");
    const file = await RecordFile.open(path, dir.at("r.1"), 100, Deno.open, 0);
    await writeAll(file, "1\n");
    take(path);
    await writeAll(file, "2\n");
    file.close();
    assertEquals([read(path), modeOf(path)], ["2\n", 0o600]);
  });
}

Deno.test("RecordFile goes on with the new file where another agent has put one", async () => {
  using dir = new TempDir();
  const [path, older] = [dir.at("r"), dir.at("r.1")];
  const [one, two] = [await RecordFile.open(path, older, 8), await RecordFile.open(path, older, 8)];
  await writeAll(one, "1\n2\n3\n");
  await writeAll(two, "4\n5\n6\n");
  for (const file of [one, two]) file.close();
  assertEquals([read(older), read(path)], ["1\n2\n4\n5\n", "3\n6\n"]);
});

Deno.test.each<{ name: string; put: (path: string) => void }>([
  { name: "a folder", put: (path) => Deno.mkdirSync(path) },
  { name: "a link", put: (path) => Deno.symlinkSync("elsewhere", path) },
])("RecordFile refuses $name", async ({ put }) => {
  using dir = new TempDir();
  put(dir.at("r"));
  const error = await assertRejects(() => RecordFile.open(dir.at("r"), dir.at("r.1"), 100), ConfigError);
  assertEquals(error.code, "OUTPUT_UNWRITABLE");
});

Deno.test("RecordFile refuses a file in a folder that is not there", async () => {
  using dir = new TempDir();
  const error = await assertRejects(() => RecordFile.open(dir.at("x/r"), dir.at("x/r.1"), 100), ConfigError);
  assertEquals(error.code, "OUTPUT_UNWRITABLE");
});

Deno.test("RecordFile leaves no half of a line on a full disk, and goes on once there is room", async () => {
  using dir = new TempDir();
  const path = dir.at("r");
  let room = 9;
  const openFile: typeof Deno.open = async (...words) => {
    const file = await Deno.open(...words);
    const write = file.write.bind(file);
    file.write = async (bytes) => {
      if (room === 0) throw new Error("No space left on device");
      const count = await write(bytes.subarray(0, room));
      room -= count;
      return count;
    };
    return file;
  };
  const file = await RecordFile.open(path, dir.at("r.1"), 1000, openFile);
  await assertRejects(() => writeAll(file, "line1\nline2\n"), Error, "No space left");
  await assertRejects(() => writeAll(file, "line3\n"), Error, "No space left");
  assertEquals(read(path), "line1\n");
  room = 100;
  await writeAll(file, "line4\n");
  file.close();
  assertEquals(read(path), "line1\nline4\n");
});
