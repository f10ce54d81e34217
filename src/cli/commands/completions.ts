/**
 * Prints the script that completes this command line in a shell.
 *
 * @module
 */

import type { Asked } from "../command.ts";
import { COMMANDS } from "../commands.ts";
import { bashScript } from "../completions/bash.ts";
import { fishScript } from "../completions/fish.ts";
import { zshScript } from "../completions/zsh.ts";
import type { ValuesOf } from "../options.ts";
import type { COMPLETIONS_OPTIONS } from "../rows/completions.ts";
import type { Commands } from "../commands.ts";

type Shell = ValuesOf<typeof COMPLETIONS_OPTIONS>["shell"];

const SCRIPTS: Readonly<Record<Shell, (commands: Commands) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** Prints the script. @returns Exit code. */
export function completions({ options }: Asked<typeof COMPLETIONS_OPTIONS>): Promise<number> {
  console.log(SCRIPTS[options.shell](COMMANDS));
  return Promise.resolve(0);
}
