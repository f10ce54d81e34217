/**
 * Ports of this machine for programs that cannot be told to take any.
 *
 * @module
 */

import { sleep } from "../../src/sleep.ts";

const HOSTNAME = "127.0.0.1";
const POLL_MS = 50;
/** Nothing here takes this long; what does hangs. */
const HANG_MS = 30_000;

/** A port that was free a moment ago. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: HOSTNAME, port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** A program that is to listen. */
export interface Starting {
  /** What to call it in an error. */
  readonly name: string;
  /** Resolves if it has ended. */
  readonly ended: Promise<unknown>;
  /** What it has written. */
  readonly said: () => string;
}

/** Resolves once a program accepts connections on `port`. */
export async function untilListening(port: number, { name, ended, said }: Starting): Promise<void> {
  let over = false;
  ended.then(() => over = true);
  for (const until = performance.now() + HANG_MS; performance.now() < until;) {
    try {
      (await Deno.connect({ hostname: HOSTNAME, port })).close();
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    }
    if (over) throw new Error(`${name} ended:\n${said()}`);
    await sleep(POLL_MS);
  }
  throw new Error(`${name} does not listen:\n${said()}`);
}
