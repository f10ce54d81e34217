/**
 * What the log tells of an edition when it begins to serve.
 *
 * @module
 */

import type { ModuleConfig } from "../config/mod.ts";
import { type GuestModule, NO_CONFIGURATION } from "../guest/mod.ts";
import type { Log, LogFields } from "../ops/mod.ts";
import type { Edition } from "./edition.ts";

/** Warns of what in its modules most likely is not as their authors or operators mean it. */
export function warnOfModules(log: Log, { modules }: Edition): void {
  for (const module of modules) {
    for (const { name, nearest } of module.unknownHandlers) {
      log.warning("export is never called", { module: module.name, export: name, nearest });
    }
    if (!module.takesConfiguration && module.configuration !== NO_CONFIGURATION) {
      log.warning("configuration is never read", { module: module.name, abi: module.abi });
    }
  }
}

/** Fields of the line that says that it serves. Several modules have a line each before it. */
export function tellOfModules(log: Log, { config, modules }: Edition): LogFields {
  const described = modules.map((module, index) => describeModule(module, config.modules[index] ?? config.modules[0]));
  const [only] = described;
  if (described.length === 1 && only !== undefined) return only;
  for (const [index, fields] of described.entries()) {
    log.info("module", { place: index + 1, name: modules[index]?.name, ...fields });
  }
  return { modules: modules.map(({ name }) => name), timeout_ms: config.timeoutMs };
}

function describeModule(module: GuestModule, config: ModuleConfig): LogFields {
  return {
    module: config.path,
    module_bytes: module.fileBytes,
    module_sha256: module.sha256,
    abi: module.abi,
    phases: module.phases,
    pool_size: config.poolSize,
    fail_mode: config.failMode,
    timeout_ms: config.limits.timeoutMs,
    max_memory_mib: config.limits.maxMemoryMiB,
    queue_size: config.queueSize,
  };
}
