import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { basename, dirname } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import { engineFlags } from "../../tools/engine_flags.ts";
import { serveGrants } from "../../tools/grants.ts";
import { buildGuest } from "../guests/build.ts";
import { Lines, ROOT, TempDir } from "../e2e/agent_process.ts";
import { lacksToolchain as lacksTools } from "../unit/examples/examples.ts";
import { type Page, readPage, readPages } from "./commands.ts";
import { exists } from "../../tools/exists.ts";

/** What a command is tried with. */
interface Trial {
  command: string;
  readonly page: Page;
  /** Stands for the folder in which a reader types, and for `/tmp`. */
  readonly dir: TempDir;
  /** The agent that the page has started last. */
  served: Served | undefined;
}

/** How commands of one kind are tried. */
interface Way {
  readonly fits: RegExp;
  /** Why it cannot be tried on this machine; undefined if it can. */
  readonly lacks?: (command: string, page: Page) => string | undefined;
  readonly attempt: (trial: Trial) => unknown;
}

/** The first that fits. A command that none fits fails the test. */
const WAYS: readonly Way[] = [
  // Runs the tests, or takes a proxy, another agent or minutes, or has a test of its own here: that it is there.
  { fits: /^deno task (?!start|try|agent)/, attempt: assertTask },
  // Run by bundle_test.ts, from a URL that is there.
  { fits: /^deno run .*https:\/\/HOST\//, attempt: assertGrantsAndFlags },
  { fits: /(^| )deno (task start|run .*\bmain\.ts)\b/, attempt: serve },
  { fits: /^deno task try\b/, attempt: ask },
  { fits: /^deno task agent\b/, attempt: runCommand },
  { fits: /^my-policy\/build$/, lacks: () => lacksTool("clang"), attempt: runToEnd },
  { fits: /^clang /, lacks: () => lacksTool("clang"), attempt: runToEnd },
  { fits: /^(CC=(\S+) )?\.\/build$/, lacks: lacksToolchain, attempt: runInExample },
  { fits: /^cargo test$/, lacks: () => lacksTool("cargo"), attempt: runInExample },
  // Changes the machine.
  { fits: /^rustup target add \S+$/, lacks: () => "changes the toolchain", attempt: () => {} },
];

const NPX = new RegExp(`^npx -y deno@${Deno.version.deno.replaceAll(".", "\\.")} `);
// A deadline that a busy machine keeps: what a page shows is the answer, not its time.
const ENV = { NO_COLOR: "1", WASM_TIMEOUT_MS: "4000", PATH: `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}` };

for (const page of readPages()) {
  if (page.commands.length === 0) continue;
  Deno.test(`every command in ${page.path} does what it is there for`, async (t) => {
    using dir = new TempDir();
    Deno.symlinkSync(`${ROOT}examples`, dir.at("examples"));
    for (const [name, text] of page.files) dir.write(name, text);
    const trial: Trial = { command: "", page, dir, served: undefined };
    try {
      for (const written of page.commands) {
        const command = written.replace(NPX, "deno ");
        const way = WAYS.find(({ fits }) => fits.test(command));
        const lacking = way?.lacks?.(command, page);
        await t.step({
          name: lacking === undefined ? written : `${written} (${lacking})`,
          ignore: lacking !== undefined,
          // The agent that a step has started serves the next ones.
          sanitizeOps: false,
          sanitizeResources: false,
          fn: async () => {
            assert(way !== undefined, `nobody knows how to try "${command}": add a way above`);
            trial.command = command;
            await way.attempt(trial);
          },
        });
      }
    } finally {
      await trial.served?.stop();
    }
  });
}

Deno.test("readPage() reads commands of fenced sh blocks, and files that are shown", () => {
  const text =
    "x\n```sh\na 1   # one\n# none\nb \\\n  2\n\n```\n- y\n\n  ```sh\n  c\n  ```\n```c\n// p.c: it\nint x;\n```\n";
  const { commands, files } = readPage("x.md", text);
  assertEquals(commands, ["a 1", "b 2", "c"]);
  assertEquals([...files], [["p.c", "// p.c: it\nint x;\n"]]);
});

function assertTask({ command }: Trial): void {
  const [, , name = ""] = command.split(" ");
  assert(Object.hasOwn(config.tasks, name), `deno.json has no task "${name}"`);
}

function assertGrantsAndFlags({ command }: Trial): void {
  assertStringIncludes(command, ` ${engineFlags()} `);
  for (const grant of serveGrants({ sockets: ["/tmp/policy.sock"], read: ["policy.wasm"] })) {
    assertStringIncludes(command, grant.startsWith("--allow-env=") ? " --allow-env " : ` ${grant} `);
  }
}

/** The command as it is run here: in a folder of its own, with the project's tasks. */
function localized({ command, dir }: Trial): string {
  return command.replaceAll("/tmp/", `${dir.path}/`)
    .replaceAll("deno task ", `deno task --config ${ROOT}deno.json `)
    .replace(/(?<= )main\.ts(?= )/, `${ROOT}main.ts`);
}

/** Lines of `invoke` that an answer over the socket does not have: figures, and what the module prints, which the log takes. */
const NOT_ANSWERED = /^(time|memory|printed) /;

/** What a page shows of an answer is what comes. */
async function ask(trial: Trial): Promise<void> {
  const decided = (text: string) => text.split("\n").filter((line) => line !== "" && !NOT_ANSWERED.test(line));
  const answer = decided(await runToEnd(trial));
  assertStringIncludes(answer.join("\n"), "block");
  const shown = trial.page.shown.filter((text) => text.startsWith("decision "));
  if (trial.command.includes("--uri") && shown.length > 0) assertEquals(shown.map(decided), [answer]);
}

/** Lines with figures that differ from run to run, or from build to build of an example. */
const FIGURES = /^(time|memory|file|sha256|functions|rewrite|compile|start) /;

/** Where a page shows what begins with the same word, what the command prints is that, but for figures. */
async function runCommand(trial: Trial): Promise<void> {
  const lasting = (text: string) => text.split("\n").filter((line) => line !== "" && !FIGURES.test(line)).join("\n");
  const firstWord = (text: string) => text.split(" ", 1)[0];
  const answer = lasting(await runToEnd(trial));
  assert(answer !== "");
  const shown = trial.page.shown.map(lasting).filter((text) => firstWord(text) === firstWord(answer));
  const isOne = shown.length === 0 || shown.includes(answer) || trial.command.includes("--repeat");
  assert(isOne, `${answer}\nis none of\n${shown.join("\n\n")}`);
}

/** What the command prints. */
async function runToEnd(trial: Trial, cwd = trial.dir.path): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", localized(trial)],
    cwd,
    env: {
      ...ENV,
      PATH: `${trial.dir.path}:${ENV.PATH}`,
      INIT_CWD: cwd,
      AGENT_SOCKET: trial.served?.socket ?? trial.dir.at("a.sock"),
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  assertEquals(code, 0, decoder.decode(stdout) + decoder.decode(stderr));
  return decoder.decode(stdout);
}

async function serve(trial: Trial): Promise<void> {
  await trial.served?.stop();
  trial.served = undefined;
  // Where no compiler has made the page's own module, another does that decides alike.
  if (!exists(trial.dir.at("policy.wasm"))) trial.dir.write("policy.wasm", await buildGuest("blocks_private"));
  trial.served = await Served.start(localized(trial), trial.dir);
}

/** In a copy of the example, for a build leaves files behind. */
async function runInExample(trial: Trial): Promise<string> {
  const copy = trial.dir.at("example");
  if (!exists(copy)) copyTracked(dirname(trial.page.path), copy);
  return await runToEnd(trial, copy);
}

function copyTracked(folder: string, copy: string): void {
  const { stdout } = new Deno.Command("git", { args: ["ls-files", "-z", folder], cwd: ROOT }).outputSync();
  for (const path of new TextDecoder().decode(stdout).split("\0").filter((path) => path !== "")) {
    const target = `${copy}${path.slice(folder.length)}`;
    Deno.mkdirSync(dirname(target), { recursive: true });
    Deno.copyFileSync(`${ROOT}${path}`, target);
  }
}

/** An agent that a page has started. */
class Served {
  readonly socket: string;
  readonly #child: Deno.ChildProcess;
  readonly #log: Lines;
  readonly #output: Lines;

  private constructor(socket: string, child: Deno.ChildProcess, log: Lines) {
    this.socket = socket;
    this.#child = child;
    this.#log = log;
    this.#output = new Lines(child.stdout);
  }

  static async start(command: string, dir: TempDir): Promise<Served> {
    // The shell becomes the command, so that it can be ended.
    const child = new Deno.Command("sh", {
      args: ["-c", command.replace(/^((?:\w+=\S+ )*)/, "$1exec ")],
      cwd: dir.path,
      env: { ...ENV, INIT_CWD: dir.path, AGENT_SOCKET: dir.at("a.sock") },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const log = new Lines(child.stderr);
    try {
      const line = await log.find((line) => line.includes('"message":"serving"'), "start of service");
      return new Served(JSON.parse(line).socket, child, log);
    } catch (error) {
      await child.stdout.cancel();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    const { code } = await this.#child.status;
    await Promise.all([this.#log.ended(), this.#output.ended()]);
    assertEquals(code, 0, this.#log.text);
  }
}

function lacksTool(name: string): string | undefined {
  const found = (ENV.PATH ?? "").split(":").some((folder) => exists(`${folder}/${name}`));
  return found ? undefined : `needs ${name}`;
}

function lacksToolchain(command: string, page: Page): string | undefined {
  const compiler = /^CC=(\S+) /.exec(command)?.[1];
  const lacking = compiler === undefined ? undefined : lacksTool(compiler);
  if (lacking !== undefined) return lacking;
  return lacksTools(basename(dirname(page.path)));
}
