import { assertEquals, assertStringIncludes } from "@std/assert";
import { coloured } from "../../src/cli/terminal.ts";
import { planStart } from "../../tools/start_plan.ts";
import { Lines, ROOT, TempDir } from "./agent_process.ts";
import { buildGuest } from "../guests/build.ts";

/** The process that `deno task agent` becomes, with nothing but the grants that it gets. */
function start(words: readonly string[], dir: TempDir, env: Readonly<Record<string, string>> = {}): Deno.ChildProcess {
  const all = { WASM_TIMEOUT_MS: "4000", ...env };
  const plan = planStart(words, (name) => Object.entries(all).find(([key]) => key === name)?.[1], dir.path);
  return new Deno.Command(Deno.execPath(), {
    args: [...plan],
    cwd: dir.path,
    env: all,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

Deno.test("invoke needs nothing but its grants, and shows colours where they are forced", async () => {
  using dir = new TempDir();
  Deno.copyFileSync(`${ROOT}examples/rust/policy.wasm`, dir.at("policy.wasm"));
  dir.write("c.json", new TextEncoder().encode('{"keys":{"a":"s3cret"}}'));
  dir.write("e.jsonl", new TextEncoder().encode('{"uri":"/"}\n{"status":200}\n'));
  const audit = dir.at("audit.jsonl");
  const words = ["invoke", "policy.wasm", "--config=c.json", "--event", "e.jsonl", "--repeat=20"];
  const env = { FORCE_COLOR: "1", NO_COLOR: "", DENO_AUDIT_PERMISSIONS: audit };
  const { code, stdout, stderr } = await start(words, dir, env).output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  assertStringIncludes(new TextDecoder().decode(stdout), `${coloured("bad", "block 401")}\n`);
  const asked = Deno.readTextFileSync(audit).trimEnd().split("\n").map((line) => JSON.parse(line).permission);
  assertEquals([...new Set(asked)].filter((permission) => !["read", "env", "sys"].includes(permission)), []);
});

Deno.test("invoke --watch asks again when the module's file is replaced", async () => {
  using dir = new TempDir();
  Deno.copyFileSync(`${ROOT}examples/rust/policy.wasm`, dir.at("policy.wasm"));
  const child = start(["invoke", "policy.wasm", "--watch", "--json"], dir);
  const output = new Lines(child.stdout);
  const errors = new Lines(child.stderr);
  try {
    await output.find((line) => line.includes('"status":401'), "first answer");
    // Builds put a new file in the place of the old one.
    dir.write("new.wasm", new TextEncoder().encode("no module"));
    Deno.renameSync(dir.at("new.wasm"), dir.at("policy.wasm"));
    await output.find((line) => line.includes("MODULE_NOT_WASM"), "answer to what is no module");
    dir.write("new.wasm", await buildGuest("counts_calls"));
    Deno.renameSync(dir.at("new.wasm"), dir.at("policy.wasm"));
    await output.find((line) => line.includes('"tags":["0001"]'), "answer of the new module");
  } finally {
    child.kill("SIGTERM");
    await child.status;
    await Promise.all([output.ended(), errors.ended()]);
  }
});
