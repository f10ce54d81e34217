/**
 * Everything between an event loop's connections and its instances of the module.
 *
 * @module
 */

import { lateAfterMs, ModulePolicy, type Policy, withQuirks } from "../agent/mod.ts";
import type { AgentConfig, ModuleConfig } from "../config/mod.ts";
import { GuestError, ModuleError } from "../errors.ts";
import { quoted } from "../escape.ts";
import type { GuestModule } from "../guest/mod.ts";
import type { Log } from "../ops/mod.ts";
import { Pool } from "../pool/mod.ts";
import { PROGRAM, VERSION } from "../program.ts";
import { type Listener, Server, type SessionOptions, warmUp } from "../server/mod.ts";
import { LogLines } from "./log_lines.ts";

/** One event loop's instances, which have started, and what speaks for them. */
export class Lane {
  readonly #policy: Policy;
  readonly #session: SessionOptions;
  readonly #lines: LogLines;

  private constructor(policy: Policy, session: SessionOptions, lines: LogLines) {
    this.#policy = policy;
    this.#session = session;
    this.#lines = lines;
  }

  /**
   * Fills a pool and makes all ready to serve.
   *
   * @throws {ModuleError} `MODULE_DOES_NOT_START`
   */
  static async start(config: AgentConfig, module: GuestModule, log: Log): Promise<Lane> {
    const lines = new LogLines(log, module);
    const pool = await createPool(module, config.modules[0], log, lines);
    const policy = withQuirks(
      new ModulePolicy({
        module,
        pool,
        failMode: config.modules[0].failMode,
        onFailure: (failure) => lines.failure(failure),
        onUnknownKey: (key) => lines.unknownKey(key),
      }),
    );
    const session = sessionOptions(config, policy, log.verbose, lines);
    await warmUp(session);
    return new Lane(policy, session, lines);
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

  /** Ends all instances and threads, once the calls that still run have ended: no later than their deadlines. */
  close(): void {
    this.#policy.close();
    this.#lines.close();
  }
}

function sessionOptions(
  config: AgentConfig,
  policy: Policy,
  verbose: boolean,
  lines: LogLines,
): SessionOptions {
  const { poolSize, queueSize } = config.modules[0];
  return {
    identity: {
      agentId: PROGRAM,
      name: PROGRAM,
      version: VERSION,
      events: [...policy.phases],
      maxConcurrency: config.lanes * (poolSize + queueSize),
    },
    decide: verbose
      ? (event, arrival) => {
        lines.arrived(event);
        return policy.decide(event, arrival);
      }
      : (event, arrival) => policy.decide(event, arrival),
    lateAfterMs: lateAfterMs(policy.budgetMs),
    onNote: (note) => lines.note(note),
    onDecided: verbose ? (event, decision, tookMs) => lines.decided(event, decision, tookMs) : undefined,
  };
}

async function createPool(
  module: GuestModule,
  { poolSize, queueSize, reserveThreads }: ModuleConfig,
  log: Log,
  lines: LogLines,
): Promise<Pool> {
  try {
    return await Pool.create(module, {
      size: poolSize,
      queueSize,
      reserve: reserveThreads,
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
