/**
 * The proxy's side of protocol v2, as far as trying an agent out needs it: one request at a time.
 *
 * @module
 */

import { encodeFrame, FrameBuffer, MessageType } from "../protocol/mod.ts";

/** What an agent answered. */
export interface Answer {
  /** `allow`, `block 403`, `redirect 302`. */
  readonly decision: string;
  readonly tags: readonly string[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A connection to an agent. */
export class AgentClient {
  readonly #socket: Deno.UnixConn;
  readonly #input = new FrameBuffer();
  #requests = 0;

  private constructor(socket: Deno.UnixConn) {
    this.#socket = socket;
  }

  /** Connects and shakes hands. @throws {Error} if nobody answers, or not as an agent does. */
  static async connect(path: string): Promise<AgentClient> {
    const client = new AgentClient(await Deno.connect({ transport: "unix", path }));
    const hello = {
      supported_versions: [2],
      proxy_id: "try",
      proxy_version: "0.6.51",
      config: null,
      supported_encodings: ["json"],
    };
    const answer = await client.#ask(MessageType.handshakeRequest, hello);
    if (!isObject(answer) || answer.success !== true) {
      client.close();
      throw new Error(`the agent refused: ${JSON.stringify(answer)}`);
    }
    return client;
  }

  /** Asks for a decision on a request's head. */
  async requestHeaders(request: { method: string; uri: string; headers: Record<string, string[]> }): Promise<Answer> {
    const correlationId = `try-${++this.#requests}`;
    const metadata = {
      correlation_id: correlationId,
      request_id: correlationId,
      client_ip: "127.0.0.1",
      client_port: 0,
      protocol: "HTTP/1.1",
      timestamp: new Date().toISOString(),
    };
    return readAnswer(
      await this.#ask(MessageType.requestHeaders, { correlation_id: correlationId, metadata, ...request }),
    );
  }

  /** Ends the connection. */
  close(): void {
    this.#socket.close();
  }

  async #ask(type: number, payload: unknown): Promise<unknown> {
    const frame = encodeFrame(Uint8Array.of(type), encoder.encode(JSON.stringify(payload)));
    for (let rest: Uint8Array = frame; rest.length > 0;) rest = rest.subarray(await this.#socket.write(rest));
    for (;;) {
      const body = this.#input.next();
      if (body !== undefined) return JSON.parse(decoder.decode(body.subarray(1)));
      const count = await this.#socket.read(this.#input.writable());
      if (count === null) throw new Error("the agent closed the connection");
      this.#input.advance(count);
    }
  }
}

function readAnswer(reply: unknown): Answer {
  if (!isObject(reply)) throw new Error("the agent sent no object");
  const { decision, audit } = reply;
  const tags = isObject(audit) && Array.isArray(audit.tags) ? audit.tags.map(String) : [];
  if (!isObject(decision)) return { decision: String(decision), tags };
  const [kind, verdict] = Object.entries(decision)[0] ?? ["?", undefined];
  return { decision: `${kind} ${isObject(verdict) ? verdict.status : ""}`.trim(), tags };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
