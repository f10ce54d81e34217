/**
 * The proxy's side of protocol v2, as far as trying an agent out needs it: one request at a time.
 *
 * @module
 */

import { ListenError } from "../errors.ts";
import { quoted } from "../escape.ts";
import { type Decision, encodeV2Frame, FrameBuffer, MessageType } from "../protocol/mod.ts";
import { isFields, readDecision } from "./reply.ts";

/** A request's head. */
export interface RequestHead {
  readonly method: string;
  readonly uri: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
}

/** Longest wait for an answer: no deadline of an agent is shorter by design, but who tries it out does not wait longer. */
const ANSWER_MS = 5_000;

const HUNG_UP = "the end of the connection";

const decoder = new TextDecoder();

/** A connection to an agent. */
export class AgentClient implements Disposable {
  readonly #socket: Deno.UnixConn;
  readonly #input = new FrameBuffer();
  readonly #path: string;
  readonly #answerMs: number;
  #requests = 0;
  #open = true;

  private constructor(socket: Deno.UnixConn, path: string, answerMs: number) {
    this.#socket = socket;
    this.#path = path;
    this.#answerMs = answerMs;
  }

  /**
   * Connects and shakes hands.
   *
   * @param answerMs Longest wait for any answer. @throws {ListenError} `CONNECT_FAILED` if nobody answers, or not as an agent does.
   */
  static async connect(path: string, answerMs = ANSWER_MS): Promise<AgentClient> {
    const client = new AgentClient(await connected(path), path, answerMs);
    const hello = {
      supported_versions: [2],
      proxy_id: "try",
      proxy_version: "0.6.51",
      config: null,
      supported_encodings: ["json"],
    };
    try {
      const answer = await client.#ask(MessageType.handshakeRequest, hello, MessageType.handshakeResponse);
      if (!isFields(answer) || answer.success !== true) {
        throw noAgent(path, `a refusal: ${JSON.stringify(answer)}`);
      }
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /**
   * Asks for a decision on a request's head. Its texts come from outside: they must be escaped before they are shown.
   *
   * @throws {ListenError} `CONNECT_FAILED` if there is no answer, or none that an agent gives.
   */
  async requestHeaders(request: RequestHead): Promise<Decision> {
    const correlationId = `try-${++this.#requests}`;
    const metadata = {
      correlation_id: correlationId,
      request_id: correlationId,
      client_ip: "127.0.0.1",
      client_port: 0,
      protocol: "HTTP/1.1",
      timestamp: new Date().toISOString(),
    };
    const event = { correlation_id: correlationId, metadata, ...request };
    return this.#readAnswer(await this.#ask(MessageType.requestHeaders, event, MessageType.agentResponse));
  }

  /** Ends the connection. */
  close(): void {
    if (this.#open) this.#socket.close();
    this.#open = false;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #ask(type: number, payload: unknown, expected: number): Promise<unknown> {
    const hung = setTimeout(() => this.close(), this.#answerMs);
    try {
      const frame = encodeV2Frame(type, payload);
      for (let rest: Uint8Array = frame; rest.length > 0;) rest = rest.subarray(await this.#socket.write(rest));
      for (;;) {
        const body = this.#input.next();
        if (body !== undefined) return this.#readMessage(body, expected);
        const count = await this.#socket.read(this.#input.writable());
        if (count === null) throw noAgent(this.#path, HUNG_UP);
        this.#input.advance(count);
      }
    } catch (cause) {
      if (!this.#open) throw noAgent(this.#path, `no answer within ${this.#answerMs / 1_000} s`, cause);
      throw cause instanceof ListenError
        ? cause
        : noAgent(this.#path, isHangUp(cause) ? HUNG_UP : textOf(cause), cause);
    } finally {
      clearTimeout(hung);
    }
  }

  #readMessage(body: Uint8Array, expected: number): unknown {
    if (body[0] !== expected) {
      throw noAgent(this.#path, `a message of type ${body[0]} instead of ${expected}`);
    }
    try {
      return JSON.parse(decoder.decode(body.subarray(1)));
    } catch (cause) {
      throw noAgent(this.#path, "a message that is not JSON", cause);
    }
  }

  #readAnswer(reply: unknown): Decision {
    if (!isFields(reply)) throw noAgent(this.#path, "a reply that is no object");
    const decision = readDecision(reply);
    if (decision === undefined) throw noAgent(this.#path, "a reply without a decision");
    return decision;
  }
}

async function connected(path: string): Promise<Deno.UnixConn> {
  try {
    return await Deno.connect({ transport: "unix", path });
  } catch (cause) {
    throw noAgent(path, textOf(cause), cause);
  }
}

function noAgent(path: string, received: string, cause?: unknown): ListenError {
  const advice = cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.ConnectionRefused
    ? " (start one first: deno task start)"
    : cause instanceof Deno.errors.NotCapable
    ? " (deno task try grants what this takes)"
    : "";
  return new ListenError(
    "CONNECT_FAILED",
    `Cannot try agent as one must answer on ${quoted(path)}: received ${quoted(received)}${advice}`,
    { cause },
  );
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function isHangUp(cause: unknown): boolean {
  return cause instanceof Deno.errors.BrokenPipe || cause instanceof Deno.errors.ConnectionReset;
}
