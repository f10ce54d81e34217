/**
 * Load that outlasts agents: connections that ask one thing after the other, and connect anew when an agent has closed them.
 *
 * @module
 */

import { sleep } from "../../src/sleep.ts";
import { v1RequestFrame, v2Hello, v2RequestFrame, Wire } from "./wire.ts";

/** What became of the requests, in numbers. */
export interface Tally {
  /** Answered. */
  answered: number;
  /** By anything but `allow` from the module. */
  wrong: number;
  /** Asked again, because the agent had closed the connection in the moment in which they were sent. */
  again: number;
  /** Connections that nobody took. */
  refused: number;
  /** Connections that were made. */
  connected: number;
}

/** Asks on so many connections, half of them of each version of the protocol, until it is stopped. */
export class Asking {
  readonly tally: Tally = { answered: 0, wrong: 0, again: 0, refused: 0, connected: 0 };
  readonly #path: string;
  readonly #askers: readonly Promise<void>[];
  #stopped = false;

  constructor(path: string, connections: number) {
    this.#path = path;
    this.#askers = Array.from({ length: connections }, (_, index) => this.#ask(index % 2 === 0 ? 1 : 2));
  }

  /** Resolves once so many more requests than now have been answered. */
  async answeredMore(count: number): Promise<void> {
    const goal = this.tally.answered + count;
    while (this.tally.answered < goal) await sleep(5);
  }

  /** Asks no more; what became of all. */
  async stop(): Promise<Tally> {
    this.#stopped = true;
    await Promise.all(this.#askers);
    return this.tally;
  }

  async #ask(version: 1 | 2): Promise<void> {
    while (!this.#stopped) {
      let wire: Wire;
      try {
        wire = await Wire.connect(this.#path);
      } catch {
        this.tally.refused++;
        await sleep(1);
        continue;
      }
      this.tally.connected++;
      using _wire = wire;
      if (version === 2 && await answerTo(wire, v2Hello()) === undefined) continue;
      while (!this.#stopped && await this.#askOnce(wire, version));
    }
  }

  /** False once the connection is of no more use. */
  async #askOnce(wire: Wire, version: 1 | 2): Promise<boolean> {
    const body = await answerTo(wire, version === 1 ? v1RequestFrame({ uri: "/" }) : v2RequestFrame({ uri: "/" }));
    if (body === undefined) {
      this.tally.again++;
      return false;
    }
    this.tally.answered++;
    const text = new TextDecoder().decode(body);
    if (!text.includes(`"decision":"allow"`) || text.includes("wasm-error")) this.tally.wrong++;
    return true;
  }
}

/** Undefined if the agent has gone meanwhile. */
async function answerTo(wire: Wire, frame: Uint8Array<ArrayBuffer>): Promise<Uint8Array | undefined> {
  try {
    await wire.write(frame);
    return await wire.readFrame();
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.ConnectionReset) return undefined;
    throw error;
  }
}
