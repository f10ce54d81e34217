/**
 * Signals as the agent takes them.
 *
 * | signal | what it does |
 * |---|---|
 * | SIGTERM, SIGINT | the agent drains and ends; again, half a second later or more: it ends at once |
 * | SIGHUP | modules and configuration are read anew |
 * | SIGQUIT, SIGUSR1, SIGUSR2 | nothing but a line in the log |
 *
 * On SIGUSR1 Deno 2.9.6 opens its inspector as well, even if the program listens for the signal. So `tools/exec.ts` and the systemd unit
 * block that signal.
 *
 * @module
 */

/** One Ctrl-C comes as several signals: the terminal sends it to the whole group, and `deno task` passes on what it got. */
const SAME_MS = 500;

const ENDING = ["SIGTERM", "SIGINT"] as const;
/** Left alone, they would end the process, some with a dump of its memory. SIGHUP asks for a reload, the others for nothing. */
const HARMLESS = ["SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/** Listens until disposed of. */
export class Signals implements Disposable {
  readonly #listeners: (readonly [Deno.Signal, () => void])[] = [];
  readonly #first = Promise.withResolvers<Deno.Signal>();
  readonly #second = Promise.withResolvers<void>();
  #firstAt: number | undefined;
  /** Told of a signal that does not end the process. */
  onHarmless = (_signal: Deno.Signal): void => {};

  /** From now on the harmless ones are. */
  constructor() {
    for (const signal of HARMLESS) this.#listen(signal, () => this.onHarmless(signal));
  }

  /** From now on SIGTERM and SIGINT no longer end the process by themselves; resolves to the first of them. */
  takeOver(): Promise<Deno.Signal> {
    for (const signal of ENDING) this.#listen(signal, () => this.#end(signal));
    return this.#first.promise;
  }

  /** Resolves once somebody who has waited asks again. */
  get again(): Promise<void> {
    return this.#second.promise;
  }

  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) Deno.removeSignalListener(signal, listener);
  }

  #listen(signal: Deno.Signal, listener: () => void): void {
    Deno.addSignalListener(signal, listener);
    this.#listeners.push([signal, listener]);
  }

  #end(signal: Deno.Signal): void {
    const now = performance.now();
    if (this.#firstAt === undefined) {
      this.#firstAt = now;
      this.#first.resolve(signal);
    } else if (now - this.#firstAt >= SAME_MS) this.#second.resolve();
  }
}
