/**
 * Looks at modules as the agent would, and tells what it would say.
 *
 * @module
 */

import { checkUp } from "../../lanes/mod.ts";
import { jsonCheckup, shortCheckup, textCheckup, total } from "../check_report.ts";
import type { Asked } from "../command.ts";
import { OPTIONS } from "../options.ts";
import type { CHECK_OPTIONS } from "../rows/check.ts";
import { trialConfig } from "../trial_config.ts";

/** Exit codes. */
const FIT = 0, UNFIT = 1;

/**
 * Prints what is to be known of each module.
 *
 * @returns Exit code.
 * @throws {ConfigError} if the modules' configuration cannot be read.
 */
export async function check({ options }: Asked<typeof CHECK_OPTIONS>): Promise<number> {
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
    else {for (const line of options.module.length === 1 ? textCheckup(checkup) : shortCheckup(checkup)) {
        console.log(line);
      }}
  }
  if (options.module.length > 1 && !options.json) console.log(total(options.module.length, unfit));
  return unfit === 0 ? FIT : UNFIT;
}
