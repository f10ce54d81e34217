/**
 * A module's file, read within bounds and made ready to run.
 *
 * @module
 */

import type { ModuleConfig } from "../config/mod.ts";
import { ModuleError } from "../errors.ts";
import { escapeText } from "../escape.ts";
import { ABIS, type GuestModule, prepareModule } from "../guest/mod.ts";
import type { Phase } from "../phase.ts";
import { readConfiguration } from "./configuration.ts";

/** Largest file taken, in bytes. The largest of some 800 real modules has 41 MB; debug builds have a few times that. */
export const MAX_MODULE_BYTES: number = 256 * 1024 * 1024;

const KINDS = [
  ["isDirectory", "a directory"],
  ["isFifo", "a pipe"],
  ["isSocket", "a socket"],
  ["isCharDevice", "a device"],
  ["isBlockDevice", "a device"],
] as const;

/**
 * A module as its configuration wants it.
 *
 * @throws {ModuleError} as {@linkcode readModuleFile} and {@linkcode prepareModule} do; `MODULE_WRONG_HASH`, `MODULE_BAD_PHASES`.
 * @throws {ConfigError} as {@linkcode readConfiguration} does.
 */
export async function loadModule(config: ModuleConfig): Promise<GuestModule> {
  const { path, configuration } = config;
  const told = await readConfiguration(configuration);
  const bytes = await readModuleFile(path);
  await checkHash(bytes, config);
  const module = await prepareAs(config, bytes, told);
  // Nobody needs the file any more, and V8 would keep it until it sees a reason to collect garbage.
  bytes.buffer.transfer(0);
  return module;
}

/**
 * Bytes of a module, ready to run as its configuration wants it.
 *
 * @param told What the module is told, as JSON.
 * @throws {ModuleError} as {@linkcode prepareModule} does; `MODULE_BAD_PHASES`.
 */
export async function prepareAs(
  config: Pick<ModuleConfig, "name" | "path" | "limits" | "phases">,
  bytes: Uint8Array<ArrayBuffer>,
  told?: string,
): Promise<GuestModule> {
  const prepared = await prepareModule(bytes, config.name, config.limits, ABIS, told);
  return { ...prepared, phases: phasesOf(prepared, config) };
}

/** Compared before anything of it is compiled. */
async function checkHash(bytes: Uint8Array<ArrayBuffer>, { path, sha256 }: ModuleConfig): Promise<void> {
  if (sha256 === undefined) return;
  const received = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  if (received === sha256.toLowerCase()) return;
  throw new ModuleError(
    "MODULE_WRONG_HASH",
    `Cannot use module "${escapeText(path)}" as its SHA-256 must be ${escapeText(sha256)}: received ${received}`,
  );
}

/** Those that the module handles and is to be asked about. */
function phasesOf(
  { phases }: GuestModule,
  { path, phases: wanted }: Pick<ModuleConfig, "path" | "phases">,
): readonly Phase[] {
  const missing = wanted?.find((phase) => !phases.includes(phase));
  if (missing === undefined) return wanted ?? phases;
  throw new ModuleError(
    "MODULE_BAD_PHASES",
    `Cannot use module "${escapeText(path)}" as it must handle ${missing}, about which it is to be asked: ` +
      `received handlers for ${phases.join(", ")}`,
  );
}

/**
 * All bytes of a regular file.
 *
 * @throws {ModuleError} `MODULE_UNREADABLE`, `MODULE_FILE_TOO_LARGE`; the path is named.
 */
export async function readModuleFile(path: string, maxBytes = MAX_MODULE_BYTES): Promise<Uint8Array<ArrayBuffer>> {
  try {
    // Asked first: to open a pipe waits for its writer.
    const info = await Deno.stat(path);
    if (!info.isFile) throw unreadable(path, KINDS.find(([key]) => info[key])?.[1] ?? "no file");
    using file = await Deno.open(path);
    return await readAll(file, path, info.size, maxBytes);
  } catch (cause) {
    if (cause instanceof ModuleError) throw cause;
    const received = escapeText(cause instanceof Error ? cause.message : String(cause));
    const advice = cause instanceof Deno.errors.NotCapable ? ` (grant --allow-read=${escapeText(path)})` : "";
    throw unreadable(path, `"${received}"${advice}`, cause);
  }
}

/** Reads until the end, whatever size the file is said to have: those of `/proc` say 0, and others may grow meanwhile. */
async function readAll(
  file: Deno.FsFile,
  path: string,
  size: number,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (size > maxBytes) throw tooLarge(path, maxBytes, `${size}`);
  let bytes = new Uint8Array(size + 1);
  for (let length = 0;;) {
    const count = await file.read(bytes.subarray(length));
    if (count === null) return bytes.subarray(0, length);
    length += count;
    if (length > maxBytes) throw tooLarge(path, maxBytes, "more");
    if (length === bytes.length) bytes = new Uint8Array(bytes.buffer.transfer(Math.min(length * 2, maxBytes + 1)));
  }
}

function unreadable(path: string, received: string, cause?: unknown): ModuleError {
  return new ModuleError(
    "MODULE_UNREADABLE",
    `Cannot read module "${escapeText(path)}" as it must be a readable regular file: received ${received}`,
    { cause },
  );
}

function tooLarge(path: string, maxBytes: number, received: string): ModuleError {
  return new ModuleError(
    "MODULE_FILE_TOO_LARGE",
    `Cannot read module "${escapeText(path)}" as its file must have at most ${maxBytes} bytes: received ${received}. ` +
      "Strip what is not code, such as debug information",
  );
}
