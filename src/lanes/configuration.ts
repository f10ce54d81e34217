/**
 * A module's configuration, read within bounds and known to be JSON. No message shows any of it, because it may hold secrets.
 *
 * @module
 */

import { type ConfigurationSource, MAX_TEXT_BYTES, readTextFile, type TextKind, unreadable } from "../config/mod.ts";

/** Longest configuration, in bytes. Every instance gets a copy. */
export const MAX_CONFIGURATION_BYTES: number = MAX_TEXT_BYTES;

const KIND: TextKind = {
  what: "module configuration",
  code: "CONFIG_UNREADABLE",
  elsewise: ", or JSON that begins with {",
};

/** The text of a configuration. @throws {ConfigError} `CONFIG_UNREADABLE` */
export async function readConfiguration(source: ConfigurationSource): Promise<string> {
  const text = "json" in source ? source.json : await readTextFile(source.path, KIND);
  const name = "json" in source ? undefined : source.path;
  try {
    JSON.parse(text);
  } catch (error) {
    // Of V8's message only the place: the rest quotes the text.
    const [place = ""] = / at position \d+/.exec(error instanceof Error ? error.message : "") ?? [];
    throw unreadable(KIND, name, "be JSON", `other text${place}`);
  }
  return text;
}
