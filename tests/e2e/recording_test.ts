import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { planStart } from "../../tools/start_plan.ts";
import { AgentProcess, PACKED, ROOT, TempDir } from "./agent_process.ts";
import { connect } from "./wire.ts";

const EXAMPLE = `${ROOT}examples/rust-security/rust_security.wasm`;

async function agentCommand(words: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const plan = planStart(words, () => undefined, ROOT);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: [...plan], cwd: ROOT }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

for (const lanes of [1, 2]) {
  Deno.test(`what an agent of ${lanes} lanes records is what invoke and test replay`, async () => {
    using dir = new TempDir();
    const record = dir.at("r.jsonl");
    const options = ["--timeout-ms", "20000", "--lanes", `${lanes}`];
    const agent = await AgentProcess.start({ socket: dir.at("a.sock"), module: EXAMPLE, record, options });
    // So many connections that both lanes have some.
    const ids: string[] = [];
    for (let count = 0; count < 8; count++) {
      using client = await connect(count % 2 === 0 ? 1 : 2, agent.socket);
      const uris = ["/a?b=1&token=s3cret", "/../etc/passwd"];
      for (const [number, uri] of uris.entries()) {
        ids.push(`${count} ${number}`);
        await client.request({ uri, headers: { accept: ["a"], cookie: ["sid=s3cret", "b=2"] } }, `${count} ${number}`);
      }
      ids.push(`${count} 2`);
      await client.response(404, { "server": ["nginx"], "set-cookie": ["sid=s3cret"] }, `${count} 2`);
    }
    assertEquals(await agent.stop(), 0);
    assertEquals((Deno.statSync(record).mode ?? 0) & 0o777, 0o600);
    const text = Deno.readTextFileSync(record);
    assert(!text.includes("s3cret"), "a secret is in the recording");
    const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    const idOf = (line: typeof lines[0]): string => (line.request ?? line.response).correlation_id;
    assertEquals(lines.map(idOf).toSorted(), ids.toSorted());
    const blocked = lines.find((line) => idOf(line) === "0 1");
    assertEquals([blocked.expect.decision, blocked.expect.status], ["block", 403]);
    assertEquals(blocked.request.headers, { accept: ["a"], cookie: ["REDACTED", "REDACTED"] });
    if (PACKED || lanes > 1) return;
    const tested = await agentCommand(["test", EXAMPLE, record]);
    assertEquals([tested.code, tested.stderr], [0, ""], tested.stdout);
    assertStringIncludes(tested.stdout, `${ids.length} `);
    const invoked = await agentCommand(["invoke", EXAMPLE, "--event", record, "--json"]);
    const decisions = invoked.stdout.trimEnd().split("\n").map((line) => JSON.parse(line).decision);
    assertEquals([invoked.code, decisions], [0, lines.map((line) => line.expect.decision)], invoked.stderr);
    // The other module answers nothing of all this, so that every line tells of a difference.
    const other = await agentCommand(["test", `${ROOT}examples/rust/policy.wasm`, record]);
    assertEquals(other.code, 1);
  });
}

Deno.test("an agent goes on with a new file when half of what a recording may take is full, with its grants alone", async () => {
  using dir = new TempDir();
  const record = dir.at("r.jsonl");
  const options = ["--timeout-ms", "20000", "--record-max-mb", "1", "--lock-in"];
  const agent = await AgentProcess.start({ socket: dir.at("a.sock"), module: EXAMPLE, record, options });
  using client = await connect(2, agent.socket);
  const headers = { "x-long": ["y".repeat(50 * 1024)] };
  for (let count = 0; count < 12; count++) await client.request({ uri: "/", headers }, `id ${count}`);
  assertEquals(await agent.stop(), 0);
  assertEquals(agent.logged("events not recorded"), []);
  const files = [`${record}.1`, record].map((path) => ({ path, text: Deno.readTextFileSync(path) }));
  for (const { path, text } of files) {
    assert(text.length <= 512 * 1024 && text.endsWith("\n"), `${path} has ${text.length} bytes`);
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  }
  const lines = files.flatMap(({ text }) => text.trimEnd().split("\n").map((line) => JSON.parse(line)));
  assertEquals(lines.map(({ request }) => request.correlation_id), lines.map((_, index) => `id ${index}`));
  assertEquals(lines.length, 12);
});
