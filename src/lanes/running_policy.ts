/**
 * A module's pool, filled, and the policy that speaks for it.
 *
 * @module
 */

import { ModulePolicy, type Policy, withQuirks } from "../agent/mod.ts";
import type { ModuleConfig } from "../config/mod.ts";
import { GuestError, ModuleError } from "../errors.ts";
import { quoted } from "../escape.ts";
import type { GuestModule } from "../guest/mod.ts";
import type { Observer } from "../ops/mod.ts";
import { Pool, type PoolOptions, Watchdog } from "../pool/mod.ts";

/** What decides, and what runs below it. */
export interface RunningPolicy {
  /** Decides events. */
  readonly policy: Policy;
  /** Runs the calls. */
  readonly pool: Pool;
  /** Ends all instances and threads, once the calls that still run have ended. None of them outlasts its deadline. */
  close(): Promise<void>;
}

/** Starts all that it takes to ask a module. @throws {ModuleError} `MODULE_DOES_NOT_START` */
export async function startPolicy(
  { poolSize, queueSize, reserveThreads, failMode }: ModuleConfig,
  module: GuestModule,
  observer: Observer,
): Promise<RunningPolicy> {
  using started = new DisposableStack();
  const needs = Pool.needs(module, { size: poolSize, reserve: reserveThreads });
  const watchdog = started.use(await Watchdog.start([needs]));
  const pool = await createPool(module, { size: poolSize, queueSize, reserve: reserveThreads, watchdog, observer });
  const policy = withQuirks(new ModulePolicy({ module, pool, failMode, observer }));
  const below = started.move();
  const close = async () => {
    await policy.close();
    // It comes last, because until then it has calls to end.
    below.dispose();
  };
  return { policy, pool, close };
}

async function createPool(module: GuestModule, options: PoolOptions): Promise<Pool> {
  try {
    return await Pool.create(module, options);
  } catch (error) {
    if (!(error instanceof GuestError)) throw error;
    throw new ModuleError("MODULE_DOES_NOT_START", `Cannot start module ${quoted(module.name)}: ${error.message}`, {
      cause: error,
    });
  }
}
