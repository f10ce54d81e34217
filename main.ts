/**
 * The program: command line in, exit code out. Also the entry of its own threads.
 *
 * @module
 */

import { run } from "./src/cli/mod.ts";
import { setThreadEntry, slotMain, threadRole, watchdogMain } from "./src/pool/mod.ts";

const role = threadRole();
if (role === "watchdog") watchdogMain();
else if (role === "slot") slotMain();
else if (import.meta.main) {
  setThreadEntry(import.meta.url);
  // Not left to the event loop: a thread that spins would keep the process alive.
  Deno.exit(await run(Deno.args));
}
