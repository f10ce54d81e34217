/**
 * The program run within a test: what it prints is kept.
 *
 * @module
 */

import { run } from "../../../src/cli/mod.ts";

/** How it has ended. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line. Tests of a file come one after the other, so nothing else prints meanwhile. */
export async function ran(...words: readonly string[]): Promise<Ran> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const { log } = console;
  const writeSync = Deno.stderr.writeSync;
  console.log = (...values) => stdout.push(`${values.join(" ")}\n`);
  Deno.stderr.writeSync = (bytes) => {
    stderr.push(new TextDecoder().decode(bytes));
    return bytes.length;
  };
  try {
    return { code: await run(words), stdout: stdout.join(""), stderr: stderr.join("") };
  } finally {
    console.log = log;
    Deno.stderr.writeSync = writeSync;
  }
}
