/**
 * Files of text that people write, read within bounds.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { escapeText } from "../escape.ts";

/** Largest file taken, in bytes: as much as a module may answer. */
export const MAX_TEXT_BYTES: number = 1024 * 1024;

/**
 * All text of a regular file in UTF-8.
 *
 * @param what What it is to people: `module configuration`.
 * @param elsewise What stands behind "a readable file" in the message, where a path is not the only way.
 * @throws {ConfigError} `CONFIG_UNREADABLE`
 */
export async function readTextFile(path: string, what: string, elsewise = ""): Promise<string> {
  let bytes: Uint8Array;
  try {
    // Asked first: to open a pipe waits for its writer.
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) throw unreadable(what, path, "be a regular file", "another kind of file");
    if (size > MAX_TEXT_BYTES) throw unreadable(what, path, `have at most ${MAX_TEXT_BYTES} bytes`, `${size}`);
    bytes = await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const advice = cause instanceof Deno.errors.NotCapable ? ` (grant --allow-read=${escapeText(path)})` : "";
    const received = escapeText(cause instanceof Error ? cause.message : String(cause));
    throw unreadable(what, path, `be a readable file${elsewise}`, `"${received}"${advice}`, cause);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadable(what, path, "be UTF-8", "other bytes", cause);
  }
}

/** Longest path that is shown, in characters: JSON that does not begin with a brace is taken for a path. */
const MAX_PATH_SHOWN = 80;

/** The error of a text that cannot be used at all. */
export function unreadable(what: string, name: string, must: string, received: string, cause?: unknown): ConfigError {
  return new ConfigError(
    "CONFIG_UNREADABLE",
    `Cannot read ${what} "${escapeText(name, MAX_PATH_SHOWN)}" as it must ${must}: received ${received}`,
    { cause },
  );
}
