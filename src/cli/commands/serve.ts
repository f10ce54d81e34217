/**
 * Serves: loads the module, fills the pool, opens the socket, and goes on until a signal comes.
 *
 * @module
 */

import { basename, resolve } from "@std/path";
import { Agent } from "../../agent/mod.ts";
import { ConfigError, GuestError, ModuleError } from "../../errors.ts";
import { type GuestModule, type GuestOutput, prepareModule } from "../../guest/mod.ts";
import { type Log, openLog } from "../../ops/mod.ts";
import { Pool } from "../../pool/mod.ts";
import { openSocket, Server, type SessionOptions, warmUp } from "../../server/mod.ts";
import { describe, logDecided, logFailure, logNote } from "../log_lines.ts";
import type { OptionValues } from "../options.ts";
import { VERSION } from "../version.ts";

const GRACE_MS = 10_000;
const MAX_SOCKET_PATH_BYTES = 107;
/** A reply later than this many times the deadline must not leave: with the defaults, 50 ms, the proxy's own limit. */
const LATE_FACTOR = 1.25;
const AGENT_NAME = "sentinel-wasm-agent";

/**
 * Runs the agent until SIGTERM or SIGINT.
 *
 * @returns Exit code.
 * @throws {ConfigError | ModuleError | ListenError} Before the socket is open.
 */
export async function serve(options: OptionValues): Promise<number> {
  const path = socketPath(options.socket);
  const module = await loadModule(options);
  const log = await openLog(logFormat(options["log-format"]), options.verbose);
  const pool = await createPool(module, options, log);
  try {
    const agent = new Agent({
      module,
      pool,
      failMode: options["fail-open"] ? "open" : "closed",
      onFailure: (failure) => logFailure(log, failure),
    });
    const session: SessionOptions = {
      identity: {
        agentId: AGENT_NAME,
        name: AGENT_NAME,
        version: VERSION,
        events: module.handlers.map((handler) =>
          handler === "on_request_headers" ? "request_headers" : "response_headers"
        ),
        maxConcurrency: options["pool-size"] + options["queue-size"],
      },
      decide: (event, arrival) => agent.decide(event, arrival),
      lateAfterMs: options["timeout-ms"] * LATE_FACTOR,
      onNote: (note) => logNote(log, note),
      onDecided: log.verbose ? (event, decision, tookMs) => logDecided(log, event, decision, tookMs) : undefined,
    };
    await warmUp(session);
    const socket = await openSocket(path, options["socket-mode"]);
    dropPermissions();
    const server = new Server({
      ...session,
      listener: socket.listener,
      onConnectionError: (error) => log.warning("connection closed", { ...describe(error) }),
    });
    const stopped = nextSignal();
    const running = server.run();
    log.info("serving", {
      version: VERSION,
      socket: path,
      module: options.module,
      module_bytes: module.fileBytes,
      module_sha256: module.sha256,
      handlers: module.handlers,
      pool_size: options["pool-size"],
      fail_mode: options["fail-open"] ? "open" : "closed",
      timeout_ms: options["timeout-ms"],
      max_memory_mib: options["max-memory"],
      queue_size: options["queue-size"],
      protocols: ["v1", "v2 json"],
    });
    const signal = await stopped;
    log.info("draining", { signal, connections: server.connections, grace_ms: GRACE_MS });
    // A second signal ends the wait.
    const left = await Promise.race([
      server.drain(GRACE_MS, () => socket.close()),
      nextSignal().then(() => server.connections),
    ]);
    await running;
    log.info("stopped", { connections_cut: left });
    return 0;
  } finally {
    pool.close();
    await log.flush();
  }
}

function socketPath(given: string): string {
  const path = resolve(given);
  const bytes = new TextEncoder().encode(path).length;
  if (bytes <= MAX_SOCKET_PATH_BYTES) return path;
  throw new ConfigError(
    "USAGE_BAD_VALUE",
    `Cannot read "--socket" as a unix socket's absolute path must be at most ${MAX_SOCKET_PATH_BYTES} bytes: received ${bytes}`,
  );
}

async function loadModule(options: OptionValues): Promise<GuestModule> {
  const path = options.module;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(path);
  } catch (cause) {
    const received = cause instanceof Error ? cause.message : String(cause);
    const advice = cause instanceof Deno.errors.NotCapable ? ` (grant --allow-read=${path})` : "";
    throw new ModuleError(
      "MODULE_UNREADABLE",
      `Cannot read module "${path}" as it must be a readable file: received "${received}"${advice}`,
      {
        cause,
      },
    );
  }
  return await prepareModule(bytes, basename(path), {
    timeoutMs: options["timeout-ms"],
    startTimeoutMs: options["start-timeout-ms"],
    maxMemoryMiB: options["max-memory"],
    maxTableEntries: options["max-table-entries"],
    maxRequestsPerInstance: options["max-requests-per-instance"],
    allowGc: options["allow-gc"],
  });
}

async function createPool(module: GuestModule, options: OptionValues, log: Log): Promise<Pool> {
  const output: GuestOutput = (stream, line, correlationId) =>
    log.info(line, { stream, module: module.name, correlation_id: correlationId === "" ? undefined : correlationId });
  try {
    return await Pool.create(module, {
      size: options["pool-size"],
      queueSize: options["queue-size"],
      output,
      onTrouble: (error) => log.error("instance did not start", { module: module.name, ...describe(error) }),
      onMove: (toThreads) =>
        log.info(toThreads ? "module needs threads: calls or starts of it are long" : "module needs threads no more"),
    });
  } catch (error) {
    if (!(error instanceof GuestError)) throw error;
    await log.flush();
    throw new ModuleError("MODULE_DOES_NOT_START", `Cannot start module "${module.name}": ${error.message}`, {
      cause: error,
    });
  }
}

/** From here on only the look at the socket file when it closes needs a grant: reading. */
function dropPermissions(): void {
  for (const name of ["write", "net", "env"] as const) Deno.permissions.revokeSync({ name });
}

function logFormat(choice: "auto" | "text" | "json"): "text" | "json" {
  if (choice !== "auto") return choice;
  return Deno.stderr.isTerminal() ? "text" : "json";
}

/** Resolves to the next SIGTERM or SIGINT. */
function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    const signals = ["SIGTERM", "SIGINT"] as const;
    const listeners = signals.map((signal) => {
      const listener = () => {
        for (const [name, own] of listeners) Deno.removeSignalListener(name, own);
        resolve(signal);
      };
      return [signal, listener] as const;
    });
    for (const [name, own] of listeners) Deno.addSignalListener(name, own);
  });
}
