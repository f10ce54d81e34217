/**
 * The program: command line in, exit code out. Also the entry of its own threads.
 *
 * @module
 */

import { setThreadEntry, slotMain, threadRole, watchdogMain } from "./src/pool/mod.ts";

const role = threadRole();
if (role === "watchdog") watchdogMain();
else if (role === "slot") slotMain();
else if (import.meta.main) {
  setThreadEntry(import.meta.url);
  // Not imported by threads, which need none of it.
  const { run } = await import("./src/cli/mod.ts");
  // Not left to the event loop: a thread that spins would keep the process alive.
  Deno.exit(await run(Deno.args));
}
