/**
 * A socket's path that goes from one agent to the next without a moment in which nobody listens there.
 *
 * The next agent makes its socket beside the path, and renames it onto the path once all is ready: whoever connects reaches the one or
 * the other. What had connected before is still accepted by the agent before, whose socket has lost nothing but its name.
 *
 * @module
 */

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
