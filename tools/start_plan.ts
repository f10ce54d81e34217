/**
 * What `deno task start`, `deno task try` and `deno task agent` run: the agent with the grants that the command line and the environment ask for.
 *
 * @module
 */

import { fromFileUrl, join, resolve } from "@std/path";
import type { Command } from "../src/cli/command.ts";
import { allFlags, callOf } from "../src/cli/commands.ts";
import { OPTIONS, type Options } from "../src/cli/options.ts";
import { parseUsage, type ReadEnv, type Run } from "../src/cli/parse.ts";
import { configurationSource, parseAdminAddress, showAdminAddress } from "../src/config/mod.ts";
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
const RUN = ["run", "--no-prompt", "--frozen", `--lock=${LOCK}`];
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
 * @throws {ConfigError} as the agent itself does.
 */
export function planStart(words: readonly string[], env: ReadEnv, folder: string): readonly string[] {
  const { command, words: rest } = callOf(words);
  const plan = command.socket === "serves" ? planServer : command.socket === "connects" ? planClient : planAlone;
  return plan({ command, all: words, rest }, env, folder);
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
function planAlone({ command, all, rest }: Start, env: ReadEnv, folder: string): readonly string[] {
  const usage = parseUsage(rest, env, command.options, { elsewhere: allFlags() });
  const { read = [], write = [] } = usage.kind === "run" ? command.files?.(usage.options) ?? {} : {};
  const absolute = (paths: readonly string[]) => paths.map((path) => resolve(folder, path));
  return [
    ...RUN,
    engineFlags(),
    ...fileGrants([...PROGRAM, ...absolute(read)], absolute(write), command),
    MAIN,
    ...all,
  ];
}

function planServer({ rest }: Start, env: ReadEnv, folder: string): readonly string[] {
  const words = rest.filter((word) => word !== NO_OPTIMISER);
  const orExample: ReadEnv = (variable) => env(variable) || (variable === OPTIONS.module.env ? EXAMPLE : undefined);
  const usage = parseUsage(words, orExample, START_OPTIONS, { elsewhere: allFlags() });
  if (usage.kind !== "run") return [...RUN, `--allow-read=${PROGRAM.join(",")}`, MAIN, `--${usage.kind}`];
  const { socket, module } = usage.options;
  const told = configurationSource(usage.options["module-config"]);
  const admin = parseAdminAddress(usage.options.admin, usage.options["admin-allow-remote"]);
  const files = [module, ..."path" in told ? [told.path] : []];
  return [
    ...RUN,
    engineFlags(words.length === rest.length),
    ...serveGrants({
      sockets: [socket, ...admin?.kind === "unix" ? [admin.path] : []].map((path) => resolve(folder, path)),
      hosts: admin?.kind === "tcp" ? [showAdminAddress(admin)] : [],
      takeOver: usage.options["take-over"] ? "always" : "never",
      read: [...PROGRAM, ...files.map((file) => resolve(folder, file))],
    }),
    MAIN,
    ...given(usage),
    ...usage.given.has("module") ? [] : [`--module=${module}`],
  ];
}

/** The command line's own options, each as one word. */
function given({ given }: Run<Options>): readonly string[] {
  return [...given].flatMap(([name, texts]) => texts.map((text) => text === "" ? `--${name}` : `--${name}=${text}`));
}
