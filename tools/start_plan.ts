/**
 * What `deno task start`, `deno task try` and `deno task agent` run: the agent with the grants that the command line and the environment ask for.
 *
 * @module
 */

import { fromFileUrl, join, resolve } from "@std/path";
import type { Command } from "../src/cli/command.ts";
import { allFlags, callOf } from "../src/cli/commands.ts";
import { OPTIONS, type Options } from "../src/cli/options.ts";
import { parseUsage, type ReadEnv, type Run, type Usage } from "../src/cli/parse.ts";
import {
  type AgentConfig,
  configFromOptions,
  lookedAtBy,
  olderRecord,
  readConfig,
  showAdminAddress,
} from "../src/config/mod.ts";
import { engineFlags } from "./engine_flags.ts";
import { clientGrants, fileGrants, serveGrants } from "./grants.ts";

const ROOT = fromFileUrl(new URL("../", import.meta.url));
const MAIN = join(ROOT, "main.ts");
/** What runs where nobody names a module. */
const EXAMPLE = join(ROOT, "examples/rust-security/rust_security.wasm");
/** The program's own files, which its threads load too. */
const PROGRAM = [MAIN, join(ROOT, "src"), join(ROOT, "deno.json")];
/** Has no packages that only tests need, so that a start does not fetch them. */
const LOCK = join(ROOT, "src/deno.lock");
/** Without it each thread would read all of the program's files, for `main.ts` names them all: 4 MiB a thread. */
const LAZY = "--unstable-lazy-dynamic-imports";
const RUN = ["run", "--no-prompt", "--frozen", `--lock=${LOCK}`, LAZY];
/** A word without a flag is the module. */
const START_OPTIONS = { ...OPTIONS, module: { ...OPTIONS.module, positional: true } } as const satisfies Options;
/** For modules that nobody vouches for. */
export const NO_OPTIMISER = "--no-optimiser";

/**
 * Arguments of `deno`.
 *
 * @param words What stands behind the task's name: a command and its options, or those of the agent, where a word without a flag is the
 * module and {@linkcode NO_OPTIMISER} does without V8's optimiser.
 * @param folder Relative paths begin here.
 * @param configured What {@linkcode configuredBy} has answered to the same words.
 * @throws {ConfigError} as the agent itself does.
 */
export function planStart(
  words: readonly string[],
  env: ReadEnv,
  folder: string,
  configured?: AgentConfig,
): readonly string[] {
  const { command, words: rest } = callOf(words);
  const plan = command.socket === "serves" ? planServer : command.socket === "connects" ? planClient : planAlone;
  return plan({ command, all: words, rest }, env, folder, configured);
}

/**
 * What a configuration file and the options beside it ask for; undefined where none is given, or a command is to tell what is wrong.
 *
 * @throws {ConfigError}
 */
export async function configuredBy(words: readonly string[], env: ReadEnv): Promise<AgentConfig | undefined> {
  const { command, words: rest } = callOf(words);
  const serves = command.socket === "serves";
  try {
    const usage = serves ? parseServing(rest, env) : parseUsage(rest, env, command.options);
    const request = usage.kind === "run" ? command.configured?.(usage) : undefined;
    return request && await readConfig(request);
  } catch (error) {
    if (serves) throw error;
    return undefined;
  }
}

/** What is to be started. */
interface Start {
  readonly command: Command;
  /** The whole command line, and what of it stands behind the command's name. */
  readonly all: readonly string[];
  readonly rest: readonly string[];
}

function planClient({ command, all, rest }: Start, env: ReadEnv, folder: string): readonly string[] {
  const usage = parseUsage(rest, env, { ...command.options, socket: OPTIONS.socket }, { elsewhere: allFlags() });
  const socket = usage.kind === "run" ? usage.options.socket : OPTIONS.socket.default;
  return [...RUN, ...clientGrants(resolve(folder, socket), PROGRAM), MAIN, ...all];
}

/** A command without a socket runs modules, if anything, and touches the files that it names. */
function planAlone(
  { command, all, rest }: Start,
  env: ReadEnv,
  folder: string,
  configured?: AgentConfig,
): readonly string[] {
  const usage = parseUsage(rest, env, command.options, { elsewhere: allFlags() });
  const { read = [], write = [] } = usage.kind === "run" ? command.files?.(usage.options) ?? {} : {};
  const absolute = (paths: readonly string[]) => paths.map((path) => resolve(folder, path));
  return [
    ...RUN,
    engineFlags(),
    ...fileGrants(
      [...PROGRAM, ...absolute([...read, ...configured === undefined ? [] : lookedAtBy(configured)])],
      absolute(write),
      command,
    ),
    MAIN,
    ...all,
  ];
}

/** Where nobody names a module or a configuration file, the example is meant. */
function parseServing(rest: readonly string[], env: ReadEnv): Usage<typeof START_OPTIONS> {
  const words = rest.filter((word) => word !== NO_OPTIMISER);
  const usage = parseUsage(words, env, { ...START_OPTIONS, module: { ...START_OPTIONS.module, default: EXAMPLE } }, {
    elsewhere: allFlags(),
  });
  return usage;
}

function planServer({ rest }: Start, env: ReadEnv, folder: string, configured?: AgentConfig): readonly string[] {
  const usage = parseServing(rest, env);
  if (usage.kind !== "run") return [...RUN, `--allow-read=${PROGRAM.join(",")}`, MAIN, `--${usage.kind}`];
  const config = configured ?? configFromOptions(usage.options);
  const address = config.admin?.address;
  const record = config.record?.path;
  return [
    ...RUN,
    engineFlags(!rest.includes(NO_OPTIMISER)),
    ...serveGrants({
      sockets: [config.socket.path, ...address?.kind === "unix" ? [address.path] : []].map((path) =>
        resolve(folder, path)
      ),
      hosts: address?.kind === "tcp" ? [showAdminAddress(address)] : [],
      takeOver: config.socket.takeOver,
      read: [...PROGRAM, ...lookedAtBy(config).map((file) => resolve(folder, file))],
      appended: record === undefined ? [] : [record, olderRecord(record)].map((file) => resolve(folder, file)),
    }),
    MAIN,
    ...given(usage),
    ...usage.given.has("module") || configured !== undefined ? [] : [`--module=${usage.options.module}`],
  ];
}

/** The command line's own options, each as one word. */
function given({ given }: Run<Options>): readonly string[] {
  return [...given].flatMap(([name, texts]) => texts.map((text) => text === "" ? `--${name}` : `--${name}=${text}`));
}
