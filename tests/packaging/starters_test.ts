import { assertEquals, assertStringIncludes } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { LANGUAGES } from "../../src/cli/starters/starters.ts";
import { ROOT, TempDir } from "../e2e/agent_process.ts";
import { lacksToolchain } from "../unit/examples/examples.ts";
import { readPage } from "./commands.ts";

/** What `new` tells somebody to type. */
const STEPS = "cd my-policy && ./build && sentinel-wasm-agent test policy.wasm cases.yaml";

for (const language of Object.keys(LANGUAGES)) {
  const lacking = lacksToolchain(language);
  const name = `what new says of a module in ${language} is true to the letter`;
  Deno.test({
    name: lacking === undefined ? name : `${name} (${lacking})`,
    ignore: lacking !== undefined,
    fn: async () => {
      using dir = new TempDir();
      putProgram(dir);
      const told = await shell(`sentinel-wasm-agent new ${language} my-policy`, dir);
      const steps = [...told.matchAll(/^ {2}(\S.*?)(?: {2,}.*)?$/gm)].map(([, step]) => step);
      assertEquals(steps.join(" && "), STEPS);
      assertStringIncludes(await shell(STEPS, dir), "3 passed, 0 failed");
      const page = readPage("README.md", Deno.readTextFileSync(dir.at("my-policy/README.md")));
      const [, , ...others] = page.commands;
      assertEquals(page.commands.slice(0, 2).join(" && "), STEPS.replace("cd my-policy && ", ""));
      for (const command of others) {
        assertStringIncludes(await shell(`cd my-policy && ${command}`, dir), "block 403");
      }
    },
  });
}

/** The program as it would be installed, with the grants that each command takes. */
function putProgram(dir: TempDir): void {
  const launcher = config.tasks.agent.command.replace("deno ", `"${Deno.execPath()}" `)
    .replace("src/deno.lock", `${ROOT}src/deno.lock`).replace("tools/", `${ROOT}tools/`);
  // A task, as the tests are, says where it was called.
  dir.write("sentinel-wasm-agent", `#!/bin/sh\nunset INIT_CWD\nexec ${launcher} "$@"\n`);
  Deno.chmodSync(dir.at("sentinel-wasm-agent"), 0o755);
}

/** What a command prints. @throws {AssertionError} if it fails. */
async function shell(command: string, dir: TempDir): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", command],
    cwd: dir.path,
    env: { PATH: `${dir.path}:${Deno.env.get("PATH")}`, NO_COLOR: "1", WASM_TIMEOUT_MS: "4000" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  assertEquals(code, 0, `${command}\n${decoder.decode(stdout)}${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}
