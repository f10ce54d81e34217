/**
 * A module's configuration, read within bounds and known to be JSON. No message shows any of it, because it may hold secrets.
 *
 * @module
 */

import type { ConfigurationSource } from "../config/mod.ts";
import { ConfigError } from "../errors.ts";
import { escapeText } from "../escape.ts";

/** Largest file taken, in bytes: as much as a module may answer. Every instance gets a copy. */
export const MAX_CONFIGURATION_BYTES: number = 1024 * 1024;

/** The text of a configuration. @throws {ConfigError} `CONFIG_UNREADABLE` */
export async function readConfiguration(source: ConfigurationSource): Promise<string> {
  const text = "json" in source ? source.json : await readFile(source.path);
  const name = "json" in source ? "--module-config" : source.path;
  try {
    JSON.parse(text);
  } catch (error) {
    // Of V8's message only the place: the rest quotes the text.
    const [place = ""] = / at position \d+/.exec(error instanceof Error ? error.message : "") ?? [];
    throw unreadable(name, "be JSON", `other text${place}`);
  }
  return text;
}

async function readFile(path: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    // Asked first: to open a pipe waits for its writer.
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) throw unreadable(path, "be a regular file", "another kind of file");
    if (size > MAX_CONFIGURATION_BYTES) {
      throw unreadable(path, `have at most ${MAX_CONFIGURATION_BYTES} bytes`, `${size}`);
    }
    bytes = await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const advice = cause instanceof Deno.errors.NotCapable ? ` (grant --allow-read=${escapeText(path)})` : "";
    const received = escapeText(cause instanceof Error ? cause.message : String(cause));
    throw unreadable(path, "be a readable file, or JSON that begins with {", `"${received}"${advice}`, cause);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadable(path, "be UTF-8", "other bytes", cause);
  }
}

/** Longest path that is shown, in characters: JSON that does not begin with a brace is taken for a path. */
const MAX_PATH_SHOWN = 80;

function unreadable(name: string, must: string, received: string, cause?: unknown): ConfigError {
  return new ConfigError(
    "CONFIG_UNREADABLE",
    `Cannot read module configuration "${escapeText(name, MAX_PATH_SHOWN)}" as it must ${must}: received ${received}`,
    { cause },
  );
}
