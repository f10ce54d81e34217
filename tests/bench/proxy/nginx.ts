/**
 * The upstream behind the proxy: nginx with a constant answer, in one process.
 *
 * @module
 */

import { join } from "@std/path";
import { Lines } from "../../e2e/agent_process.ts";
import { freePort, untilListening } from "../../proxy/ports.ts";
import { programPath } from "./installed.ts";

/** What it answers to every request. */
export const ANSWER = "ok";

/** Everything that it writes lies in the folder that it is started with. */
const configText = (port: number) => `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
  access_log off;
  default_type text/plain;
  keepalive_requests 1000000000;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${name};`).join("\n  ")}
  server {
    listen 127.0.0.1:${port};
    location / { return 200 "${ANSWER}"; }
  }
}
`;

/** A running nginx. */
export class Nginx implements AsyncDisposable {
  readonly port: number;
  readonly #child: Deno.ChildProcess;
  readonly #lines: Lines;

  private constructor(port: number, child: Deno.ChildProcess) {
    this.port = port;
    this.#child = child;
    this.#lines = new Lines(child.stderr);
  }

  /** Starts it with its files in `folder` and waits until it accepts connections. */
  static async start(folder: string): Promise<Nginx> {
    const port = freePort();
    const file = join(folder, "nginx.conf");
    Deno.writeTextFileSync(file, configText(port));
    const child = new Deno.Command(programPath("nginx"), {
      args: ["-p", folder, "-e", "stderr", "-c", file],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const nginx = new Nginx(port, child);
    try {
      await untilListening(port, { name: "nginx", ended: child.status, said: () => nginx.#lines.text });
    } catch (error) {
      await nginx[Symbol.asyncDispose]();
      throw error;
    }
    return nginx;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has ended by itself.
    }
    await this.#child.status;
    await this.#lines.ended();
  }
}
