/**
 * What this program is called, and which version it has.
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };

/** Name under which the program writes its log, and is known to proxies. */
export const PROGRAM = "sentinel-wasm-agent";

/** Version of this program. */
export const VERSION: string = config.version;
