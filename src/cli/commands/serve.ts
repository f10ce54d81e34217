/**
 * Serves: loads the module, fills the pool, opens the socket, and goes on until a signal comes.
 *
 * @module
 */

import { basename } from "@std/path";
import type { PoolError } from "../../errors.ts";
import { type GuestModule, prepareModule } from "../../guest/mod.ts";
import { type Log, openLog } from "../../ops/mod.ts";
import {
  type Listener,
  openSharedSocket,
  openSocket,
  type Server,
  type SocketFile,
  startLockPath,
} from "../../server/mod.ts";
import { environmentClosed } from "../env.ts";
import { Lanes } from "../lanes.ts";
import { describe } from "../log_lines.ts";
import { readModuleFile } from "../module_file.ts";
import type { OptionValues } from "../options.ts";
import { Service } from "../service.ts";
import { Signals } from "../signals.ts";
import { socketPath } from "../socket_path.ts";
import { VERSION } from "../version.ts";

const GRACE_MS = 10_000;

/**
 * Runs the agent until SIGTERM or SIGINT.
 *
 * @returns Exit code.
 * @throws {ConfigError | ModuleError | ListenError} Before the socket is open.
 */
export async function serve(options: OptionValues): Promise<number> {
  const path = socketPath(options.socket);
  using signals = new Signals();
  const module = await loadModule(options);
  const log = await openLog(logFormat(options["log-format"]), options.verbose);
  signals.onHarmless = (signal) => log.info("signal without effect", { signal });
  const service = await Service.start(module, options, log);
  try {
    for (const { name, nearest } of module.unknownHandlers) {
      log.warning("export is never called", { module: module.name, export: name, nearest });
    }
    const laneDeath = Promise.withResolvers<PoolError>();
    const lanes = await Lanes.start(options.lanes - 1, module, options, log, laneDeath.resolve);
    const stopped = signals.takeOver();
    const socket = await openListener(path, options, lanes);
    warnOfGrants(log, path, socket.locked);
    dropPermissions();
    const server = service.serve(socket.listener);
    server.run();
    log.info("serving", {
      version: VERSION,
      socket: path,
      module: options.module,
      module_bytes: module.fileBytes,
      module_sha256: module.sha256,
      abi: module.abi,
      phases: module.phases,
      lanes: options.lanes,
      pool_size: options["pool-size"],
      fail_mode: options["fail-open"] ? "open" : "closed",
      timeout_ms: options["timeout-ms"],
      max_memory_mib: options["max-memory"],
      queue_size: options["queue-size"],
      protocols: ["v1", "v2 json"],
    });
    const end = await Promise.race([stopped, laneDeath.promise]);
    const cause = typeof end === "string" ? { signal: end } : describe(end);
    const open = () => server.connections + lanes.connections;
    log.info("draining", { ...cause, connections: open(), grace_ms: GRACE_MS });
    const left = await Promise.race([drain(server, lanes, socket), signals.again.then(open)]);
    log.info("stopped", { connections_cut: left });
    return typeof end === "string" ? 0 : 1;
  } finally {
    service.close();
    await log.flush();
  }
}

/** Lanes come second: as long as the socket is open, each of them may get connections. */
async function drain(server: Server, lanes: Lanes, socket: SocketFile<Listener>): Promise<number> {
  let others: Promise<number> | undefined;
  const own = await server.drain(GRACE_MS, () => {
    socket.close();
    others = lanes.drain(GRACE_MS);
  });
  await socket.gone();
  return own + (await others ?? 0);
}

/** One event loop has Deno's own listener, several share one. */
async function openListener(
  path: string,
  options: OptionValues,
  lanes: Lanes,
): Promise<SocketFile<Listener>> {
  if (options.lanes === 1) return await openSocket(path, options["socket-mode"]);
  const socket = await openSharedSocket(path, options["socket-mode"]);
  await lanes.serve(socket.listener.fd);
  return socket;
}

/** What a grant that is missing takes away without an error. */
function warnOfGrants(log: Log, path: string, locked: boolean): void {
  const lock = startLockPath(path);
  if (!locked) log.warning("starts not kept apart", { grant: `--allow-read=${lock} --allow-write=${lock}` });
  if (environmentClosed()) log.warning("environment not read", { grant: "--allow-env" });
}

async function loadModule(options: OptionValues): Promise<GuestModule> {
  const bytes = await readModuleFile(options.module);
  const module = await prepareModule(bytes, basename(options.module), {
    timeoutMs: options["timeout-ms"],
    startTimeoutMs: options["start-timeout-ms"],
    maxMemoryMiB: options["max-memory"],
    maxTableEntries: options["max-table-entries"],
    maxRequestsPerInstance: options["max-requests-per-instance"],
    allowGc: options["allow-gc"],
  });
  // Nobody needs the file any more, and V8 would keep it until it sees a reason to collect garbage.
  bytes.buffer.transfer(0);
  return module;
}

/** From here on only the look at the socket file when it closes needs a grant: reading. */
function dropPermissions(): void {
  for (const name of ["write", "net", "env"] as const) Deno.permissions.revokeSync({ name });
}

function logFormat(choice: "auto" | "text" | "json"): "text" | "json" {
  if (choice !== "auto") return choice;
  return Deno.stderr.isTerminal() ? "text" : "json";
}
