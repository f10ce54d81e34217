/**
 * A v2 connection with many requests in flight at once, and pings between them.
 *
 * @module
 */

import { frame, type Reply, type RequestHead, v2Hello, v2RequestFrame, Wire } from "../e2e/wire.ts";

const PING = 0x41, PONG = 0x42, REPLY = 0x20, REQUEST_COMPLETE = 0x14;

/** Thrown at whoever waits when the agent closes the connection. */
export class ConnectionClosed extends Error {}

/** Waits for replies by their correlation ids; what nobody waits for is an error. */
export class SideBySide implements AsyncDisposable {
  readonly #wire: Wire;
  readonly #waiting = new Map<string, PromiseWithResolvers<Reply>>();
  #reading: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** Replies that nobody had asked for, or no longer. */
  readonly unexpected: string[] = [];

  private constructor(wire: Wire) {
    this.#wire = wire;
  }

  static async connect(path: string): Promise<SideBySide> {
    const wire = await Wire.connect(path);
    await wire.write(v2Hello());
    const { type } = await wire.readMessage(true);
    if (type !== 0x02) throw new Error(`no handshake response but ${type}`);
    return new SideBySide(wire);
  }

  /** Sends a request's head; resolves to its reply. */
  request(head: RequestHead, id: string): Promise<Reply> {
    return this.#ask(id, v2RequestFrame(head, id));
  }

  /** Says that a request is complete, which no module is asked about. */
  requestComplete(id: string): Promise<Reply> {
    return this.#ask(
      id,
      frame(REQUEST_COMPLETE, {
        correlation_id: id,
        status: 200,
        duration_ms: 1,
        request_body_size: 0,
        response_body_size: 0,
        upstream_attempts: 1,
        error: null,
      }),
    );
  }

  /** Resolves when the pong is there. */
  async ping(sequence: number): Promise<void> {
    await this.#ask(`ping ${sequence}`, frame(PING, { sequence, timestamp_ms: 0 }));
  }

  async #ask(id: string, bytes: Uint8Array): Promise<Reply> {
    const waiter = Promise.withResolvers<Reply>();
    this.#waiting.set(id, waiter);
    // One after the other: a write may take several turns.
    this.#writing = this.#writing.then(() => this.#wire.write(bytes)).catch((cause) => {
      this.#waiting.delete(id);
      waiter.reject(new ConnectionClosed(String(cause)));
    });
    this.#reading ??= this.#read();
    return await waiter.promise;
  }

  /** Waits no more for the reply to a request: its promise stays as it is. */
  forget(id: string): void {
    this.#waiting.delete(id);
  }

  /** Reads while anybody waits: an idle connection is not read, for the wire takes long silence for a hang. */
  async #read(): Promise<void> {
    try {
      while (this.#waiting.size > 0) {
        const { type, payload } = await this.#wire.readMessage(true);
        // The agent's word for it: what a test looks at, it asserts.
        const message = payload as Reply & { readonly sequence?: number };
        const id = type === PONG ? `ping ${message.sequence}` : message.audit?.custom?.correlation_id ?? "";
        const waiter = type === REPLY || type === PONG ? this.#waiting.get(id) : undefined;
        this.#waiting.delete(id);
        if (waiter === undefined) this.unexpected.push(`${type} ${id}`);
        else waiter.resolve(message);
      }
    } catch (error) {
      for (const waiter of this.#waiting.values()) waiter.reject(new ConnectionClosed(String(error)));
      this.#waiting.clear();
    } finally {
      this.#reading = undefined;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#wire.close();
    await this.#reading;
  }
}
