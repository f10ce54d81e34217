/**
 * Named here and not in `deno.json`, so that a start of the agent does not fetch what only tests need.
 *
 * @module
 */

import * as std from "deno-std/yaml/mod.js";

/** The value that a YAML document stands for. @throws {SyntaxError} if it is none. */
export const parse: (text: string) => unknown = std.parse;
