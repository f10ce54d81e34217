/**
 * Looks at modules as the agent would, and tells what it would say.
 *
 * @module
 */

import { checkConfig } from "../../config/mod.ts";
import { checkUp } from "../../lanes/mod.ts";
import { escapeText } from "../../escape.ts";
import { jsonCheckup, shortCheckup, textCheckup, total } from "../check_report.ts";
import type { Asked } from "../command.ts";
import { OPTIONS, type ValuesOf } from "../options.ts";
import type { CHECK_OPTIONS } from "../rows/check.ts";
import { fileRequest, trialConfig } from "../trial_config.ts";

/** Exit codes. */
const FIT = 0, UNFIT = 1;

/**
 * Prints what is to be known of each module.
 *
 * @returns Exit code.
 * @throws {ConfigError} if the modules' configuration cannot be read.
 */
export async function check({ options }: Asked<typeof CHECK_OPTIONS>): Promise<number> {
  if (options.module.length === 0) return await checkFile(options);
  let unfit = 0;
  for (const path of options.module) {
    const config = trialConfig({
      ...options,
      module: path,
      "fail-open": OPTIONS["fail-open"].default,
      "max-requests-per-instance": OPTIONS["max-requests-per-instance"].default,
    });
    // One after the other, and told at once: a module that takes the process with it is then the next of the list.
    const checkup = await checkUp(config);
    if (checkup.faults.length > 0) unfit++;
    if (options.json) console.log(jsonCheckup(checkup));
    else print(options.module.length === 1 ? textCheckup(checkup) : shortCheckup(checkup));
  }
  if (options.module.length > 1 && !options.json) console.log(total(options.module.length, unfit));
  return unfit === 0 ? FIT : UNFIT;
}

/** The mistakes of a configuration file; where there are none, its modules, each with what the file says of it. */
async function checkFile({ config: path, json }: ValuesOf<typeof CHECK_OPTIONS>): Promise<number> {
  const { file, options } = fileRequest(path);
  const { config, mistakes } = await checkConfig(file, options);
  if (config === undefined) {
    if (json) console.log(JSON.stringify({ file: path, mistakes }));
    else {
      print(mistakes.map(({ line, column, message }) => `${escapeText(path)}:${line}:${column}: ${message}`));
      console.log(`${mistakes.length} ${mistakes.length === 1 ? "mistake" : "mistakes"}`);
    }
    return UNFIT;
  }
  let unfit = 0;
  for (const module of config.modules) {
    const checkup = await checkUp({ ...config, modules: [module] });
    if (checkup.faults.length > 0) unfit++;
    if (json) console.log(jsonCheckup(checkup));
    else print(shortCheckup(checkup));
  }
  if (!json) console.log(total(config.modules.length, unfit));
  return unfit === 0 ? FIT : UNFIT;
}

function print(lines: readonly string[]): void {
  for (const line of lines) console.log(line);
}
