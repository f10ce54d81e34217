/**
 * The configuration that a proxy holds for this agent, on its way to modules: new instances are made with it apart from traffic, and
 * take the place of the others if all of them take it.
 *
 * @module
 */

import { AgentError } from "../errors.ts";
import { type GuestModule, NO_CONFIGURATION } from "../guest/mod.ts";
import type { Log } from "../ops/mod.ts";
import { MAX_CONFIGURATION_BYTES } from "./configuration.ts";
import type { Edition } from "./edition.ts";
import type { Editions } from "./editions.ts";
import { describeError } from "./log_observer.ts";

/** Takes a configuration. Resolves to why it is refused, or to undefined; never rejects. */
export type Configure = (config: unknown) => Promise<string | undefined>;

/** The edition with `json` for all modules to which the operator gives no configuration. Returns the same edition if that changes nothing. */
export function withProxyConfiguration(edition: Edition, json: string | undefined): Edition {
  if (json === undefined || json === edition.proxyConfiguration) return edition;
  const told = isTold(edition);
  const [first, ...others] = edition.modules;
  const tell = (module: GuestModule, index: number) => told[index] ? { ...module, configuration: json } : module;
  return {
    ...edition,
    modules: [tell(first, 0), ...others.map((module, index) => tell(module, index + 1))],
    proxyConfiguration: json,
  };
}

/** For each module, whether it gets the configuration that the proxy holds. */
function isTold({ config, modules }: Edition): readonly boolean[] {
  return modules.map(({ takesConfiguration }, index) => {
    const source = config.modules[index]?.configuration;
    const ofOperator = source !== undefined && !("json" in source && source.json.trim() === NO_CONFIGURATION);
    return takesConfiguration && !ofOperator;
  });
}

/** Most configurations that differ and are tried at once: each takes some 100 ms, and a proxy has one. */
const MAX_TRYING = 8;

/** Takes the configurations that proxies send. */
export class ProxyConfiguration {
  readonly #editions: Pick<Editions, "current" | "change">;
  readonly #log: Log;
  /** Configurations that are being tried, or wait for that, by their JSON, because all connections of a proxy send the same at once. */
  readonly #trying = new Map<string, Promise<string | undefined>>();
  #saidWhy = false;

  /** Has `editions` change. */
  constructor(editions: Pick<Editions, "current" | "change">, log: Log) {
    this.#editions = editions;
    this.#log = log;
  }

  /**
   * Has the modules run with `config`, any JSON. A proxy without a configuration sends `null`, which changes nothing. Neither does a
   * configuration that the modules have already, which each further connection of a proxy sends.
   */
  readonly take: Configure = async (config) => {
    if (config === null || config === undefined) return undefined;
    const json = JSON.stringify(config);
    const bytes = new TextEncoder().encode(json).length;
    if (bytes > MAX_CONFIGURATION_BYTES) {
      return this.#refuse(
        `Cannot take configuration as it must have at most ${MAX_CONFIGURATION_BYTES} bytes: received ${bytes}`,
      );
    }
    const begun = this.#trying.get(json);
    if (begun !== undefined) return await begun;
    if (this.#trying.size === MAX_TRYING) {
      return this.#refuse(`Cannot take configuration as at most ${MAX_TRYING} at once must come: received one more`);
    }
    const trying = this.#try(json);
    this.#trying.set(json, trying);
    try {
      return await trying;
    } finally {
      this.#trying.delete(json);
    }
  };

  async #try(json: string): Promise<string | undefined> {
    let changes = false;
    try {
      await this.#editions.change((current) => {
        const next = this.#changed(current, json);
        changes = next !== current;
        return next;
      });
    } catch (error) {
      const { code, cause } = describeError(error);
      return this.#refuse(error instanceof AgentError ? error.message : `Cannot take configuration: ${cause}`, code);
    }
    if (changes) this.#log.info("configuration of proxy taken");
    return undefined;
  }

  #changed(current: Edition, json: string): Edition {
    if (isTold(current).includes(true)) return withProxyConfiguration(current, json);
    this.#sayWhyNot(current);
    return current;
  }

  #sayWhyNot({ modules }: Edition): void {
    if (this.#saidWhy) return;
    this.#saidWhy = true;
    const taken = modules.some(({ takesConfiguration }) => takesConfiguration);
    this.#log.warning(`configuration of proxy not used: ${taken ? "the operator's is" : "no module reads one"}`);
  }

  #refuse(reason: string, code?: string): string {
    this.#log.warning("configuration of proxy refused: the one before stays", { code, cause: reason });
    return reason;
  }
}
