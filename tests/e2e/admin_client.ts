/**
 * A client of the admin endpoint.
 *
 * @module
 */

import { type Family, parseExposition } from "../unit/ops/exposition_parser.ts";

/** Asks an admin endpoint on a unix socket. */
export class AdminClient implements Disposable {
  readonly #client: Deno.HttpClient;

  constructor(path: string) {
    this.#client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
  }

  async get(path: string, method = "GET"): Promise<{ readonly status: number; readonly text: string }> {
    const response = await fetch(`http://agent${path}`, { client: this.#client, method });
    return { status: response.status, text: await response.text() };
  }

  async metrics(): Promise<ReadonlyMap<string, Family>> {
    return parseExposition((await this.get("/metrics")).text);
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}
