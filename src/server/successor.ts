/**
 * A socket's path that goes from one agent to the next without a moment in which nobody listens there.
 *
 * The next agent makes its socket beside the path, and renames it onto the path once all is ready: each peer that connects reaches the
 * one or the other. What had connected before is still accepted by the agent before, whose socket has lost nothing but its name.
 *
 * @module
 */

import type { Socket } from "./connection.ts";
import { inode } from "./file_at.ts";

/** Between two looks at who has the path, in milliseconds. */
const LOOK_MS = 100;

/** Where the next agent makes the socket that is to be `socket`. */
export function successorPath(socket: string): string {
  return `${socket}.next`;
}

/** Looks whether a path still leads to the same file. */
export class PlaceWatch {
  readonly #taken = Promise.withResolvers<void>();
  readonly #timer: ReturnType<typeof setInterval>;

  /** @param isTaken True once another agent has the path. */
  constructor(isTaken: () => boolean) {
    this.#timer = setInterval(() => {
      if (!isTaken()) return;
      this.close();
      this.#taken.resolve();
    }, LOOK_MS);
  }

  /** Resolves once it is taken. */
  get taken(): Promise<void> {
    return this.#taken.promise;
  }

  /** Looks no more. */
  close(): void {
    clearInterval(this.#timer);
  }
}

/** Whichever agent has a path. */
export class Successor implements Disposable {
  readonly #path: string;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #listeners = new Set<() => void>();
  #owner: number | null | undefined;
  #generation = 0;

  /** Looks who has the path from now on. */
  constructor(path: string) {
    this.#path = path;
    this.#owner = inode(path);
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Another number for each agent that has had the path. */
  get generation(): number {
    return this.#generation;
  }

  /** Connects to it. @throws What the system says. */
  dial(): Promise<Socket> {
    return Deno.connect({ transport: "unix", path: this.#path });
  }

  /** Tells when another agent has the path; what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Looks no more. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const owner = inode(this.#path);
    // Gone for the moment: who dials then hears of it.
    if (owner === undefined || owner === this.#owner) return;
    this.#owner = owner;
    this.#generation++;
    for (const listener of [...this.#listeners]) listener();
  }
}
