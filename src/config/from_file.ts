/**
 * A configuration file as a configuration: what it says of the process, and a chain of modules.
 *
 * @module
 */

import { dirname, resolve } from "@std/path";
import { isHeadPhase } from "../phase.ts";
import type { MatchRules } from "../agent/mod.ts";
import { ConfigError } from "../errors.ts";
import { escapeText, quoted } from "../escape.ts";
import { mistakesBeyondSchema, nameOf } from "./beyond_schema.ts";
import type { AgentConfig, ConfigurationSource, ModuleConfig } from "./config.ts";
import { configFromOptions, type GivenOptions, moduleFromOptions } from "./from_options.ts";
import { parseJsonFile } from "./json_file.ts";
import type { Mistake } from "./parsed_file.ts";
import type { FileRequest } from "./request.ts";
import { readTextFile } from "./text_file.ts";
import { parseTomlFile } from "./toml_file.ts";
import { mistakesIn } from "./validate.ts";

/** A file that was read, whatever came of it. */
export interface CheckedFile {
  /** In the order of their places. */
  readonly mistakes: readonly Mistake[];
  /** What is to be run, if there is no mistake. */
  readonly config?: AgentConfig;
}

/**
 * The configuration that a request with a file asks for.
 *
 * @throws {ConfigError} `CONFIG_UNREADABLE`, `CONFIG_INVALID` with all mistakes in its trace, `USAGE_MISSING_OPTION`
 */
export async function configFromFile(request: FileRequest, options: GivenOptions): Promise<AgentConfig> {
  const { path } = request;
  const { config, mistakes } = await checkFile(request, options);
  if (config !== undefined) return config;
  throw new ConfigError(
    "CONFIG_INVALID",
    `Cannot use configuration file ${quoted(path)} as all of it must be right: received ${mistakes.length} mistake${
      mistakes.length === 1 ? "" : "s"
    }`,
    { trace: linesOf(path, mistakes) },
  );
}

/** `agent.toml:3:1: Cannot ...` for each mistake. */
export function linesOf(path: string, mistakes: readonly Mistake[]): readonly string[] {
  return mistakes.map(({ line, column, message }) => `${escapeText(path)}:${line}:${column}: ${message}`);
}

/** Reads a file and looks at all of it. @throws {ConfigError} `CONFIG_UNREADABLE`, `USAGE_MISSING_OPTION` */
export async function checkFile(request: FileRequest, options: GivenOptions): Promise<CheckedFile> {
  const { path } = request;
  const text = await readTextFile(path, { what: "configuration file", code: "CONFIG_UNREADABLE" });
  const file = /\.json$/i.test(path) ? parseJsonFile(text) : parseTomlFile(text);
  const mistakes = [
    ...file.mistakes,
    ...mistakesIn(file, request.schema),
    ...mistakesBeyondSchema(file, request.said, options),
  ];
  // The one seam: the schema says so.
  if (mistakes.length === 0) return { mistakes, config: assembled(file.value as FileSettings, request, options) };
  return { mistakes: mistakes.toSorted((a, b) => a.line - b.line || a.column - b.column) };
}

/** What the schema lets pass. */
interface FileSettings extends Partial<GivenOptions> {
  readonly modules?: readonly ModuleSettings[];
}

/** Of one module; what it does not say the file's own settings do, and then the options' defaults. */
interface ModuleSettings extends Partial<GivenOptions> {
  readonly name?: string;
  readonly path: string;
  readonly sha256?: string;
  readonly config?: object;
  readonly "config-file"?: string;
  readonly phases?: readonly string[];
  readonly match?: MatchSettings;
}

type Texts = string | readonly string[];

interface MatchSettings {
  readonly "path-prefix"?: Texts;
  readonly method?: Texts;
  readonly host?: Texts;
  readonly header?: Readonly<Record<string, boolean | Texts>>;
}

function assembled(
  { modules = [], ...settings }: FileSettings,
  { path, said }: FileRequest,
  options: GivenOptions,
): AgentConfig {
  /** Settings over the options' defaults; what the command line or the environment say wins over any file. */
  const over = (under: GivenOptions, settings: object): GivenOptions => ({
    ...under,
    ...Object.fromEntries(
      Object.entries(settings).filter(([name]) => name in options && !said.includes(name))
        .map(([name, value]) => [name, name === "socket-mode" ? Number.parseInt(value, 8) : value]),
    ),
  });
  const folder = dirname(resolve(path));
  const whole = over(options, withAbsolutePaths(settings, folder));
  const config = { ...configFromOptions(whole), file: path };
  if (said.includes("module")) {
    return modules.length === 0
      ? config
      : { ...config, notes: ["modules of the configuration file do not run: --module does"] };
  }
  const [first, ...others] = modules;
  if (first === undefined) {
    throw new ConfigError(
      "USAGE_MISSING_OPTION",
      `Cannot start as a module must be given, by "--module" or as one of the modules in ${
        quoted(path)
      }: received none`,
    );
  }
  const moduleOf = (module: ModuleSettings): ModuleConfig => ({
    ...moduleFromOptions(over(whole, module)),
    name: nameOf(module),
    path: resolve(folder, module.path),
    configuration: configurationOf(module, folder),
    sha256: module.sha256,
    phases: module.phases?.filter(isHeadPhase),
    match: module.match && rulesOf(module.match),
  });
  return { ...config, modules: [moduleOf(first), ...others.map(moduleOf)] };
}

/** Whatever the current folder is, a file's paths begin at its own. */
function withAbsolutePaths({ socket, admin, record, ...others }: Partial<GivenOptions>, folder: string): object {
  const unix = /^unix:(.*)$/.exec(admin ?? "")?.[1];
  return {
    ...others,
    ...record === undefined || record === "" ? {} : { record: resolve(folder, record) },
    ...socket === undefined ? {} : { socket: resolve(folder, socket) },
    ...admin === undefined ? {} : { admin: unix === undefined ? admin : `unix:${resolve(folder, unix)}` },
  };
}

function configurationOf({ config, "config-file": path }: ModuleSettings, folder: string): ConfigurationSource {
  if (config !== undefined) return { json: JSON.stringify(config) };
  return path === undefined ? { json: "{}" } : { path: resolve(folder, path) };
}

function rulesOf(settings: MatchSettings): MatchRules {
  const { "path-prefix": pathPrefixes, method, host, header } = settings;
  return {
    pathPrefixes: textsOf(pathPrefixes),
    methods: textsOf(method),
    hosts: textsOf(host)?.map((name) => name.toLowerCase()),
    headers: header && Object.fromEntries(
      Object.entries(header).map(([name, value]) => [
        name.toLowerCase(),
        typeof value === "boolean" ? value : textsOf(value) ?? [],
      ]),
    ),
  };
}

function textsOf(texts: Texts | undefined): readonly string[] | undefined {
  return typeof texts === "string" ? [texts] : texts;
}
