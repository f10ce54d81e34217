/**
 * `deno task start [--no-optimiser] [MODULE] [options]`, `deno task agent COMMAND [options]`: becomes the agent, with the grants it needs.
 *
 * @module
 */

import { readEnv } from "../src/cli/env.ts";
import { asksForJson, helpHint, reportError } from "../src/cli/report.ts";
import { ConfigError } from "../src/errors.ts";
import { exec } from "./exec.ts";
import { configuredBy, planStart } from "./start_plan.ts";

const BAD_USAGE = 2;

// Set by `deno task`: the folder in which it was called.
const folder = readEnv("INIT_CWD");
try {
  if (folder !== undefined) Deno.chdir(folder);
  const configured = await configuredBy(Deno.args, readEnv);
  exec(Deno.execPath(), planStart(Deno.args, readEnv, Deno.cwd(), configured));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  reportError(error, asksForJson(Deno.args, readEnv), helpHint(Deno.args));
  Deno.exit(BAD_USAGE);
}
