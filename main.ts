/**
 * The program: command line in, exit code out. Also the entry of its own threads.
 *
 * @module
 */

import { setThreadEntry, threadRole } from "./src/threads/threads.ts";

// Each role imports what it needs and no more: a thread keeps in memory what it has loaded.
const role = threadRole();
if (role === "watchdog") (await import("./src/pool/watchdog.ts")).watchdogMain();
else if (role === "slot") {
  const { encodeChecked } = await import("./src/agent/codec/checked_result.ts");
  (await import("./src/pool/thread_slot.ts")).slotMain(encodeChecked);
} else if (role === "lane") (await import("./src/lanes/lane_thread.ts")).laneMain();
else if (role === "loader") (await import("./src/lanes/loader_thread.ts")).loaderMain();
else if (import.meta.main) {
  setThreadEntry(import.meta.url);
  const { run } = await import("./src/cli/mod.ts");
  // Not left to the event loop: a thread that spins would keep the process alive.
  Deno.exit(await run(Deno.args));
}
