/**
 * The real proxy as a process of its own, configured by `examples/zentinel.kdl`, between clients and an upstream of the test's.
 *
 * @module
 */

import { join } from "@std/path";
import { sleep } from "../../src/sleep.ts";
import { Lines, ROOT, type TempDir } from "../e2e/agent_process.ts";

const VERSION = "0.6.45";
const CONFIG = `${ROOT}examples/zentinel.kdl`;
const POLL_MS = 50;
/** Nothing here takes this long; what does hangs. */
const HANG_MS = 30_000;

/** Path of the installed proxy. @throws {Error} that says how to install it. */
export function proxyBinary(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") || join(Deno.env.get("HOME") ?? "", ".cache");
  const path = join(cache, "sentinel-wasm-agent", `zentinel-${VERSION}`, "bin", "zentinel");
  try {
    Deno.statSync(path);
  } catch (cause) {
    throw new Error(`zentinel ${VERSION} is not installed: run tools/install_proxy.sh`, { cause });
  }
  return path;
}

/** Runs the proxy's own check of a configuration file. */
export async function checkConfig(path: string): Promise<{ readonly code: number; readonly output: string }> {
  const command = new Deno.Command(proxyBinary(), { args: ["test", "-c", path], stdout: "piped", stderr: "piped" });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Replacements of the example's defaults. */
export interface ProxySettings {
  /** Port that the upstream listens on. */
  readonly upstreamPort: number;
  /** Socket of the agent. */
  readonly socket: string;
  /** Further replacements, text by text; each must be there. */
  readonly replace?: Readonly<Record<string, string>>;
}

/** A port that was free a moment ago. */
function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

function configText(port: number, { upstreamPort, socket, replace = {} }: ProxySettings): string {
  const replacements = {
    "127.0.0.1:8080": `127.0.0.1:${port}`,
    "127.0.0.1:9000": `127.0.0.1:${upstreamPort}`,
    'unix-socket "/tmp/sentinel-wasm.sock"': `unix-socket "${socket}"`,
    // What a busy machine adds to a call must not count as a failure.
    "timeout-ms 50 ": "timeout-ms 5000 ",
    ...replace,
  };
  let text = Deno.readTextFileSync(CONFIG);
  for (const [from, to] of Object.entries(replacements)) {
    if (!text.includes(from)) throw new Error(`examples/zentinel.kdl has no ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
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

  /** Starts the proxy and waits until it accepts connections. The agent must be running. */
  static async start(dir: TempDir, settings: ProxySettings): Promise<ProxyProcess> {
    const port = freePort();
    const file = dir.write("zentinel.kdl", configText(port, settings));
    const command = new Deno.Command(proxyBinary(), {
      args: ["run", "-c", file],
      cwd: dir.path,
      env: { NO_COLOR: "1", RUST_LOG: "warn" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    const proxy = new ProxyProcess(port, command.spawn());
    try {
      await proxy.#waitUntilItListens();
    } catch (error) {
      await proxy[Symbol.asyncDispose]();
      throw error;
    }
    return proxy;
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
    this.#child.kill("SIGKILL");
    await this.#child.status;
    for (const lines of this.#lines) await lines.ended();
  }

  async #waitUntilItListens(): Promise<void> {
    let ended = false;
    this.#child.status.then(() => ended = true);
    for (const until = performance.now() + HANG_MS; performance.now() < until;) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port: this.port })).close();
        return;
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      }
      if (ended) throw new Error(`the proxy ended:\n${this.output}`);
      await sleep(POLL_MS);
    }
    throw new Error(`the proxy does not listen:\n${this.output}`);
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
