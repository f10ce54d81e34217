/**
 * @module
 */

import { resolve } from "@std/path";
import { ConfigError } from "../errors.ts";

/** Length of `sun_path` in `struct sockaddr_un`, less the NUL at its end. @see https://man7.org/linux/man-pages/man7/unix.7.html */
const MAX_SOCKET_PATH_BYTES = 107;

/**
 * A socket's path made absolute.
 *
 * @param longest The longest path that is made of it.
 * @throws {ConfigError} `USAGE_BAD_VALUE` if the system takes none as long as this.
 */
export function socketPath(given: string, longest = (path: string) => path): string {
  const path = resolve(given);
  const bytes = new TextEncoder().encode(longest(path)).length;
  if (bytes <= MAX_SOCKET_PATH_BYTES) return path;
  throw new ConfigError(
    "USAGE_BAD_VALUE",
    `Cannot read "--socket" as a unix socket's absolute path must be at most ${MAX_SOCKET_PATH_BYTES} bytes: received ${bytes}`,
  );
}
