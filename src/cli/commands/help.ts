/**
 * Tells of all commands, or of one.
 *
 * @module
 */

import { ConfigError } from "../../errors.ts";
import { quoted } from "../../escape.ts";
import type { Asked } from "../command.ts";
import { COMMANDS } from "../commands.ts";
import { helpText } from "../help.ts";
import { likelyName } from "../../likely.ts";
import type { Options } from "../options.ts";

/** Prints the text. @returns Exit code. @throws {ConfigError} `USAGE_BAD_VALUE` for a command that there is not. */
export function help({ given }: Asked<Options>): Promise<number> {
  const name = given.get("command")?.[0];
  if (name !== undefined && !Object.hasOwn(COMMANDS, name)) throw noCommand(name);
  console.log(helpText(name));
  return Promise.resolve(0);
}

function noCommand(name: string): ConfigError {
  const names = Object.keys(COMMANDS);
  const meant = likelyName(name, names);
  const hint = meant === undefined ? "" : `, did you mean "${meant}"?`;
  return new ConfigError(
    "USAGE_BAD_VALUE",
    `Cannot tell of a command as it must be one of ${names.join(", ")}: received ${quoted(name)}${hint}`,
  );
}
