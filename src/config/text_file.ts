/**
 * Files of text that people write, read within bounds.
 *
 * @module
 */

import { type CodeOf, ConfigError } from "../errors.ts";
import { escapeText } from "../escape.ts";

/** Largest file taken where nothing else is said, in bytes: as much as a module may answer. */
export const MAX_TEXT_BYTES: number = 1024 * 1024;

/** What a text is to people. */
export interface TextKind {
  /** As messages call it: `module configuration`. */
  readonly what: string;
  /** Of the error if it cannot be read. */
  readonly code: CodeOf<"ConfigError">;
  /** Largest file taken, in bytes: {@linkcode MAX_TEXT_BYTES} if not given. */
  readonly maxBytes?: number;
  /** What the message says behind "a readable file", where a path is not the only way to give it. */
  readonly elsewise?: string;
}

/** All text of a regular file in UTF-8. @throws {ConfigError} with the kind's code */
export async function readTextFile(path: string, kind: TextKind): Promise<string> {
  const { maxBytes = MAX_TEXT_BYTES, elsewise = "" } = kind;
  let bytes: Uint8Array;
  try {
    // Asked first, because to open a pipe waits for its writer.
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) throw unreadable(kind, path, "be a regular file", "another kind of file");
    if (size > maxBytes) throw unreadable(kind, path, `have at most ${maxBytes} bytes`, `${size}`);
    bytes = await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const advice = cause instanceof Deno.errors.NotCapable ? ` (grant --allow-read=${escapeText(path)})` : "";
    const received = escapeText(cause instanceof Error ? cause.message : String(cause));
    throw unreadable(kind, path, `be a readable file${elsewise}`, `"${received}"${advice}`, cause);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadable(kind, path, "be UTF-8", "other bytes", cause);
  }
}

/** Longest path that is shown, in characters: JSON that does not begin with a brace is taken for a path. */
const MAX_PATH_SHOWN = 80;

/** The error of a text that cannot be used at all. One that is no file has no name: several options and variables may have given it. */
export function unreadable(
  { what, code }: TextKind,
  name: string | undefined,
  must: string,
  received: string,
  cause?: unknown,
): ConfigError {
  const shown = name === undefined ? what : `${what} "${escapeText(name, MAX_PATH_SHOWN)}"`;
  return new ConfigError(code, `Cannot read ${shown} as it must ${must}: received ${received}`, { cause });
}
