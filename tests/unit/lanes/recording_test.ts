import { assertEquals } from "@std/assert";
import { Recording } from "../../../src/lanes/recording.ts";
import { createLog } from "../../../src/ops/mod.ts";
import { TempDir } from "../../e2e/agent_process.ts";

Deno.test("Recording writes lines in their order, and tells the log of what it could not write", async () => {
  using dir = new TempDir();
  const told: unknown[] = [];
  const log = createLog(
    (level, message, fields) => told.push([level, message, fields]),
    false,
    () => Promise.resolve(),
  );
  const path = dir.at("r.jsonl");
  const recording = await Recording.open({ path, maxBytes: 1024 * 1024, headers: [], parameters: [] }, log);
  for (let line = 0; line < 100; line++) recording.write(`${line}\n`);
  recording.leftOut(2);
  // More than may wait.
  const long = "x".repeat(1024 * 1024 - 1) + "\n";
  for (let line = 0; line < 5; line++) recording.write(long);
  await recording[Symbol.asyncDispose]();
  assertEquals(told, [["warning", "events not recorded", { count: 4 }]]);
  assertEquals(Deno.readTextFileSync(path).length, long.length);
});
