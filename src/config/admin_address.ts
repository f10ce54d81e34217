/**
 * Where the admin endpoint listens, as `--admin` says it.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { quoted } from "../escape.ts";

/** An address of the admin endpoint. */
export type AdminAddress =
  | { readonly kind: "tcp"; readonly hostname: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** What stands for no endpoint. */
export const NO_ADMIN = "off";

const UNIX = "unix:";
const MAX_PORT = 65_535;

/**
 * `127.0.0.1:9464`, `[::1]:9464`, `localhost:9464` or `unix:/path`; undefined for `off`.
 *
 * @param allowRemote True if others than this machine may ask (`--admin-allow-remote`).
 * @throws {ConfigError} `USAGE_BAD_VALUE`
 */
export function parseAdminAddress(text: string, allowRemote: boolean): AdminAddress | undefined {
  if (text === NO_ADMIN) return undefined;
  if (text.startsWith(UNIX) && text.length > UNIX.length) return { kind: "unix", path: text.slice(UNIX.length) };
  const [, bracketed, plain, digits = ""] = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:\[\]/]+)):(\d{1,5})$/.exec(text) ?? [];
  const hostname = bracketed ?? plain;
  const port = Number(digits);
  if (hostname === undefined || port < 1 || port > MAX_PORT) {
    throw new ConfigError(
      "USAGE_BAD_VALUE",
      `Cannot read "--admin" as it must be HOST:PORT, unix:PATH or ${NO_ADMIN}: received ${quoted(text)}`,
    );
  }
  if (!isLoopback(hostname) && !allowRemote) {
    throw new ConfigError(
      "USAGE_BAD_VALUE",
      `Cannot serve "--admin" as its host must be this machine alone (127.0.0.1, [::1], localhost) or a unix socket, unless ` +
        `--admin-allow-remote is given: received ${quoted(hostname)}`,
    );
  }
  return { kind: "tcp", hostname, port };
}

/** The address as people write it. */
export function showAdminAddress(address: AdminAddress): string {
  if (address.kind === "unix") return `${UNIX}${address.path}`;
  const { hostname, port } = address;
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** True if nobody but this machine can reach it. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
