/**
 * `deno task test:packed`: the end-to-end tests against an executable. It is packed as a release is, with the sockets of the tests
 * besides: what sockets an executable may open is settled then.
 *
 * @module
 */

/** Tests make their folders here, one after the other: 0, 1 and so on. */
const FOLDER = "/tmp/sentinel-wasm-agent-tests";
/** What a test names its folders and sockets. */
const FOLDERS = [0, 1, 2], SOCKETS = ["a.sock", "b.sock", "none/a.sock"];
const OUTPUT = "dist/packed-for-tests";
/** Those in which a running agent is told nothing but what an executable takes. */
const TESTS = ["connections", "fail_mode", "lifecycle", "restart", "signals"].map((name) =>
  `tests/e2e/${name}_test.ts`
);

async function deno(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  const { code } = await new Deno.Command("deno", { args: [...args], env }).spawn().status;
  if (code !== 0) Deno.exit(code);
}

const sockets = FOLDERS.flatMap((folder) => SOCKETS.map((name) => `--socket=${FOLDER}/${folder}/${name}`));
await deno(["task", "compile", `--output=${OUTPUT}`, ...sockets]);
await deno([
  "test",
  "--allow-all",
  "--frozen",
  "--lock=deno.lock",
  "--quiet",
  "--v8-flags=--no-wasm-lazy-compilation",
  ...TESTS,
], { AGENT_COMMAND: OUTPUT, TEST_FOLDER: FOLDER });
