/**
 * How a module's declarations fit this host, told without compiling it.
 *
 * @module
 */

import { ModuleError } from "../errors.ts";
import type { Phase } from "../phase.ts";
import type { ExternType, ModuleInfo } from "../wasm/mod.ts";
import type { GuestAbi, UnknownHandler } from "./abi/abi.ts";
import { abiOf, ABIS } from "./abi/mod.ts";
import { checkImports, type ImportFit, importFits } from "./imports/mod.ts";

/** How a module's declarations fit. */
export interface Fit {
  /** The ABI that it means. */
  readonly abi: string;
  /** Events that it handles; none if it has faults in its exports. */
  readonly phases: readonly Phase[];
  /** True if it is told its configuration. */
  readonly takesConfiguration: boolean;
  /** In its order. */
  readonly imports: readonly ImportFit[];
  /** In its order; `used` if this host calls or reads it. */
  readonly exports: readonly { readonly name: string; readonly type: ExternType; readonly used: boolean }[];
  /** Exports that look like handlers and are none. */
  readonly unknownHandlers: readonly UnknownHandler[];
  /** What does not fit, `MODULE_BAD_IMPORTS` and `MODULE_BAD_EXPORTS`. */
  readonly faults: readonly ModuleError[];
}

/** How a module's declarations fit; `name` is what the faults call it. */
export function fitOf(info: ModuleInfo, name: string, abis: readonly GuestAbi[] = ABIS): Fit {
  const abi = abiOf(info, abis);
  const faults: ModuleError[] = [];
  attempt(faults, () => checkImports(info, name, abi.provides));
  return {
    abi: abi.name,
    phases: attempt(faults, () => abi.inspect(info, name)) ?? [],
    takesConfiguration: abi.takesConfiguration(info),
    imports: importFits(info, abi.provides),
    exports: info.exports.map(({ name, type }) => ({ name, type, used: abi.usesExport(name) })),
    unknownHandlers: abi.unknownHandlers(info),
    faults,
  };
}

function attempt<T>(faults: ModuleError[], run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ModuleError)) throw error;
    faults.push(error);
    return undefined;
  }
}
