/**
 * Configuration and modules read anew while requests are served: another edition takes the place of the one that serves, in all lanes,
 * or nothing changes.
 *
 * @module
 */

import type { AgentConfig } from "../config/mod.ts";
import { PoolError } from "../errors.ts";
import type { Log, Observer, ReloadCause, ReloadOutcome, ServingModule } from "../ops/mod.ts";
import { now } from "../time.ts";
import type { Edition } from "./edition.ts";
import { tellOfModules, warnOfModules } from "./edition_lines.ts";
import type { Editions } from "./editions.ts";
import { describeError } from "./log_observer.ts";

/** What a reloader is made of. */
export interface ReloaderOptions {
  /** Reads what is to be run, apart from the event loop. */
  readonly load: () => Promise<Edition>;
  /** Has it take over. */
  readonly editions: Editions;
  /** Told of each outcome. */
  readonly observer: Observer;
  /** Told of each outcome, too. */
  readonly log: Log;
}

/** Reloads, one after the other. */
export class Reloader {
  readonly #options: ReloaderOptions;
  /** With which the process was started. */
  readonly #first: AgentConfig;
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<ReloadOutcome> | undefined;
  #closed = false;
  #last: ReloadOutcome | undefined;
  #since = Date.now();

  /** Reloads nothing yet. */
  constructor(options: ReloaderOptions) {
    this.#first = options.editions.current.config;
    this.#options = options;
  }

  /** What serves now. */
  get edition(): Edition {
    return this.#options.editions.current;
  }

  /** Since when, in milliseconds since 1970. */
  get since(): number {
    return this.#since;
  }

  /** What came of the last reload. */
  get last(): ReloadOutcome | undefined {
    return this.#last;
  }

  /**
   * Reads all anew and has it take over. Never rejects: what goes wrong stands in the outcome. All who ask while one reload runs share
   * the next one, so that none of them is answered with what was read before they had asked.
   */
  reload(cause: ReloadCause): Promise<ReloadOutcome> {
    if (this.#next === undefined) {
      this.#next = this.#running.then(() => this.#reload(cause));
      this.#running = this.#next;
    }
    return this.#next;
  }

  /** From now on nothing takes over any more. Resolves once no reload runs. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #reload(cause: ReloadCause): Promise<ReloadOutcome> {
    this.#next = undefined;
    const { editions, load, log, observer } = this.#options;
    const at = Date.now();
    const startedAt = now();
    let needRestart: readonly string[] = [];
    let error: unknown;
    try {
      await editions.change(async () => {
        this.#refuseOnceClosed();
        const edition = await load();
        this.#refuseOnceClosed();
        needRestart = restartFor(this.#first, edition.config);
        return { ...edition, config: { ...edition.config, ...lasting(this.#first) } };
      });
      this.#since = Date.now();
    } catch (cause) {
      error = cause ?? "nothing";
    }
    const outcome: ReloadOutcome = {
      cause,
      at,
      tookMs: now() - startedAt,
      error: error === undefined ? undefined : describeError(error),
      modules: servingModules(this.edition),
      needRestart,
    };
    this.#last = outcome;
    this.#tell(outcome, log);
    observer.reloaded?.(outcome);
    return outcome;
  }

  #refuseOnceClosed(): void {
    if (!this.#closed) return;
    throw new PoolError("POOL_CLOSED", "Cannot reload as the agent must go on serving: received a reload at its end");
  }

  #tell({ cause, tookMs, error, needRestart }: ReloadOutcome, log: Log): void {
    const fields = { asked_by: cause, took_ms: Math.round(tookMs) };
    if (error !== undefined) return log.error("not reloaded: serving as before", { ...fields, ...error });
    warnOfModules(log, this.edition);
    if (needRestart.length > 0) log.warning("settings wait for a restart", { settings: needRestart });
    log.info("reloaded", { ...fields, ...tellOfModules(log, this.edition) });
  }
}

/** The modules of an edition, for people. */
export function servingModules({ config, modules }: Edition): readonly ServingModule[] {
  return modules.map(({ name, sha256, fileBytes }, index) => ({
    name,
    path: (config.modules[index] ?? config.modules[0]).path,
    sha256,
    bytes: fileBytes,
  }));
}

/** The part of a configuration that holds for the life of the process: all that a reload does not name here. */
function lasting({ modules: _modules, timeoutMs: _timeoutMs, file: _file, notes: _notes, ...others }: AgentConfig) {
  return others;
}

/** Its settings, for people. */
const LASTING: readonly (readonly [name: string, value: (config: AgentConfig) => unknown])[] = [
  ["socket", ({ socket }) => socket.path],
  ["socket-mode", ({ socket }) => socket.mode],
  ["take-over", ({ socket }) => socket.takeOver],
  ["lanes", ({ lanes }) => lanes],
  ["log-format", ({ log }) => log.format],
  ["verbose", ({ log }) => log.verbose],
  ["watch", ({ watch }) => watch],
  ["admin", ({ admin }) => JSON.stringify(admin)],
  ["lock-in", ({ lockIn }) => lockIn],
  ["record", ({ record }) => JSON.stringify(record)],
];

function restartFor(before: AgentConfig, after: AgentConfig): readonly string[] {
  return LASTING.filter(([, value]) => value(before) !== value(after)).map(([name]) => name);
}
