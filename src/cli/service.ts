/**
 * Everything between an event loop's connections and its instances of the module.
 *
 * @module
 */

import { Agent, lateAfterMs } from "../agent/mod.ts";
import { GuestError, ModuleError } from "../errors.ts";
import { quoted } from "../escape.ts";
import type { GuestModule } from "../guest/mod.ts";
import type { Log } from "../ops/mod.ts";
import { Pool } from "../pool/mod.ts";
import { type Listener, Server, type SessionOptions, warmUp } from "../server/mod.ts";
import { LogLines } from "./log_lines.ts";
import type { OptionValues } from "./options.ts";
import { VERSION } from "./version.ts";

const AGENT_NAME = "sentinel-wasm-agent";

/** Instances that have started, and what speaks for them. */
export class Service {
  readonly #pool: Pool;
  readonly #session: SessionOptions;
  readonly #lines: LogLines;

  private constructor(pool: Pool, session: SessionOptions, lines: LogLines) {
    this.#pool = pool;
    this.#session = session;
    this.#lines = lines;
  }

  /**
   * Fills a pool and makes all ready to serve.
   *
   * @throws {ModuleError} `MODULE_DOES_NOT_START`
   */
  static async start(module: GuestModule, options: OptionValues, log: Log): Promise<Service> {
    const lines = new LogLines(log, module);
    const pool = await createPool(module, options, log, lines);
    const session = sessionOptions(module, options, log.verbose, lines, pool);
    await warmUp(session);
    return new Service(pool, session, lines);
  }

  /** A server for the connections of a listener. */
  serve(listener: Listener, onConnections?: (open: number) => void): Server {
    return new Server({
      ...this.#session,
      listener,
      onConnections,
      onConnectionError: (error) => this.#lines.connectionError(error),
    });
  }

  /** Ends all instances and threads. */
  close(): void {
    this.#pool.close();
    this.#lines.close();
  }
}

function sessionOptions(
  module: GuestModule,
  options: OptionValues,
  verbose: boolean,
  lines: LogLines,
  pool: Pool,
): SessionOptions {
  const agent = new Agent({
    module,
    pool,
    failMode: options["fail-open"] ? "open" : "closed",
    onFailure: (failure) => lines.failure(failure),
    onUnknownKey: (key) => lines.unknownKey(key),
  });
  return {
    identity: {
      agentId: AGENT_NAME,
      name: AGENT_NAME,
      version: VERSION,
      events: module.phases,
      maxConcurrency: options.lanes * (options["pool-size"] + options["queue-size"]),
    },
    decide: verbose
      ? (event, arrival) => {
        lines.arrived(event);
        return agent.decide(event, arrival);
      }
      : (event, arrival) => agent.decide(event, arrival),
    lateAfterMs: lateAfterMs(options["timeout-ms"]),
    onNote: (note) => lines.note(note),
    onDecided: verbose ? (event, decision, tookMs) => lines.decided(event, decision, tookMs) : undefined,
  };
}

async function createPool(
  module: GuestModule,
  options: OptionValues,
  log: Log,
  lines: LogLines,
): Promise<Pool> {
  try {
    return await Pool.create(module, {
      size: options["pool-size"],
      queueSize: options["queue-size"],
      reserve: options["reserve-threads"],
      output: (stream, line, correlationId) => lines.printed(stream, line, correlationId),
      onTrouble: (error) => lines.trouble(error),
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
