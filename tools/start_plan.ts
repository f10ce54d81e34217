/**
 * What `deno task start` and `deno task try` run: the agent with the grants that the command line and the environment ask for.
 *
 * @module
 */

import { fromFileUrl, join, resolve } from "@std/path";
import { allFlags, callOf, type Command } from "../src/cli/commands.ts";
import { OPTIONS } from "../src/cli/options.ts";
import { parseUsage, type ReadEnv, type Run } from "../src/cli/parse.ts";
import { configurationSource } from "../src/config/mod.ts";
import { engineFlags } from "./engine_flags.ts";
import { clientGrants, serveGrants } from "./grants.ts";

const ROOT = fromFileUrl(new URL("../", import.meta.url));
const MAIN = join(ROOT, "main.ts");
/** What runs where nobody names a module. */
const EXAMPLE = join(ROOT, "examples/rust-security/rust_security.wasm");
/** The program's own files, which its threads load too. */
const PROGRAM = [MAIN, join(ROOT, "src"), join(ROOT, "deno.json")];
/** Has no packages that only tests need, so that a start does not fetch them. */
const LOCK = join(ROOT, "src/deno.lock");
const RUN = ["run", "--no-prompt", "--frozen", `--lock=${LOCK}`];
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
  return PLANS[command.socket]({ command, all: words, rest }, env, folder);
}

/** What is to be started. */
interface Start {
  readonly command: Command;
  /** The whole command line, and what of it stands behind the command's name. */
  readonly all: readonly string[];
  readonly rest: readonly string[];
}

/** A plan for each thing that a command may do with the socket. */
const PLANS: Readonly<
  Record<Command["socket"], (start: Start, env: ReadEnv, folder: string) => readonly string[]>
> = { serves: planServer, connects: planClient };

function planClient({ command, all, rest }: Start, env: ReadEnv, folder: string): readonly string[] {
  const usage = parseUsage(rest, env, { ...command.options, socket: OPTIONS.socket }, { elsewhere: allFlags() });
  const socket = usage.kind === "run" ? usage.options.socket : OPTIONS.socket.default;
  return [...RUN, ...clientGrants(resolve(folder, socket), PROGRAM), MAIN, ...all];
}

function planServer({ rest }: Start, env: ReadEnv, folder: string): readonly string[] {
  const words = rest.filter((word) => word !== NO_OPTIMISER);
  const orExample: ReadEnv = (variable) => env(variable) || (variable === OPTIONS.module.env ? EXAMPLE : undefined);
  const usage = parseUsage(words, orExample, OPTIONS, { positional: "module", elsewhere: allFlags() });
  if (usage.kind !== "run") return [...RUN, `--allow-read=${PROGRAM.join(",")}`, MAIN, `--${usage.kind}`];
  const { socket, module } = usage.options;
  const told = configurationSource(usage.options["module-config"]);
  const files = [module, ..."path" in told ? [told.path] : []];
  return [
    ...RUN,
    engineFlags(words.length === rest.length),
    ...serveGrants({
      sockets: [resolve(folder, socket)],
      read: [...PROGRAM, ...files.map((file) => resolve(folder, file))],
    }),
    MAIN,
    ...given(usage),
    ...usage.given.has("module") ? [] : [`--module=${module}`],
  ];
}

/** The command line's own options, each as one word. */
function given({ given }: Run<typeof OPTIONS>): readonly string[] {
  return [...given].flatMap(([name, texts]) => texts.map((text) => text === "" ? `--${name}` : `--${name}=${text}`));
}
