/**
 * The socket that a service manager has opened and hands over: systemd's socket activation.
 *
 * @see https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html
 * @module
 */

import { ConfigError } from "../errors.ts";
import { quoted } from "../escape.ts";
import type { ReadEnv } from "./parse.ts";

/** How many descriptors are handed over, and to which process. */
export const LISTEN_VARIABLES = ["LISTEN_FDS", "LISTEN_PID"] as const;

/** Where they begin. */
const FIRST_FD = 3;

/**
 * Descriptor of the socket that is handed over to this process; undefined if there is none.
 *
 * @throws {ConfigError} `USAGE_BAD_VALUE` if there are several.
 */
export function inheritedSocket(env: ReadEnv, pid: number): number | undefined {
  const [count = "", receiver = ""] = LISTEN_VARIABLES.map((name) => env(name));
  // Meant for a process that has started this one.
  if (receiver !== "" && receiver !== String(pid)) return undefined;
  if (count === "" || count === "0") return undefined;
  if (count === "1") return FIRST_FD;
  throw new ConfigError(
    "USAGE_BAD_VALUE",
    `Cannot read "LISTEN_FDS" as exactly one socket may be handed over: received ${quoted(count)}`,
  );
}
