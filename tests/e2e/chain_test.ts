import { assertEquals } from "@std/assert";
import { configuredBy } from "../../tools/start_plan.ts";
import { AgentProcess, ROOT, TempDir } from "./agent_process.ts";
import { V1Client, V2Client } from "./wire.ts";

/** Five modules in four languages, of both versions of the ABI. */
const CONFIG = `timeout-ms = 4000
log-format = "json"
reserve-threads = 0
watch = true

[[modules]]
name = "security"
path = "${ROOT}examples/rust-security/rust_security.wasm"

[[modules]]
name = "bots"
path = "${ROOT}examples/c/policy.wasm"

[[modules]]
name = "api-key"
path = "${ROOT}examples/rust/policy.wasm"
config = { keys = { team-a = "s3cret" } }
match.path-prefix = "/api/"

[[modules]]
name = "variant"
path = "${ROOT}examples/assemblyscript/policy.wasm"
config = { percent = 100, cookie = "version" }
match.header = { "x-wasm-agent" = "rust-security" }

[[modules]]
name = "redact"
path = "${ROOT}examples/zig/policy.wasm"
config = { remove = ["x-inner"] }
match.path-prefix = "/api/"
`;

const BROWSER = { "user-agent": ["Mozilla/5.0 Firefox/140.0"] };

Deno.test.each([{ name: "v1", Client: V1Client, lanes: 1 }, { name: "v2", Client: V2Client, lanes: 2 }])(
  "a chain of a configuration file decides over $name, and another file takes its place when it is written",
  async ({ Client, lanes }) => {
    using dir = new TempDir();
    const path = dir.write("agent.toml", `socket = "a.sock"\nlanes = ${lanes}\n${CONFIG}`);
    const options = ["--config", path];
    const configured = await configuredBy(options, () => undefined);
    await using agent = await AgentProcess.start({ socket: dir.at("a.sock"), bare: true, configured, options });
    using client = await Client.connect(agent.socket);
    const ask = (uri: string, headers: Readonly<Record<string, string[]>> = {}, id?: string) =>
      client.request({ uri, headers: { ...BROWSER, ...headers } }, id);

    // What the first sets is what the fourth is asked about, and sees.
    const allowed = await ask("/", {}, "other");
    assertEquals([allowed.decision, allowed.audit?.tags.includes("inspected")], ["allow", true]);
    const set = JSON.stringify(allowed.request_headers);
    assertEquals([set.includes("x-wasm-agent"), set.includes("x-variant")], [true, true]);

    // The first that does not allow decides, with the tags of those before.
    const bot = await ask("/", { "user-agent": ["GPTBot"] });
    assertEquals([bot.audit?.tags, bot.request_headers], [["inspected", "bot"], []]);
    const keyless = await ask("/api/x");
    assertEquals(keyless.audit?.tags, ["inspected", "no-api-key"]);
    const inApi = await ask("/api/x", { "x-api-key": ["s3cret"] }, "api");
    assertEquals(inApi.decision, "allow");

    // A module is passed over for a response as it was for the request.
    const removes = async (id: string) =>
      JSON.stringify((await client.response(200, { "x-inner": ["1"] }, id)).response_headers).includes("x-inner");
    assertEquals([await removes("api"), await removes("other"), await removes("unknown")], [true, false, true]);

    const changed = CONFIG.replace("s3cret", "0ther").replace("lanes = 2", "lanes = 3");
    Deno.writeTextFileSync(`${path}.new`, `socket = "a.sock"\nlanes = ${lanes}\n${changed}`);
    Deno.renameSync(`${path}.new`, path);
    assertEquals((await agent.waitForLog("reloaded")).asked_by, "files");
    assertEquals((await ask("/api/x", { "x-api-key": ["s3cret"] })).decision === "allow", false);
    assertEquals((await ask("/api/x", { "x-api-key": ["0ther"] })).decision, "allow");

    dir.write("agent.toml", "modules = 1\nlanes = 0\n");
    const refused = await agent.waitForLog("not reloaded: serving as before");
    assertEquals([refused.code, Array.isArray(refused.trace) && refused.trace.length], ["CONFIG_INVALID", 2]);
    assertEquals((await ask("/api/x", { "x-api-key": ["0ther"] })).decision, "allow");
    assertEquals(await agent.stop(), 0);
  },
);
