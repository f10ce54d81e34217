/**
 * What `deno task start` and `deno task try` run: the agent with the grants that the command line and the environment ask for.
 *
 * @module
 */

import { fromFileUrl, join, resolve } from "@std/path";
import { type OptionName, OPTIONS, TRY_OPTIONS } from "../src/cli/options.ts";
import { parseUsage, type ReadEnv, type Usage } from "../src/cli/parse.ts";
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
 * @param words What stands behind the task's name: `try` and its options, or those of the agent, where a word without a flag is the
 * module and {@linkcode NO_OPTIMISER} does without V8's optimiser.
 * @param folder Relative paths begin here.
 * @throws {ConfigError} as the agent itself does.
 */
export function planStart(words: readonly string[], env: ReadEnv, folder: string): readonly string[] {
  if (words[0] === "try") {
    const usage = parseUsage(words.slice(1), env, ["socket", "method", "uri", "header"]);
    const socket = usage.kind === "run" ? usage.options.socket : TRY_OPTIONS.socket.default;
    return [...RUN, ...clientGrants(resolve(folder, socket), PROGRAM), MAIN, ...words];
  }
  const agentWords = words.filter((word) => word !== NO_OPTIMISER);
  const orExample: ReadEnv = (variable) => env(variable) || (variable === OPTIONS.module.env ? EXAMPLE : undefined);
  // The table's keys are its options' names.
  const usage = parseUsage(agentWords, orExample, Object.keys(OPTIONS) as OptionName[], "module");
  if (usage.kind !== "run") return [...RUN, `--allow-read=${PROGRAM.join(",")}`, MAIN, `--${usage.kind}`];
  const { socket, module } = usage.options;
  return [
    ...RUN,
    engineFlags(agentWords.length === words.length),
    ...serveGrants({ sockets: [resolve(folder, socket)], read: [...PROGRAM, resolve(folder, module)] }),
    MAIN,
    ...given(usage),
    ...usage.given.has("module") ? [] : [`--module=${module}`],
  ];
}

/** The command line's own options, each as one word. */
function given({ given }: Extract<Usage<OptionName>, { readonly kind: "run" }>): readonly string[] {
  return [...given].flatMap(([name, texts]) => texts.map((text) => text === "" ? `--${name}` : `--${name}=${text}`));
}
