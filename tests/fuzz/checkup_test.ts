import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { jsonCheckup, shortCheckup, textCheckup } from "../../src/cli/check_report.ts";
import { ModuleError } from "../../src/errors.ts";
import { checkUp } from "../../src/lanes/mod.ts";
import { agentConfig } from "../unit/config/configs.ts";
import { guestText, LIMITS, useProgramsThreads } from "../unit/guest/guests.ts";
import { assembleGuest } from "../guests/build.ts";
import { RUNS } from "./runs.ts";

useProgramsThreads();

const MODULE = await assembleGuest("guest", guestText("prints_lines_and_traps"), true);

/** A change of one byte, anywhere. */
const change = fc.tuple(fc.nat(MODULE.length - 1), fc.nat(255));

Deno.test("checkUp() tells of any changed or cut file why it does not run, or runs it", async () => {
  const path = await Deno.makeTempFile({ suffix: ".wasm" });
  const [module] = agentConfig().modules;
  // A start that a change has made endless is ended soon.
  const limits = { ...LIMITS, startTimeoutMs: 500 };
  const config = agentConfig({ modules: [{ ...module, path, poolSize: 1, reserveThreads: 0, limits }] });
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 3 }), fc.option(fc.nat(MODULE.length)), async (changes, cut) => {
        const bytes = MODULE.slice(0, cut ?? undefined);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        await Deno.writeFile(path, bytes);
        const checkup = await checkUp(config);
        assertEquals(checkup.started === undefined, checkup.faults.length > 0);
        for (const fault of checkup.faults) assert(fault instanceof ModuleError, String(fault));
        const lines = [...textCheckup(checkup), ...shortCheckup(checkup), jsonCheckup(checkup)];
        // deno-lint-ignore no-control-regex -- that is what must not be there
        for (const line of lines) assert(!/[\u0000-\u001f\u007f-\u009f]/.test(line), JSON.stringify(line));
      }),
      { numRuns: RUNS },
    );
  } finally {
    await Deno.remove(path);
  }
});
