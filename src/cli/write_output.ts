/**
 * Files that a command writes because its command line names them.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { escapeText, quoted } from "../escape.ts";

/** Writes all of a file anew. @throws {ConfigError} `OUTPUT_UNWRITABLE` */
export async function writeOutput(path: string, text: string, options?: Deno.WriteFileOptions): Promise<void> {
  try {
    await Deno.writeTextFile(path, text, options);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** Makes a folder, and those that it lies in. @throws {ConfigError} `OUTPUT_UNWRITABLE` */
export async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

function unwritable(path: string, cause: unknown): ConfigError {
  const advice = cause instanceof Deno.errors.NotCapable ? ` (grant --allow-write=${escapeText(path)})` : "";
  const received = quoted(cause instanceof Error ? cause.message : String(cause));
  return new ConfigError(
    "OUTPUT_UNWRITABLE",
    `Cannot write ${quoted(path)} as the system must allow it: received ${received}${advice}`,
    { cause },
  );
}
