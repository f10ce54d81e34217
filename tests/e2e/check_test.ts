import { assertEquals, assertStringIncludes } from "@std/assert";
import { planStart } from "../../tools/start_plan.ts";
import { buildGuest } from "../guests/build.ts";
import { EXAMPLE_MODULE, type Outcome, ROOT, TempDir } from "./agent_process.ts";

/** Runs `check` with the grants that its launcher gives it, and no more. */
async function check(...words: readonly string[]): Promise<Outcome> {
  const args = [...planStart(["check", ...words], () => undefined, ROOT)];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("check tells of each module whether it would run, and ends with 1 if one would not", async () => {
  using dir = new TempDir();
  const traps = dir.write("traps.wasm", await buildGuest("initialize_traps"));
  const { code, stdout, stderr } = await check("--json", EXAMPLE_MODULE, traps, dir.at("none.wasm"));
  assertEquals({ code, stderr }, { code: 1, stderr: "" });
  const reports = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(reports.map(({ runs, faults }) => [runs, ...faults.map(({ code }: { code: string }) => code)]), [
    [true],
    [false, "MODULE_DOES_NOT_START"],
    [false, "MODULE_UNREADABLE"],
  ]);
});

Deno.test("check shows all of one module, and needs a grant for nothing but its file", async () => {
  const { code, stdout, stderr } = await check(EXAMPLE_MODULE);
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  assertEquals(stdout.split("\n")[0], `runs  ${EXAMPLE_MODULE}`);
  assertStringIncludes(stdout, "self-check passed");
});
