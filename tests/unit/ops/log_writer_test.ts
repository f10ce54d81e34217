import { assert, assertEquals } from "@std/assert";
import { type LineSink, LogWriter } from "../../../src/ops/log_writer.ts";
import { sleep } from "../../../src/sleep.ts";

const MAX_WAITING = 4 * 1024 * 1024;

/** A sink whose reader can stop reading. */
class Sink implements LineSink {
  readonly #decoder = new TextDecoder();
  #gate: PromiseWithResolvers<void> | undefined;
  text = "";
  /** Bytes taken by one write. */
  piece = Infinity;
  broken = false;
  /** Bytes that are still taken before writes fail. */
  room = Infinity;
  /** Writes that are refused for now. */
  refusals = 0;

  async write(bytes: Uint8Array): Promise<number> {
    await this.#gate?.promise;
    if (this.refusals > 0) {
      this.refusals--;
      throw new Deno.errors.WouldBlock("Resource temporarily unavailable (os error 11)");
    }
    if (this.broken || this.room === 0) throw new Error("broken pipe");
    const taken = bytes.subarray(0, Math.min(this.piece, this.room));
    this.room -= taken.length;
    this.text += this.#decoder.decode(taken, { stream: true });
    return taken.length;
  }

  stop(): void {
    this.#gate = Promise.withResolvers();
  }

  goOn(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }
}

/** Lets everything happen that is due. */
function settle(): Promise<void> {
  return sleep(0);
}

function setUp() {
  const sink = new Sink();
  return { sink, writer: new LogWriter(sink, (count) => `${count} dropped\n`) };
}

Deno.test("LogWriter.write() keeps the order of lines", async () => {
  const { sink, writer } = setUp();
  const lines = Array.from({ length: 1000 }, (_, index) => `line ${index}\n`);
  for (const line of lines) writer.write(line);
  await writer.flush();
  assertEquals(sink.text, lines.join(""));
});

Deno.test("LogWriter.write() writes everything to a sink that takes one byte at a time", async () => {
  const { sink, writer } = setUp();
  sink.piece = 1;
  writer.write("é😀\n");
  writer.write("b\n");
  await writer.flush();
  assertEquals(sink.text, "é😀\nb\n");
});

Deno.test("LogWriter.write() writes again after everything had been written", async () => {
  const { sink, writer } = setUp();
  for (const line of ["a\n", "b\n", "c\n"]) {
    writer.write(line);
    await writer.flush();
  }
  assertEquals(sink.text, "a\nb\nc\n");
});

Deno.test("LogWriter.flush() resolves where nothing was written", async () => {
  await setUp().writer.flush();
});

Deno.test("LogWriter.write() drops what does not fit, and says how many lines in their place", async () => {
  const { sink, writer } = setUp();
  const line = "x".repeat(1023) + "\n";
  sink.stop();
  for (let index = 0; index < MAX_WAITING / line.length; index++) writer.write(line);
  for (let index = 0; index < 7; index++) writer.write("dropped\n");
  sink.goOn();
  await writer.flush();
  assertEquals(sink.text.length, MAX_WAITING + "7 dropped\n".length);
  assert(sink.text.endsWith("\n7 dropped\n"));
  writer.write("later\n");
  await writer.flush();
  assert(sink.text.endsWith("\n7 dropped\nlater\n"), "counted twice, or stuck");
});

Deno.test("LogWriter.write() drops a single line above the bound", async () => {
  const { sink, writer } = setUp();
  writer.write("x".repeat(MAX_WAITING + 1));
  writer.write("y\n");
  await writer.flush();
  assertEquals(sink.text, "y\n1 dropped\n");
});

Deno.test("LogWriter.write() bounds what waits also while a batch is being written", async () => {
  const { sink, writer } = setUp();
  const half = "x".repeat(MAX_WAITING / 2 - 1) + "\n";
  sink.stop();
  writer.write(half);
  await settle();
  // The first is on its way; the second waits behind it.
  writer.write(half);
  sink.goOn();
  sink.stop();
  await settle();
  // One batch is out, one under way: half of the bound is taken.
  const before = sink.text.length;
  for (let index = 0; index < 4; index++) writer.write(half);
  sink.goOn();
  await writer.flush();
  assertEquals(before, half.length);
  assertEquals(sink.text.length - before, MAX_WAITING + "3 dropped\n".length);
});

Deno.test("LogWriter.write() goes on where nobody reads the log any more", async () => {
  const { sink, writer } = setUp();
  sink.broken = true;
  for (let index = 0; index < 3; index++) {
    writer.write("lost\n");
    await writer.flush();
  }
  sink.broken = false;
  writer.write("seen\n");
  await writer.flush();
  assertEquals(sink.text, "seen\n3 dropped\n");
  writer.write("later\n");
  await writer.flush();
  assertEquals(sink.text, "seen\n3 dropped\nlater\n");
});

Deno.test("LogWriter.write() waits where a write would block, and loses nothing", async () => {
  const { sink, writer } = setUp();
  sink.piece = 100;
  const lines = Array.from({ length: 100 }, (_, index) => `line ${index}\n`);
  for (const line of lines) {
    sink.refusals = 3;
    writer.write(line);
    await settle();
  }
  await writer.flush();
  assertEquals(sink.text, lines.join(""));
});

Deno.test("LogWriter.write() counts what is lost wherever a write fails, and begins anew on a line of its own", async () => {
  const lines = ["first\n", "second\n", "third\n"];
  const text = lines.join("");
  for (let room = 0; room < text.length; room++) {
    const { sink, writer } = setUp();
    sink.room = room;
    for (const line of lines) writer.write(line);
    await writer.flush();
    sink.room = Infinity;
    writer.write("seen\n");
    await writer.flush();
    const written = text.slice(0, room);
    const whole = written.split("\n").length - 1;
    const end = written === "" || written.endsWith("\n") ? "" : "\n";
    assertEquals(sink.text, `${written}${end}seen\n${lines.length - whole} dropped\n`);
  }
});

Deno.test("LogWriter.write() counts the lines that a lost note told of, too", async () => {
  const { sink, writer } = setUp();
  sink.broken = true;
  for (let round = 0; round < 5; round++) {
    for (const line of ["a\n", "b\n"]) writer.write(line);
    await writer.flush();
  }
  sink.broken = false;
  writer.write("seen\n");
  await writer.flush();
  assertEquals(sink.text, "seen\n10 dropped\n");
});

Deno.test("LogWriter.write() goes on after an empty line text", async () => {
  const { sink, writer } = setUp();
  writer.write("");
  writer.write("a\n");
  await writer.flush();
  assertEquals(sink.text, "a\n");
});

Deno.test("LogWriter.write() counts each line once whose write fails after one in whose midst it stopped", async () => {
  const sink = new Sink();
  let lost = 0;
  const writer = new LogWriter(sink, (count) => {
    lost += count;
    return "";
  });
  sink.room = 7;
  writer.write("line 1\nline 2\n");
  await writer.flush();
  sink.room = 3;
  writer.write("line 3\n");
  await writer.flush();
  sink.broken = true;
  for (const line of ["line 4\n", "line 5\n"]) {
    writer.write(line);
    await writer.flush();
    assertEquals(writer.untold, 1);
  }
  sink.broken = false;
  sink.room = Infinity;
  writer.write("line 6\n");
  await writer.flush();
  await settle();
  assertEquals(lost, 4);
  assertEquals(sink.text.split("\n").filter((line) => line.length > 5), ["line 1", "line 6"]);
});
