/**
 * Everything between an event loop's connections and its instances of the module.
 *
 * @module
 */

import { Agent } from "../agent/mod.ts";
import { GuestError, ModuleError } from "../errors.ts";
import { quoted } from "../escape.ts";
import type { GuestModule, GuestOutput } from "../guest/mod.ts";
import type { Log } from "../ops/mod.ts";
import { Pool } from "../pool/mod.ts";
import { type Listener, Server, type SessionOptions, warmUp } from "../server/mod.ts";
import { describe, logDecided, logFailure, logNote, logUnknownKey } from "./log_lines.ts";
import type { OptionValues } from "./options.ts";
import { VERSION } from "./version.ts";

const AGENT_NAME = "sentinel-wasm-agent";
/** A reply later than this many times the deadline must not leave: with the defaults, 50 ms, the proxy's own limit. */
const LATE_FACTOR = 1.25;

/** Instances that have started, and what speaks for them. */
export class Service {
  readonly #pool: Pool;
  readonly #session: SessionOptions;
  readonly #log: Log;

  private constructor(pool: Pool, session: SessionOptions, log: Log) {
    this.#pool = pool;
    this.#session = session;
    this.#log = log;
  }

  /**
   * Fills a pool and makes all ready to serve.
   *
   * @throws {ModuleError} `MODULE_DOES_NOT_START`
   */
  static async start(module: GuestModule, options: OptionValues, log: Log): Promise<Service> {
    const pool = await createPool(module, options, log);
    const session = sessionOptions(module, options, log, pool);
    await warmUp(session);
    return new Service(pool, session, log);
  }

  /** A server for the connections of a listener. */
  serve(listener: Listener, onConnections?: (open: number) => void): Server {
    return new Server({
      ...this.#session,
      listener,
      onConnections,
      onConnectionError: (error) => this.#log.warning("connection closed", { ...describe(error) }),
    });
  }

  /** Ends all instances and threads. */
  close(): void {
    this.#pool.close();
  }
}

function sessionOptions(module: GuestModule, options: OptionValues, log: Log, pool: Pool): SessionOptions {
  const agent = new Agent({
    module,
    pool,
    failMode: options["fail-open"] ? "open" : "closed",
    onFailure: (failure) => logFailure(log, failure),
    onUnknownKey: (key) => logUnknownKey(log, module.name, key),
  });
  return {
    identity: {
      agentId: AGENT_NAME,
      name: AGENT_NAME,
      version: VERSION,
      events: module.handlers.map((handler) =>
        handler === "on_request_headers" ? "request_headers" : "response_headers"
      ),
      maxConcurrency: options.lanes * (options["pool-size"] + options["queue-size"]),
    },
    decide: (event, arrival) => agent.decide(event, arrival),
    lateAfterMs: options["timeout-ms"] * LATE_FACTOR,
    onNote: (note) => logNote(log, note),
    onDecided: log.verbose ? (event, decision, tookMs) => logDecided(log, event, decision, tookMs) : undefined,
  };
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
    throw new ModuleError(
      "MODULE_DOES_NOT_START",
      `Cannot start module ${quoted(module.name)}: ${error.message}`,
      {
        cause: error,
      },
    );
  }
}
