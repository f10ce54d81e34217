/**
 * The real proxy as a process of its own, configured by `examples/zentinel.kdl`, between clients and an upstream of the test's.
 *
 * @module
 */

import { join } from "@std/path";
import { Lines, ROOT } from "../e2e/agent_process.ts";
import { freePort, untilListening } from "./ports.ts";
import { proxyBinary, type ProxyRelease } from "./releases.ts";

const TESTED: ProxyRelease = "zentinel-0.6.45";
const CONFIG = `${ROOT}examples/zentinel.kdl`;

/** Runs the proxy's own check of a configuration file. */
export async function checkConfig(path: string): Promise<{ readonly code: number; readonly output: string }> {
  const command = new Deno.Command(proxyBinary(TESTED), {
    args: ["test", "-c", path],
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Replacements of the example's defaults. */
export interface ProxySettings {
  /** Port that the upstream listens on. */
  readonly upstreamPort: number;
  /** Socket of the agent; without one, nobody is asked. */
  readonly socket?: string;
  /** The one of the end-to-end tests if not given. */
  readonly release?: ProxyRelease;
  /** Further replacements, text by text; each must be there. */
  readonly replace?: Readonly<Record<string, string>>;
}

function configText(port: number, { upstreamPort, socket, replace = {} }: ProxySettings): string {
  const replacements = {
    "127.0.0.1:8080": `127.0.0.1:${port}`,
    "127.0.0.1:9000": `127.0.0.1:${upstreamPort}`,
    'unix-socket "/tmp/sentinel-wasm.sock"': `unix-socket "${socket ?? ""}"`,
    // What a busy machine adds to a call must not count as a failure.
    "timeout-ms 50 ": "timeout-ms 5000 ",
    ...replace,
  };
  let text = Deno.readTextFileSync(CONFIG);
  for (const [from, to] of Object.entries(replacements)) {
    if (!text.includes(from)) throw new Error(`examples/zentinel.kdl has no ${from}`);
    text = text.replaceAll(from, to);
  }
  return socket === undefined
    ? text.replace('; filters "wasm"', "").replaceAll(/^(agents|filters) {\n[^]*?^}\n/gm, "")
    : text;
}

/** A running proxy. */
export class ProxyProcess implements AsyncDisposable {
  readonly port: number;
  readonly #child: Deno.ChildProcess;
  readonly #lines: readonly [Lines, Lines];

  private constructor(port: number, child: Deno.ChildProcess) {
    this.port = port;
    this.#child = child;
    this.#lines = [new Lines(child.stdout), new Lines(child.stderr)];
  }

  /** Starts the proxy in `folder` and waits until it accepts connections. The agent must be running. */
  static async start(folder: string, settings: ProxySettings): Promise<ProxyProcess> {
    const port = freePort();
    const file = join(folder, `zentinel-${port}.kdl`);
    Deno.writeTextFileSync(file, configText(port, settings));
    const command = new Deno.Command(proxyBinary(settings.release ?? TESTED), {
      args: ["run", "-c", file],
      cwd: folder,
      env: { NO_COLOR: "1", RUST_LOG: "warn" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    const proxy = new ProxyProcess(port, command.spawn());
    try {
      await untilListening(port, { name: "the proxy", ended: proxy.#child.status, said: () => proxy.output });
    } catch (error) {
      await proxy[Symbol.asyncDispose]();
      throw error;
    }
    return proxy;
  }

  get pid(): number {
    return this.#child.pid;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Everything the proxy has written. */
  get output(): string {
    return this.#lines.map((lines) => lines.text).join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It drains for long on SIGTERM, and there is nothing to lose.
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#child.status;
    for (const lines of this.#lines) await lines.ended();
  }
}

/** What the upstream saw of a request. */
export interface Echo {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A server that answers with what it saw, or with a body of the test's. */
export class Upstream implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** Requests that came through. */
  requests = 0;

  constructor(respond: (request: Request) => Response = echo) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
      this.requests++;
      return respond(request);
    });
  }

  get port(): number {
    return this.#server.addr.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function echo(request: Request): Response {
  const { pathname, search } = new URL(request.url);
  const seen: Echo = { method: request.method, path: pathname + search, headers: Object.fromEntries(request.headers) };
  return Response.json(seen, { headers: { server: "upstream/1.0", "x-powered-by": "PHP", "x-kept": "yes" } });
}
