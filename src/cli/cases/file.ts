/**
 * A file of cases, read within bounds.
 *
 * @module
 */

import { ConfigError } from "../../errors.ts";
import { escapeText, quoted } from "../../escape.ts";
import { MAX_CASES_BYTES } from "./cases.ts";

/** Its text. @throws {ConfigError} `CASES_UNREADABLE` */
export async function readCasesFile(path: string): Promise<string> {
  try {
    // Asked first: to open a pipe waits for its writer.
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) throw unreadable(path, "be a regular file", "another kind of file");
    if (size > MAX_CASES_BYTES) throw unreadable(path, `have at most ${MAX_CASES_BYTES} bytes`, `${size}`);
    return new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path));
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    if (cause instanceof TypeError) throw unreadable(path, "be UTF-8", "other bytes", cause);
    const advice = cause instanceof Deno.errors.NotCapable ? ` (grant --allow-read=${escapeText(path)})` : "";
    const received = quoted(cause instanceof Error ? cause.message : String(cause));
    throw unreadable(path, "be a readable file", `${received}${advice}`, cause);
  }
}

function unreadable(path: string, must: string, received: string, cause?: unknown): ConfigError {
  return new ConfigError(
    "CASES_UNREADABLE",
    `Cannot read cases ${quoted(path)} as it must ${must}: received ${received}`,
    {
      cause,
    },
  );
}
