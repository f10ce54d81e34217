/**
 * Guests made ready and called, without a server around them.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { AgentError } from "../../../src/errors.ts";
import {
  type CallGuard,
  Guest,
  type GuestCall,
  type GuestModule,
  type ModuleLimits,
  type OutputStream,
  prepareModule,
} from "../../../src/guest/mod.ts";
import { setThreadEntry } from "../../../src/threads/threads.ts";
import { assembleGuest } from "../../guests/build.ts";

/** Far above what a busy machine adds to a call. */
export const LIMITS: ModuleLimits = {
  timeoutMs: 4_000,
  startTimeoutMs: 4_000,
  maxMemoryMiB: 4,
  maxTableEntries: 1_000,
  maxRequestsPerInstance: 0,
  allowGc: false,
};

/** A line that a guest has printed. */
export interface Printed {
  readonly stream: OutputStream;
  readonly line: string;
  readonly correlationId: string;
}

/** Makes threads start as the program's own do, but for the check of results: any bytes will do. */
export function useProgramsThreads(): void {
  setThreadEntry(new URL("./thread_entry.ts", import.meta.url).href);
}

/** The text of a guest in `tests/guests/`. */
export function guestText(name: string): string {
  return Deno.readTextFileSync(fromFileUrl(new URL(`../../guests/${name}.wat`, import.meta.url)));
}

/** A module made ready from its text, the prelude added if it is not whole. */
export async function prepare(text: string, limits: Partial<ModuleLimits> = {}): Promise<GuestModule> {
  return await prepareModule(await assembleGuest("guest", text), "guest.wasm", { ...LIMITS, ...limits });
}

/** Watches nothing: for guests that end by themselves. */
export class PatientGuard implements CallGuard {
  now = () => performance.now();
  attach = (_epoch: SharedArrayBuffer) => {};
  begin = (_deadline: number) => {};
  end = () => false;
}

/** A call with a `!` in its input where `told` is given: that is what guests misbehave on. */
export function callOf(told?: string, options: Partial<GuestCall> = {}): GuestCall {
  return {
    phase: "request_headers",
    input: new TextEncoder().encode(JSON.stringify({ uri: told === undefined ? "/" : `/!${told}` })),
    correlationId: "id",
    deadline: performance.now() + LIMITS.timeoutMs,
    ...options,
  };
}

/** The text of a result. */
export function textOf(result: Uint8Array): string {
  return new TextDecoder().decode(result);
}

/** A guest of this text, and what it prints. */
export async function startGuest(
  text: string,
  limits: Partial<ModuleLimits> = {},
): Promise<{ readonly guest: Guest; readonly printed: Printed[] }> {
  const printed: Printed[] = [];
  const guest = new Guest(
    await prepare(text, limits),
    {
      guard: new PatientGuard(),
      output: (stream, line, correlationId) => printed.push({ stream, line, correlationId }),
    },
  );
  return { guest, printed };
}

/** What came of something: a value, or the code and message of a {@linkcode AgentError}. */
export type Outcome =
  | { readonly value: string }
  | { readonly code: string; readonly message: string };

/** Waits for `run` and tells what came of it. */
export async function outcomeOf(run: () => string | Promise<string>): Promise<Outcome> {
  try {
    return { value: await run() };
  } catch (error) {
    if (error instanceof AgentError) return { code: error.code, message: error.message };
    throw error;
  }
}
