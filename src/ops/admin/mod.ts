/**
 * The admin endpoint: metrics, health, status and a page for people, over HTTP. It is loaded only where `--admin` asks for it.
 *
 * @module
 */

import { History } from "./history.ts";
import { AgentWatch } from "./observation.ts";
import { answer } from "./routes.ts";
import type { AgentView } from "./view.ts";

export type { AgentView, ModuleAbout } from "./view.ts";
export { Metrics } from "../metrics.ts";

/** How the endpoint answers. */
export interface AdminOptions {
  /** True for a unix socket, which no browser reaches. */
  readonly unix: boolean;
  /** True if others than this machine may ask, by whatever name. */
  readonly allowRemote: boolean;
  /** Share of events in percent that may take the fail mode while it is ready. */
  readonly maxErrorPercent: number;
}

const LOOK_MS = 1_000;

/** Answers requests about one agent. */
export class Admin implements Disposable {
  readonly #view: AgentView;
  readonly #options: AdminOptions;
  readonly #watch: AgentWatch;
  readonly #history = new History();
  readonly #timer: ReturnType<typeof setInterval>;

  /** From now on it looks at the agent once a second. */
  constructor(view: AgentView, options: AdminOptions) {
    this.#view = view;
    this.#options = options;
    this.#watch = new AgentWatch(view);
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    Deno.unrefTimer(this.#timer);
  }

  /** The answer to a request. */
  readonly handle = (request: Request): Promise<Response> =>
    answer(request, { view: this.#view, watch: this.#watch, history: this.#history, ...this.#options });

  /** Looks no more. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const { at, figures } = await this.#watch.observe();
    this.#history.take(at, figures);
  }
}
