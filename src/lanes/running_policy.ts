/**
 * The pools of an edition's modules, filled, and the policy that speaks for them.
 *
 * @module
 */

import { Chain, Inputs, Matched, matcher, ModulePolicy, PassedOver, type Policy } from "../agent/mod.ts";
import type { ModuleConfig } from "../config/mod.ts";
import { GuestError, ModuleError } from "../errors.ts";
import { quoted } from "../escape.ts";
import type { GuestModule } from "../guest/mod.ts";
import type { Observer } from "../ops/mod.ts";
import { Pool, type Watchdog } from "../pool/mod.ts";
import type { Edition } from "./edition.ts";

/** A policy, and the pools that run its calls. */
export interface RunningPolicy {
  /** Decides events. To close it ends all instances and threads, once the calls that still run have ended. */
  readonly policy: Policy;
  /** One pool for each module, in the modules' order. */
  readonly pools: readonly Pool[];
}

/** What an edition needs of the event loop that it runs on. */
export interface Surroundings {
  /** Ends calls past their deadline. The caller that has started it ends it, after the policy. */
  readonly watchdog: Watchdog;
  /** Told what happens. */
  readonly observer: Observer;
  /** True while requests are served. */
  readonly gently: boolean;
}

/**
 * Fills a pool for each module, one after the other, and puts a policy in front of them.
 *
 * @throws {ModuleError} `MODULE_DOES_NOT_START` @throws {PoolError} `POOL_TOO_LARGE`. Nothing is left of the others then.
 */
export async function startPolicy(edition: Edition, surroundings: Surroundings): Promise<RunningPolicy> {
  const { config, modules } = edition;
  const { observer } = surroundings;
  const pools: Pool[] = [];
  try {
    for (const [number, module] of modules.entries()) {
      pools.push(await createPool(config.modules[number] ?? config.modules[0], module, surroundings));
    }
  } catch (error) {
    await Promise.all(pools.map((pool) => pool.close()));
    throw error;
  }
  const inputs = new Inputs();
  const policies = pools.map((pool, number) => {
    const module = modules[number] ?? modules[0];
    const { failMode } = config.modules[number] ?? config.modules[0];
    const policy = new ModulePolicy({ module, pool, failMode, observer, inputs, budgetMs: config.timeoutMs });
    return matched(policy, edition, number);
  });
  const [only] = policies;
  const policy = policies.length === 1 && only !== undefined ? only : new Chain(policies, config.timeoutMs);
  return { policy, pools };
}

function matched(policy: Policy, { config, passedOver }: Edition, number: number): Policy {
  const match = config.modules[number]?.match;
  if (match === undefined || passedOver === undefined) return policy;
  return new Matched(policy, { match: matcher(match), passedOver: new PassedOver(passedOver), number });
}

async function createPool(
  { poolSize, queueSize, reserveThreads }: ModuleConfig,
  module: GuestModule,
  surroundings: Surroundings,
): Promise<Pool> {
  try {
    return await Pool.create(module, { size: poolSize, queueSize, reserve: reserveThreads, ...surroundings });
  } catch (error) {
    if (!(error instanceof GuestError)) throw error;
    throw new ModuleError("MODULE_DOES_NOT_START", `Cannot start module ${quoted(module.name)}: ${error.message}`, {
      cause: error,
      trace: error.trace,
    });
  }
}
