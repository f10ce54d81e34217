/**
 * What an agent gives up once it serves: every grant that nothing needs any more.
 *
 * Deno takes a grant back as a whole or for one path, and tells nobody what was granted. So where some paths of a kind are needed, those
 * are taken back that a start may have been granted besides.
 *
 * @module
 */

import { resolve } from "@std/path";
import { type AgentConfig, lookedAtBy, olderRecord, showAdminAddress } from "../config/mod.ts";
import { countedFile } from "../lanes/mod.ts";
import type { Log } from "../ops/mod.ts";
import { startLockPath, successorPath } from "../server/mod.ts";

/** What may be done with what: absolute paths, and addresses. */
export interface Grants {
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly net: readonly string[];
}

const NEVER_USED_LATER = ["env", "run", "ffi"] as const;
const KINDS = ["read", "write", "net"] as const;

/**
 * What is needed while an agent serves and when it ends, besides reading the program's own files, which its threads load.
 *
 * @param socket Absolute path of the proxies' socket.
 */
export function keptGrants(config: AgentConfig, socket: string): Grants {
  const sockets = socketsOf(config, socket);
  const record = recordFiles(config);
  const { takeOver } = config.socket;
  return {
    read: [...config.lockIn ? [countedFile(config)] : lookedAtBy(config), ...sockets, ...record].map((path) =>
      resolve(path)
    ),
    // A socket that was taken over is removed by the name that it has now.
    write: [...takeOver ? sockets : [], ...record],
    // What has connected meanwhile is passed on to the next agent, and the admin endpoint is opened again should it fail.
    net: [...takeOver ? [`unix:${socket}`] : [], ...adminHost(config)],
  };
}

/** Gives up all else. What cannot be given up because it was granted as a whole is told the log. */
export function lockIn(config: AgentConfig, socket: string, log: Log): void {
  for (const name of NEVER_USED_LATER) Deno.permissions.revokeSync({ name });
  // A program from elsewhere loads its threads from there; Deno takes code from some hosts without any grant.
  if (import.meta.url.startsWith("file:")) Deno.permissions.revokeSync({ name: "import" });
  // Threads that start later do without a lower priority then.
  if (isWhole("sys")) Deno.permissions.revokeSync({ name: "sys" });
  const maybe = startGrants(config, socket);
  const kept = keptGrants(config, socket);
  for (const name of KINDS) {
    const given = maybe[name].filter((value) => !kept[name].includes(value));
    if (kept[name].length === 0) Deno.permissions.revokeSync({ name });
    for (const value of given) {
      Deno.permissions.revokeSync(name === "net" ? { name, host: value } : { name, path: value });
    }
    if (isWhole(name) && (name !== "read" || config.lockIn)) {
      log.warning("grant not given up: wider than what is needed", { grant: `--allow-${name}`, needed: kept[name] });
    }
  }
}

/** What a start may have been granted. */
function startGrants(config: AgentConfig, socket: string): Grants {
  const sockets = socketsOf(config, socket).flatMap((path) => [path, startLockPath(path), successorPath(path)]);
  const files = [...sockets, ...recordFiles(config)];
  return {
    read: [...lookedAtBy(config).map((path) => resolve(path)), ...files],
    write: files,
    net: [...sockets.map((path) => `unix:${path}`), ...adminHost(config)],
  };
}

function isWhole(name: "read" | "write" | "net" | "sys"): boolean {
  return Deno.permissions.querySync({ name }).state === "granted";
}

function socketsOf({ admin }: AgentConfig, socket: string): readonly string[] {
  return admin?.address.kind === "unix" ? [socket, resolve(admin.address.path)] : [socket];
}

function adminHost({ admin }: AgentConfig): readonly string[] {
  return admin?.address.kind === "tcp" ? [showAdminAddress(admin.address)] : [];
}

function recordFiles({ record }: AgentConfig): readonly string[] {
  return record === undefined ? [] : [record.path, olderRecord(record.path)].map((path) => resolve(path));
}
