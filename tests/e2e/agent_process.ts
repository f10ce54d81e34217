/**
 * The agent as a process of its own, with the very flags of `deno task start` but for socket and module.
 *
 * @module
 */

import { fromFileUrl, join } from "@std/path";
import config from "../../deno.json" with { type: "json" };
import { OPTIONS } from "../../src/cli/options.ts";
import type { AgentConfig } from "../../src/config/mod.ts";
import { planStart } from "../../tools/start_plan.ts";
import type { HandedOver } from "./socket_activation.ts";

/** The project's root: where `deno task start` runs. */
export const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** The module that `deno task start` runs. */
export const EXAMPLE_MODULE = "examples/rust-security/rust_security.wasm";

/**
 * Has every test here run this in place of the source, with grants of its own: an executable, or a bundle with what runs it. Words are
 * parted by spaces.
 */
const COMMAND = wordsOf(Deno.env.get("AGENT_COMMAND"));
/** True if it is not the source that runs. */
export const PACKED = COMMAND !== undefined;
/** Sockets of an executable are settled when it is packed: `TEST_FOLDER=/tmp/e2e` makes folders there that bear the same names each time. */
const FOLDER = Deno.env.get("TEST_FOLDER");

/** Nothing here takes this long; what does hangs. */
const HANG_MS = 30_000;

/** A line of the log, as JSON. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** What an agent is started with. */
export interface AgentStart {
  readonly socket: string;
  /** Path of the module; undefined leaves `--module` out. */
  readonly module?: string;
  /** What `--module-config` is given. */
  readonly configuration?: string;
  /** What `--admin` is given. */
  readonly admin?: string;
  /** What a configuration file among the options says: it is granted what that names. */
  readonly configured?: AgentConfig;
  /** What `--record` is given. */
  readonly record?: string;
  /** Changes what Deno is told before the program: other grants, or code that runs before it. Not for {@linkcode PACKED} agents. */
  readonly reflag?: (flags: readonly string[]) => readonly string[];
  /** Further words of the command line. */
  readonly options?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** True if socket and module are not to be named on the command line: `env` or `options` do so. */
  readonly bare?: boolean;
  /** True to take the socket over from another agent. */
  readonly takeOver?: boolean;
  /** What a service manager hands over, in place of the socket's path. */
  readonly handedOver?: HandedOver;
  /** A path for a pipe that the agent tells of its readiness. */
  readonly readyPipe?: string;
  /** Most file descriptors that the process may have. */
  readonly maxOpenFiles?: number;
}

/** How a process ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const START_WORDS = config.tasks.start.command.split(" ");

/** Arguments of `deno` as the start task has them, without the program's own options. */
export function startFlags(
  socket: string,
  module: string,
  configuration = "{}",
  admin = "off",
  more: readonly string[] = [],
  configured?: AgentConfig,
): readonly string[] {
  const asked = ["--socket", socket, "--module", module, "--module-config", configuration, "--admin", admin, ...more];
  const words = planStart(asked, () => undefined, ROOT, configured);
  return words.slice(0, words.indexOf(join(ROOT, "main.ts")) + 1);
}

/** Variables that the start task sets. */
export function startEnv(): Record<string, string> {
  const assignments = START_WORDS.slice(0, START_WORDS.indexOf("deno")).map((word) => word.split("=", 2));
  return Object.fromEntries(assignments.map(([name = "", value = ""]) => [name, value]));
}

function wordsOf(command = ""): readonly [string, ...string[]] | undefined {
  const [file, ...words] = command.split(" ").filter((word) => word !== "");
  return file === undefined ? undefined : [file, ...words];
}

/** The first folder in `folder` that nobody uses, of those that are called 0, 1 and so on. */
function firstFree(folder: string): string {
  Deno.mkdirSync(folder, { recursive: true });
  for (let number = 0;; number++) {
    try {
      Deno.mkdirSync(join(folder, String(number)));
      return join(folder, String(number));
    } catch (cause) {
      if (!(cause instanceof Deno.errors.AlreadyExists)) throw cause;
    }
  }
}

/** An empty folder that goes away with its scope. */
export class TempDir implements Disposable {
  readonly path = FOLDER === undefined ? Deno.makeTempDirSync({ prefix: "wasm-agent-" }) : firstFree(FOLDER);

  /** Path of an entry. */
  at(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file; its path. */
  write(name: string, content: Uint8Array | string): string {
    const path = this.at(name);
    if (typeof content === "string") Deno.writeTextFileSync(path, content);
    else Deno.writeFileSync(path, content);
    return path;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** The environment without what would configure an agent. */
function cleanEnv(): Record<string, string> {
  const own = new Set<string>(Object.values(OPTIONS).map((option) => option.env));
  return Object.fromEntries(Object.entries(Deno.env.toObject()).filter(([name]) => !own.has(name)));
}

/** Deno says in plain text, and not as a line of the log, if it cannot open the file that this names: without a descriptor it cannot. */
const NO_EXTRA_FILES = { NODE_EXTRA_CA_CERTS: "" };

/** Has every agent run with so many lanes, for all tests here to be run on them too: `TEST_LANES=2 deno task test:lanes`. */
function lanes(): readonly string[] {
  const count = Deno.env.get("TEST_LANES");
  return count === undefined ? [] : ["--lanes", count];
}

/** Arguments of the agent's program, and what a shell does before it becomes that program. */
function command(
  { socket, module, configuration, admin, configured, options = [], env = {}, bare = false, ...start }: AgentStart,
): Deno.Command {
  const named = bare ? [] : ["--socket", socket, ...(module === undefined ? [] : ["--module", module])];
  const told = configuration === undefined ? [] : ["--module-config", configuration];
  const looked = admin === undefined ? [] : ["--admin", admin];
  const taking = start.takeOver === true ? ["--take-over"] : [];
  const recording = start.record === undefined ? [] : ["--record", start.record];
  const { reflag = (flags) => flags } = start;
  const granted = [...taking, ...recording];
  const ready = start.readyPipe === undefined ? [] : ["--ready-fd", "9"];
  const [file, ...flags] = COMMAND ??
    [
      Deno.execPath(),
      ...reflag(startFlags(socket, module ?? EXAMPLE_MODULE, configuration, admin, granted, configured)),
    ];
  const words = [...flags, ...named, ...told, ...looked, ...granted, ...ready, ...lanes(), ...options];
  const before = [
    ...start.maxOpenFiles === undefined ? [] : [`ulimit -n ${start.maxOpenFiles}`],
    ...start.handedOver === undefined ? [] : [`export LISTEN_FDS=1 LISTEN_PID=$$`, `exec 3<&${start.handedOver.fd}`],
    ...start.readyPipe === undefined ? [] : [`exec 9>'${start.readyPipe}'`],
  ];
  const shell = ["-c", [...before, 'exec "$0" "$@"'].join(" && "), file, ...words];
  return new Deno.Command(before.length === 0 ? file : "/bin/bash", {
    args: before.length === 0 ? words : shell,
    cwd: ROOT,
    clearEnv: true,
    env: {
      ...cleanEnv(),
      ...startEnv(),
      NO_COLOR: "1",
      ...(start.maxOpenFiles === undefined ? {} : NO_EXTRA_FILES),
      ...env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Runs an agent that is expected to end by itself. */
export async function runAgent(start: AgentStart): Promise<Outcome> {
  const child = command(start).spawn();
  const hung = setTimeout(() => child.kill("SIGKILL"), HANG_MS);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(hung);
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Lines of a process' output as they come. */
export class Lines {
  readonly all: string[] = [];
  #waiters: (() => void)[] = [];
  readonly #reading: Promise<void>;
  #ended = false;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reading = this.#read(stream);
  }

  /** The first line that fits; rejects if the output ends, or nothing fits for long. */
  async find(fits: (line: string) => boolean, what: string): Promise<string> {
    const hung = Promise.withResolvers<never>();
    const timer = setTimeout(() => hung.reject(new Error(`no ${what} within ${HANG_MS} ms:\n${this.text}`)), HANG_MS);
    try {
      for (;;) {
        const found = this.all.find(fits);
        if (found !== undefined) return found;
        if (this.#ended) throw new Error(`no ${what} before the end:\n${this.text}`);
        await Promise.race([new Promise<void>((resolve) => this.#waiters.push(resolve)), hung.promise]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  get text(): string {
    return this.all.join("\n");
  }

  /** Resolves when the output has ended. */
  async ended(): Promise<void> {
    await this.#reading;
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const pieces = (rest + text).split("\n");
      rest = pieces.pop() ?? "";
      this.all.push(...pieces);
      this.#wake();
    }
    if (rest !== "") this.all.push(rest);
    this.#ended = true;
    this.#wake();
  }

  #wake(): void {
    for (const waiter of this.#waiters.splice(0)) waiter();
  }
}

/** A running agent. */
export class AgentProcess implements AsyncDisposable {
  readonly socket: string;
  readonly #child: Deno.ChildProcess;
  readonly #stdout: Lines;
  readonly #stderr: Lines;
  #exited = false;

  private constructor(socket: string, child: Deno.ChildProcess) {
    this.socket = socket;
    this.#child = child;
    this.#stdout = new Lines(child.stdout);
    this.#stderr = new Lines(child.stderr);
    child.status.then(() => this.#exited = true);
  }

  /** Starts an agent and waits until it serves. @throws {Error} with its output if it does not. */
  static async start(start: AgentStart): Promise<AgentProcess> {
    const agent = new AgentProcess(start.socket, command(start).spawn());
    try {
      await agent.#stderr.find((line) => /"message":"serving"| serving /.test(line), "start of service");
    } catch (error) {
      await agent.stop();
      throw error;
    }
    return agent;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Everything on stderr so far. */
  get stderr(): readonly string[] {
    return this.#stderr.all;
  }

  /** Everything on stdout so far. */
  get stdout(): readonly string[] {
    return this.#stdout.all;
  }

  /** The log so far; every line of it must be JSON. */
  get log(): readonly LogLine[] {
    return this.stderr.map((line): LogLine => JSON.parse(line));
  }

  /** The log's lines with this message. */
  logged(message: string): readonly LogLine[] {
    return this.log.filter((line) => line.message === message);
  }

  /** The log's warnings and errors, but for wide grants of a command that is not the tests' own. */
  get troubles(): readonly LogLine[] {
    return this.log.filter(({ level, message }) =>
      level !== "INFO" && !(PACKED && message.startsWith("grant not given up"))
    );
  }

  /** How many lines with this message there would be if none had been left out. */
  countOf(message: string): number {
    const leftOut = this.logged("lines left out").filter((line) => line.of === message);
    return leftOut.reduce((sum, line) => sum + Number(line.count), this.logged(message).length);
  }

  /** Waits for a line with this message. */
  async waitForLog(message: string, fits: (line: LogLine) => boolean = () => true): Promise<LogLine> {
    const isIt = (line: string) => {
      const parsed: LogLine = JSON.parse(line);
      return parsed.message === message && fits(parsed);
    };
    return JSON.parse(await this.#stderr.find(isIt, `log line "${message}"`));
  }

  /** Sends a signal. */
  kill(signal: Deno.Signal): void {
    if (!this.#exited) this.#child.kill(signal);
  }

  /** Waits for the process' end; its exit code. */
  async ended(): Promise<number> {
    const hung = setTimeout(() => this.kill("SIGKILL"), HANG_MS);
    const { code } = await this.#child.status;
    clearTimeout(hung);
    await Promise.all([this.#stdout.ended(), this.#stderr.ended()]);
    return code;
  }

  /** Ends the process as an operator does; its exit code. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<number> {
    this.kill(signal);
    return await this.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
