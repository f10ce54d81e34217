/**
 * Everything between an event loop's connections and its instances of the modules.
 *
 * @module
 */

import { Current, withQuirks } from "../agent/mod.ts";
import type { AgentConfig } from "../config/mod.ts";
import { type Log, type Observer, tee } from "../ops/mod.ts";
import { type Pool, Watchdog } from "../pool/mod.ts";
import { PROGRAM, VERSION } from "../program.ts";
import { type Listener, Server, sessionFor, type SessionOptions } from "../server/mod.ts";
import { forgetWork } from "../turn.ts";
import type { Edition } from "./edition.ts";
import { describeError, LogObserver } from "./log_observer.ts";
import { rehearseModules } from "./module_rehearsal.ts";
import type { Configure } from "./proxy_configuration.ts";
import { rehearse } from "./rehearsal.ts";
import { type RunningPolicy, startPolicy } from "./running_policy.ts";

/** An edition that has started and serves nobody yet: it is taken or dropped, once. */
export interface Staged {
  /** Has it decide all events that come from now on; those in flight are decided by the edition before, which ends then. */
  take(): void | Promise<void>;
  /** Ends it. */
  drop(): Promise<void>;
}

/** One event loop's instances, which have started, and the policy that decides with them. */
export class Lane {
  /** Takes the configuration that a proxy sends for the modules. Until it is set, nobody takes it. */
  onConfigure: Configure = () => Promise.resolve(undefined);
  readonly #current: Current;
  readonly #session: SessionOptions;
  readonly #lines: LogObserver;
  readonly #watchdog: Watchdog;
  readonly #observer: Observer;
  readonly #log: Log;
  #config: AgentConfig;
  #running: RunningPolicy;
  /** Resolves once no edition is left but the current one. */
  #left = Promise.resolve();
  readonly #closing = new AbortController();
  #rehearsal = Promise.resolve();

  private constructor(
    edition: Edition,
    running: RunningPolicy,
    watchdog: Watchdog,
    log: Log,
    lines: LogObserver,
    all: Observer,
  ) {
    this.#config = edition.config;
    this.#current = new Current(running.policy, (config) => this.onConfigure(config));
    this.#running = running;
    this.#watchdog = watchdog;
    this.#log = log;
    this.#lines = lines;
    this.#observer = all;
    this.#session = sessionFor(withQuirks(this.#current), () => identityOf(this.#config), all);
  }

  /**
   * Fills a pool for each module and makes all ready to serve.
   *
   * @param onlookers Told what the log is told.
   * @throws {ModuleError} `MODULE_DOES_NOT_START`
   */
  static async start(edition: Edition, log: Log, ...onlookers: Observer[]): Promise<Lane> {
    const lines = new LogObserver(log, edition.modules);
    const observer = tee([lines, ...onlookers]);
    using started = new DisposableStack();
    const watchdog = started.use(await Watchdog.start());
    const running = await startOrFlush(log, startPolicy(edition, { watchdog, observer, gently: false }));
    const lane = new Lane(edition, running, watchdog, log, lines, observer);
    await lane.#rehearse(edition.modules);
    forgetWork();
    started.move();
    return lane;
  }

  /** Without a rehearsal the first requests only take longer. */
  async #rehearse(modules: Edition["modules"]): Promise<void> {
    const leaveOut = (error: unknown) => this.#log.debug("rehearsal left out", describeError(error));
    const surroundings = { watchdog: this.#watchdog, observer: this.#observer, signal: this.#closing.signal };
    rehearseModules(modules, this.#watchdog, ({ name }, error) => {
      // Only the code: the message would tell what the module has printed.
      this.#log.debug("rehearsal cut short", { module: name, code: describeError(error).code });
    });
    try {
      const { over } = await rehearse({ config: this.#config, ...surroundings });
      this.#rehearsal = over.catch(leaveOut);
    } catch (error) {
      leaveOut(error);
    }
  }

  /** A server for the connections of a listener. */
  serve(listener: Listener): Server {
    return new Server({ session: this.#session, listener });
  }

  /**
   * Starts another edition beside the one that serves, gently, and changes nothing else. There are two at most: it waits until the one
   * before the current one is gone.
   *
   * @throws {ModuleError} `MODULE_DOES_NOT_START` @throws {PoolError} `POOL_TOO_LARGE`
   */
  async stage(edition: Edition): Promise<Staged> {
    await this.#left;
    const surroundings = { watchdog: this.#watchdog, observer: this.#observer, gently: true };
    const running = await startOrFlush(this.#log, startPolicy(edition, surroundings));
    return {
      take: () => {
        this.#config = edition.config;
        this.#lines.follow(edition.modules);
        this.#running = running;
        this.#left = this.#current.replace(running.policy);
      },
      drop: () => running.policy.close(),
    };
  }

  /** Those of the edition that serves, in the order of its modules. */
  get pools(): readonly Pool[] {
    return this.#running.pools;
  }

  /** Ends all instances and threads, once the calls that still run have ended. None of them outlasts its deadline. */
  async close(): Promise<void> {
    this.#lines.close();
    this.#closing.abort();
    await Promise.all([this.#current.close(), this.#rehearsal]);
    // The watchdog is closed last, because until then it may have to end calls.
    this.#watchdog[Symbol.dispose]();
  }
}

/** Resolves as `start` does. If that fails, the log is flushed first, so that what the module has printed stands before the error. */
async function startOrFlush(log: Log, start: Promise<RunningPolicy>): Promise<RunningPolicy> {
  try {
    return await start;
  } catch (error) {
    await log.flush();
    throw error;
  }
}

/** What proxies are told about an agent, except for the events that it wants. */
function identityOf({ lanes, modules }: AgentConfig) {
  // An event needs an instance of each module, or a place in its queue.
  const perLane = Math.min(...modules.map(({ poolSize, queueSize }) => poolSize + queueSize));
  return { agentId: PROGRAM, name: PROGRAM, version: VERSION, maxConcurrency: lanes * perLane };
}
