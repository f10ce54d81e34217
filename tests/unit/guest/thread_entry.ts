/**
 * The entry of threads that run guests whose results mean nothing: they go to the event loop as they are.
 *
 * @module
 */

import { ABIS_AND_TOY } from "./toy_abi.ts";
import { slotMain } from "../../../src/pool/thread_slot.ts";
import { threadRole } from "../../../src/threads/threads.ts";
import { watchdogMain } from "../../../src/pool/watchdog.ts";

const role = threadRole();
if (role === "watchdog") watchdogMain();
else if (role === "slot") slotMain((result) => result, ABIS_AND_TOY);
