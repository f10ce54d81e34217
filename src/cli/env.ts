/**
 * Environment variables, as far as they may be read.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { type Option, OPTIONS } from "./options.ts";

/**
 * A variable that must not be read counts as unset; asked for first, so that nobody is prompted for it.
 *
 * @throws {ConfigError} `USAGE_BAD_VALUE` if its bytes are not UTF-8.
 */
export function readEnv(variable: string): string | undefined {
  if (!readable(variable)) return undefined;
  try {
    return Deno.env.get(variable);
  } catch (cause) {
    throw new ConfigError(
      "USAGE_BAD_VALUE",
      `Cannot read "${variable}" as it must be UTF-8: received other bytes`,
      { cause },
    );
  }
}

/** True if no option's variable may be read, so that whatever they say goes unheard. */
export function environmentClosed(): boolean {
  return Object.values<Option>(OPTIONS).every(({ env }) => env === undefined || !readable(env));
}

function readable(variable: string): boolean {
  return Deno.permissions.querySync({ name: "env", variable }).state === "granted";
}
