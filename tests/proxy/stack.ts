/**
 * A whole way from client to upstream, with the agent beside it.
 *
 * @module
 */

import { AgentProcess, EXAMPLE_MODULE, TempDir } from "../e2e/agent_process.ts";
import { buildGuest } from "../guests/build.ts";
import { ProxyProcess, Upstream } from "./proxy_process.ts";

/** Far above what a busy machine adds to a call, and below the proxy's own limit in these tests. */
export const PATIENT = ["--timeout-ms", "3000"];

/** How a stack differs from that of the examples. */
export interface StackOptions {
  /** A guest of `tests/guests/` by its name, or the bytes of a module. */
  readonly module?: string | Uint8Array<ArrayBuffer>;
  /** As JSON, for the module. */
  readonly configuration?: string;
  readonly options?: readonly string[];
  readonly takeOver?: boolean;
  readonly replace?: Readonly<Record<string, string>>;
  readonly respond?: (request: Request) => Response;
}

/** Upstream, agent, proxy and a client, started in this order and ended in the other. */
export class Stack implements AsyncDisposable {
  readonly #parts: AsyncDisposableStack;

  private constructor(
    parts: AsyncDisposableStack,
    readonly dir: TempDir,
    readonly upstream: Upstream,
    readonly agent: AgentProcess,
    readonly proxy: ProxyProcess,
    readonly client: Deno.HttpClient,
  ) {
    this.#parts = parts;
  }

  /** Starts all. */
  static async start(
    { module, configuration, options = PATIENT, takeOver, replace, respond }: StackOptions = {},
  ): Promise<Stack> {
    await using parts = new AsyncDisposableStack();
    const dir = parts.use(new TempDir());
    const bytes = typeof module === "string" ? await buildGuest(module) : module;
    const path = bytes === undefined ? EXAMPLE_MODULE : dir.write("module.wasm", bytes);
    const upstream = parts.use(new Upstream(respond));
    const socket = dir.at("a.sock");
    const agent = parts.use(await AgentProcess.start({ socket, module: path, configuration, options, takeOver }));
    const proxy = parts.use(await ProxyProcess.start(dir.path, { upstreamPort: upstream.port, socket, replace }));
    const client = parts.use(Deno.createHttpClient({}));
    return new Stack(parts.move(), dir, upstream, agent, proxy, client);
  }

  /** Through the proxy. */
  fetch(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(`${this.proxy.origin}${path}`, { client: this.client, redirect: "manual", headers });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }
}

/** What a client sees of an answer. */
export async function seen(response: Response): Promise<{ readonly status: number; readonly body: string }> {
  return { status: response.status, body: await response.text() };
}
