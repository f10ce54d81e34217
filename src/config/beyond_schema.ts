/**
 * What must hold of a configuration file besides its schema, looked for in all that is there: what the schema has against one value
 * hides nothing of another.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { parseAdminAddress } from "./admin_address.ts";
import type { GivenOptions } from "./from_options.ts";
import type { Mistake, ParsedFile, Path } from "./parsed_file.ts";
import { parseRecord } from "./record.ts";
import { mistakeAt } from "./validate.ts";

/** Never throws, whatever stands in the file. */
export function mistakesBeyondSchema(
  file: ParsedFile,
  said: readonly string[],
  options: GivenOptions,
): readonly Mistake[] {
  const settings = tableOf(file.value);
  const modules = Array.isArray(settings.modules) ? settings.modules.map(tableOf) : [];
  return [
    ...textMistakes(settings, said, options, file),
    ...nameMistakes(modules, file),
    ...modules.flatMap((module, index) => [
      ...sourceMistakes(module, index, file),
      ...headerMistakes(module, index, file),
    ]),
  ];
}

/** What a module is called in logs and metrics. */
export function nameOf({ name, path }: { readonly name?: string; readonly path: string }): string {
  return name ?? path.split("/").at(-1) ?? path;
}

type Table = Readonly<Record<string, unknown>>;

/** Of what the file says itself: options that win over it have been read already. */
function textMistakes(
  { admin, "record-redact": redact, ...settings }: Table,
  said: readonly string[],
  options: GivenOptions,
  file: ParsedFile,
): readonly Mistake[] {
  const remote = said.includes("admin-allow-remote")
    ? options["admin-allow-remote"]
    : settings["admin-allow-remote"] === true;
  const readers: Readonly<Record<string, () => unknown>> = {
    "admin": () => typeof admin === "string" && parseAdminAddress(admin, remote),
    "record-redact": () => typeof redact === "string" && parseRecord("any", 1, redact),
  };
  return Object.entries(readers).flatMap(([name, read]) => {
    if (said.includes(name)) return [];
    try {
      read();
      return [];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return [{ ...file.place([name], "value"), message: error.message }];
    }
  });
}

/** Logs, metrics and audit fields tell modules apart by their names. */
function nameMistakes(modules: readonly Table[], file: ParsedFile): readonly Mistake[] {
  const seen = new Set<string>();
  return modules.flatMap(({ name: given, path }, index) => {
    const name = typeof given === "string" ? given : typeof path === "string" ? nameOf({ path }) : "";
    const place = ["modules", index, given === undefined ? "path" : "name"];
    const isTaken = seen.has(name);
    if (name !== "") seen.add(name);
    return isTaken ? [mistakeAt(file, place, 'another name than those before, see "name"', name)] : [];
  });
}

function sourceMistakes({ config, "config-file": path }: Table, index: number, file: ParsedFile): readonly Mistake[] {
  const both = config !== undefined && path !== undefined
    ? [mistakeAt(file, ["modules", index, "config-file"], 'left out beside "config"', path)]
    : [];
  return [...both, ...jsonMistakes(config, ["modules", index, "config"], file)];
}

/** A number that JSON cannot hold is a mistake. No value is told: some are secrets. */
function jsonMistakes(value: unknown, path: Path, file: ParsedFile): readonly Mistake[] {
  if (typeof value === "bigint" || typeof value === "number" && !Number.isFinite(value)) {
    return [mistakeAt(file, path, "a number that JSON can hold, or a text", "another number")];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => jsonMistakes(item, [...path, index], file));
  return Object.entries(tableOf(value)).flatMap(([key, inner]) => jsonMistakes(inner, [...path, key], file));
}

/** The case of a header's name means nothing, so that of two rules for one header only one would be looked at. */
function headerMistakes({ match }: Table, index: number, file: ParsedFile): readonly Mistake[] {
  const seen = new Set<string>();
  return Object.keys(tableOf(tableOf(match).header)).flatMap((name) => {
    const isTaken = seen.has(name.toLowerCase());
    seen.add(name.toLowerCase());
    const path = ["modules", index, "match", "header", name];
    return isTaken
      ? [{ ...mistakeAt(file, path, "the only rule for this header", name), ...file.place(path, "key") }]
      : [];
  });
}

function tableOf(value: unknown): Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)
    ? Object.fromEntries(Object.entries(value))
    : {};
}
