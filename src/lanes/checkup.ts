/**
 * Checks a module: says all that can be said about its file, and starts one instance as serving does.
 *
 * @module
 */

import type { AgentConfig } from "../config/mod.ts";
import { type AgentError, ModuleError } from "../errors.ts";
import { type Fit, fitOf, type GuestModule, NO_CONFIGURATION } from "../guest/mod.ts";
import type { Observer, Place, PrintedLine } from "../ops/mod.ts";
import { featuresOf, inspectModule, type ModuleInfo } from "../wasm/mod.ts";
import { readModuleFile } from "./module_file.ts";
import { Trial } from "./trial.ts";

/** What is known about a module. Fields that a fault has kept from being found out are left out. */
export interface Checkup {
  /** Path of its file, as it was given. */
  readonly path: string;
  /** Size of the file, in bytes. */
  readonly fileBytes?: number;
  /** SHA-256 of the file in hexadecimal. */
  readonly sha256?: string;
  /** What it declares. */
  readonly declared?: Declared;
  /** The module made ready, and how its instance started. */
  readonly started?: Started;
  /** What it printed at its start. */
  readonly printed: readonly PrintedLine[];
  /** Why it does not run; none if it does. */
  readonly faults: readonly AgentError[];
  /** What its author should know although it runs. */
  readonly warnings: readonly string[];
}

/** What a module declares. */
export interface Declared {
  /** As it stands in the file. */
  readonly info: ModuleInfo;
  /** The same, compared with what this host calls and provides. */
  readonly fit: Fit;
  /** Parts of WebAssembly beyond its first version that it uses. */
  readonly features: readonly string[];
}

/** A module that has started. */
export interface Started {
  /** Ready to run. */
  readonly module: GuestModule;
  /** Start functions, `configure` and the self-check of its instance, in milliseconds. */
  readonly startMs?: number;
  /** Memory of the instance after that, in bytes. */
  readonly memoryBytes: number;
}

/** Share of `--max-memory` with which a module may start before it is warned of. */
const MUCH_MEMORY = 0.75;

/**
 * Reads the configuration's first module, starts it and ends it again.
 *
 * @throws {ConfigError} if the module's configuration cannot be read.
 */
export async function checkUp(config: AgentConfig): Promise<Checkup> {
  const [{ name, path }] = config.modules;
  const faults: AgentError[] = [];
  const file = await attempt(faults, () => examine(path, name));
  if (file === undefined) return { path, printed: [], faults, warnings: [] };
  const onlooker = new Onlooker();
  const started = await attempt(faults, () => start(config, onlooker));
  // The first fault ends a start, and an author wants to know all of them.
  const others = started === undefined ? file.declared?.fit.faults ?? [] : [];
  faults.push(...others.filter(({ code }) => faults.every((fault) => fault.code !== code)));
  return {
    path,
    ...file,
    started,
    printed: onlooker.lines,
    faults,
    warnings: [...warningsOf(file.declared, config, started)],
  };
}

/** All that is in the file. */
async function examine(path: string, name: string): Promise<Pick<Checkup, "fileBytes" | "sha256" | "declared">> {
  const bytes = await readModuleFile(path);
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  const fileBytes = bytes.length;
  // The start says what is wrong with it, in the same words as serving does.
  const declared = await attempt([], () => {
    const info = inspectModule(bytes);
    return { info, fit: fitOf(info, name), features: featuresOf(bytes) };
  });
  // The bytes are dropped, because the start reads the file again, and both would take twice the memory.
  bytes.buffer.transfer(0);
  return { fileBytes, sha256, declared };
}

async function start(config: AgentConfig, onlooker: Onlooker): Promise<Started> {
  await using trial = await Trial.start(config, onlooker);
  return { module: trial.module, startMs: onlooker.startMs, memoryBytes: trial.memoryBytes };
}

/** What `run` returns; a `ModuleError` goes to `faults` instead. */
async function attempt<T>(faults: AgentError[], run: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ModuleError)) throw error;
    faults.push(error);
    return undefined;
  }
}

function* warningsOf(
  declared: Declared | undefined,
  config: AgentConfig,
  started: Started | undefined,
): Generator<string> {
  for (const { name, nearest } of declared?.fit.unknownHandlers ?? []) {
    yield `export "${name}" is never called, did you mean "${nearest}"?`;
  }
  if (started === undefined) return;
  const { module, startMs = 0, memoryBytes } = started;
  if (!module.takesConfiguration && module.configuration !== NO_CONFIGURATION) {
    yield `the configuration is never read by a module of ${module.abi}, unless by an import`;
  }
  const { timeoutMs, maxMemoryMiB } = config.modules[0].limits;
  if (startMs > timeoutMs) {
    yield `an instance takes longer to start than a call may take (${timeoutMs} ms, --timeout-ms): it runs in threads from the start`;
  }
  if (memoryBytes > MUCH_MEMORY * maxMemoryMiB * 1024 * 1024) {
    yield `an instance starts with more than ${
      MUCH_MEMORY * 100
    } % of the memory it may have (${maxMemoryMiB} MiB, --max-memory)`;
  }
}

/** Remembers what a start reports. */
class Onlooker implements Observer {
  readonly lines: PrintedLine[] = [];
  startMs: number | undefined;

  printed(line: PrintedLine): void {
    this.lines.push(line);
  }

  made(_module: string, _place: Place, tookMs?: number): void {
    this.startMs ??= tookMs;
  }
}
