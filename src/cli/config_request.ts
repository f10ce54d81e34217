/**
 * What the options of serving ask for, as a request that can be read again and again.
 *
 * @module
 */

import { resolve } from "@std/path";
import type { ConfigRequest } from "../config/mod.ts";
import { configSchema } from "./config_schema.ts";
import type { OPTIONS, ValuesOf } from "./options.ts";

/** @param said Names of the options that the command line or the environment have given. */
export function requestOf(options: ValuesOf<typeof OPTIONS>, said: readonly string[]): ConfigRequest {
  const { config } = options;
  return { options, file: config === "" ? undefined : { path: resolve(config), said, schema: configSchema() } };
}
