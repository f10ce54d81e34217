/**
 * Everything between an event loop's connections and its instances of the module.
 *
 * @module
 */

import type { AgentConfig } from "../config/mod.ts";
import type { GuestModule } from "../guest/mod.ts";
import { type Log, type Observer, tee } from "../ops/mod.ts";
import { PROGRAM, VERSION } from "../program.ts";
import { type Listener, Server, sessionFor, type SessionOptions, warmUp } from "../server/mod.ts";
import { LogObserver } from "./log_observer.ts";
import { type RunningPolicy, startPolicy } from "./running_policy.ts";

/** One event loop's instances, which have started, and what speaks for them. */
export class Lane {
  readonly #running: RunningPolicy;
  readonly #session: SessionOptions;
  readonly #lines: LogObserver;

  private constructor(running: RunningPolicy, session: SessionOptions, lines: LogObserver) {
    this.#running = running;
    this.#session = session;
    this.#lines = lines;
  }

  /**
   * Fills a pool and makes all ready to serve.
   *
   * @param onlookers Told what the log is told.
   * @throws {ModuleError} `MODULE_DOES_NOT_START`
   */
  static async start(config: AgentConfig, module: GuestModule, log: Log, ...onlookers: Observer[]): Promise<Lane> {
    const lines = new LogObserver(log, module);
    const observer = tee([lines, ...onlookers]);
    const [moduleConfig] = config.modules;
    const running = await startOrFlush(log, startPolicy(moduleConfig, module, observer));
    try {
      const session = sessionFor(running.policy, {
        agentId: PROGRAM,
        name: PROGRAM,
        version: VERSION,
        maxConcurrency: config.lanes * (moduleConfig.poolSize + moduleConfig.queueSize),
      }, observer);
      await warmUp(session);
      return new Lane(running, session, lines);
    } catch (error) {
      await running.close();
      throw error;
    }
  }

  /** A server for the connections of a listener. */
  serve(listener: Listener): Server {
    return new Server({ ...this.#session, listener });
  }

  /** Ends all instances and threads, once the calls that still run have ended. None of them outlasts its deadline. */
  async close(): Promise<void> {
    this.#lines.close();
    await this.#running.close();
  }
}

/** What a module has printed before its start failed stands in the log before the error does. */
async function startOrFlush(log: Log, start: Promise<RunningPolicy>): Promise<RunningPolicy> {
  try {
    return await start;
  } catch (error) {
    await log.flush();
    throw error;
  }
}
