/**
 * How a configuration is asked for, so that it can be asked for again.
 *
 * @module
 */

import type { AgentConfig } from "./config.ts";
import { configFromOptions, type GivenOptions } from "./from_options.ts";
import type { CheckedFile } from "./from_file.ts";
import type { Schema } from "./validate.ts";

/** What the command line and the environment have said. Plain values: they may be sent to a thread. */
export interface ConfigRequest {
  /** A value for each option. */
  readonly options: GivenOptions;
  /** Left out where no configuration file was given. */
  readonly file?: FileRequest;
}

/** A configuration file, and what is known of it before it is read. */
export interface FileRequest {
  /** Where it is. */
  readonly path: string;
  /** Names of the options that the command line or the environment have given: these win over the file. */
  readonly said: readonly string[];
  /** What it may say. */
  readonly schema: Schema;
}

/**
 * What is to be run, read anew.
 *
 * @throws {ConfigError} `CONFIG_UNREADABLE`, `CONFIG_INVALID`, `USAGE_BAD_VALUE`, `USAGE_MISSING_OPTION`
 */
export async function readConfig({ file, options }: ConfigRequest): Promise<AgentConfig> {
  // What reads and checks files is loaded only where there is one.
  return file === undefined
    ? configFromOptions(options)
    : await (await import("./from_file.ts")).configFromFile(file, options);
}

/**
 * All that is wrong with the file of a request.
 *
 * @throws {ConfigError} `CONFIG_UNREADABLE`, `USAGE_MISSING_OPTION`
 */
export async function checkConfig(file: FileRequest, options: GivenOptions): Promise<CheckedFile> {
  return await (await import("./from_file.ts")).checkFile(file, options);
}
