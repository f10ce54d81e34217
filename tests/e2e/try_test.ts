import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { AgentProcess, EXAMPLE_MODULE, runAgent, TempDir } from "./agent_process.ts";

/** What `try` prints, the time left out. */
async function tryOut(socket: string, words: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await runAgent({
    socket,
    bare: true,
    options: ["try", "--socket", socket, ...words],
  });
  assertEquals({ code, stderr }, { code: 0, stderr: "" });
  const lines = stdout.trimEnd().split("\n");
  assertMatch(lines.at(-1) ?? "", /^time +[0-9.]+ (us|ms)$/);
  return lines.slice(0, -1);
}

Deno.test("try sends the one request that its options describe, and shows all that was decided", async () => {
  using dir = new TempDir();
  const options = ["--timeout-ms", "4000"];
  await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), module: EXAMPLE_MODULE, options });
  assertEquals(await tryOut(agent.socket, ["--uri", "/admin/users"]), [
    "decision          block 401",
    "body              Authentication required",
    "response headers  + www-authenticate: Bearer",
    "tags              unauthenticated",
  ]);
  assertEquals(
    await tryOut(agent.socket, ["--uri", "/admin", "--method=POST", "--header", "Authorization: Bearer x"]),
    [
      "decision         allow",
      "request headers  + x-wasm-agent: rust-security",
      "                 - x-debug (not there)",
      "tags             inspected, admin",
    ],
  );
  assertEquals(
    (await tryOut(agent.socket, ["--header", "user-agent: sqlmap", "--header=x: 1"])).at(-1)?.replaceAll(/ +/g, " "),
    "tags scanner",
  );
});

Deno.test.each([
  { name: "a header without a name", words: ["--header", ": x"], code: 2, says: '"--header"' },
  { name: "a header without a colon", words: ["--header", "x"], code: 2, says: '"--header"' },
  { name: "a path that is too long", words: ["--socket", `/${"a".repeat(107)}`], code: 2, says: "107" },
  { name: "an option of serving", words: ["--module", "x"], code: 2, says: "which another command has" },
  { name: "a folder", words: ["--socket", "/tmp"], code: 1, says: '"/tmp"' },
  { name: "a path that nobody may try", words: ["--socket", "/elsewhere.sock"], code: 1, says: "deno task try" },
])("try refuses $name in one line", async ({ words, code, says }) => {
  using dir = new TempDir();
  const outcome = await runAgent({ socket: "/tmp", bare: true, options: ["try", ...words] });
  assertEquals({ code: outcome.code, stdout: outcome.stdout }, { code, stdout: "" });
  assertMatch(outcome.stderr, /^sentinel-wasm-agent: Cannot [^\n]+\n(Try try --help\n)?$/);
  assertStringIncludes(outcome.stderr, says);
  assertEquals([...Deno.readDirSync(dir.path)], []);
});

Deno.test("try ends with 1 where a peer hangs up", async () => {
  using dir = new TempDir();
  const socket = dir.at("a.sock");
  const listener = Deno.listen({ transport: "unix", path: socket });
  const served = (async () => (await listener.accept()).close())();
  const { code, stdout, stderr } = await runAgent({ socket, bare: true, options: ["try", "--socket", socket] });
  await served;
  listener.close();
  assertEquals({ code, stdout }, { code: 1, stdout: "" });
  assertMatch(stderr, /^sentinel-wasm-agent: Cannot try agent as one must answer on [^\n]+\n$/);
});
