/**
 * Everything between an event loop's connections and its instances of the module.
 *
 * @module
 */

import { ModulePolicy, type Policy, withQuirks } from "../agent/mod.ts";
import type { AgentConfig, ModuleConfig } from "../config/mod.ts";
import { GuestError, ModuleError } from "../errors.ts";
import { quoted } from "../escape.ts";
import type { GuestModule } from "../guest/mod.ts";
import { type Log, type Observer, tee } from "../ops/mod.ts";
import { Pool, Watchdog } from "../pool/mod.ts";
import { PROGRAM, VERSION } from "../program.ts";
import { type Listener, Server, sessionFor, type SessionOptions, warmUp } from "../server/mod.ts";
import { LogObserver } from "./log_observer.ts";

/** One event loop's instances, which have started, and what speaks for them. */
export class Lane {
  readonly #policy: Policy;
  readonly #session: SessionOptions;
  readonly #lines: LogObserver;
  readonly #watchdog: Disposable;

  private constructor(policy: Policy, session: SessionOptions, lines: LogObserver, watchdog: Disposable) {
    this.#policy = policy;
    this.#session = session;
    this.#lines = lines;
    this.#watchdog = watchdog;
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
    const { poolSize, reserveThreads } = moduleConfig;
    using started = new DisposableStack();
    const needs = Pool.needs(module, { size: poolSize, reserve: reserveThreads });
    const watchdog = started.use(await Watchdog.start([needs]));
    const pool = await createPool(moduleConfig, module, watchdog, observer, log);
    const policy = withQuirks(new ModulePolicy({ module, pool, failMode: moduleConfig.failMode, observer }));
    const session = sessionFor(policy, {
      agentId: PROGRAM,
      name: PROGRAM,
      version: VERSION,
      maxConcurrency: config.lanes * (poolSize + moduleConfig.queueSize),
    }, observer);
    await warmUp(session);
    return new Lane(policy, session, lines, started.move());
  }

  /** A server for the connections of a listener. */
  serve(listener: Listener): Server {
    return new Server({ ...this.#session, listener });
  }

  /** Ends all instances and threads, once the calls that still run have ended. None of them outlasts its deadline. */
  async close(): Promise<void> {
    this.#lines.close();
    await this.#policy.close();
    // It comes last, because until then it has calls to end.
    this.#watchdog[Symbol.dispose]();
  }
}

async function createPool(
  { poolSize, queueSize, reserveThreads }: ModuleConfig,
  module: GuestModule,
  watchdog: Watchdog,
  observer: Observer,
  log: Log,
): Promise<Pool> {
  try {
    return await Pool.create(module, { size: poolSize, queueSize, reserve: reserveThreads, watchdog, observer });
  } catch (error) {
    if (!(error instanceof GuestError)) throw error;
    await log.flush();
    throw new ModuleError("MODULE_DOES_NOT_START", `Cannot start module ${quoted(module.name)}: ${error.message}`, {
      cause: error,
    });
  }
}
