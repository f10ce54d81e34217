/**
 * The proxy's side of a connection, written from the protocol's description and not from `src/`: what both got wrong would show.
 *
 * @module
 */

/** A change to one header. */
export type HeaderOp = Readonly<Record<"set" | "add" | "remove", { readonly name: string; readonly value?: string }>>;

/** What an agent decides. */
export type Verdict =
  | "allow"
  | { readonly block: { readonly status: number; readonly body: string | null; readonly headers: unknown } }
  | { readonly redirect: { readonly url: string; readonly status: number } };

/** What an agent answers. */
export interface Reply {
  readonly version: number;
  readonly decision: Verdict;
  readonly request_headers: readonly Partial<HeaderOp>[];
  readonly response_headers: readonly Partial<HeaderOp>[];
  readonly audit: { readonly tags: readonly string[]; readonly custom: { readonly correlation_id?: string } };
  readonly [field: string]: unknown;
}

/** A request's head. */
export interface RequestHead {
  readonly uri: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
}

/** No answer takes this long; what does hangs. */
const HANG_MS = 30_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Bytes with their length before them. */
export function frame(type: number | undefined, payload: unknown): Uint8Array<ArrayBuffer> {
  const json = encoder.encode(JSON.stringify(payload));
  const head = type === undefined ? 4 : 5;
  const bytes = new Uint8Array(head + json.length);
  new DataView(bytes.buffer).setUint32(0, bytes.length - 4);
  if (type !== undefined) bytes[4] = type;
  bytes.set(json, head);
  return bytes;
}

/** A raw connection to a socket. */
export class Wire implements Disposable {
  readonly #conn: Deno.UnixConn;
  #input = new Uint8Array(64 * 1024);
  #filled = 0;
  #closed = false;

  private constructor(conn: Deno.UnixConn) {
    this.#conn = conn;
  }

  static async connect(path: string): Promise<Wire> {
    return new Wire(await Deno.connect({ transport: "unix", path }));
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await this.#conn.write(rest));
  }

  /** Body of the next frame, or undefined if the agent has closed the connection. */
  async readFrame(): Promise<Uint8Array | undefined> {
    for (;;) {
      const end = this.#filled < 4 ? Infinity : 4 + new DataView(this.#input.buffer).getUint32(0);
      if (this.#filled >= end) {
        const body = this.#input.slice(4, end);
        this.#input.copyWithin(0, end, this.#filled);
        this.#filled -= end;
        return body;
      }
      if (this.#filled === this.#input.length) {
        const larger = new Uint8Array(2 * this.#input.length);
        larger.set(this.#input);
        this.#input = larger;
      }
      const count = await this.#read(this.#input.subarray(this.#filled));
      if (count === null) return undefined;
      this.#filled += count;
    }
  }

  async #read(target: Uint8Array): Promise<number | null> {
    let hung = false;
    const timer = setTimeout(() => {
      hung = true;
      this.close();
    }, HANG_MS);
    try {
      return await this.#conn.read(target);
    } catch (error) {
      if (hung) throw new Error(`the agent sends nothing for ${HANG_MS} ms`);
      if (error instanceof Deno.errors.ConnectionReset) return null;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Body of the next frame as JSON, the type byte before it where there is one. @throws {Error} if there is none. */
  async readMessage(typed: boolean): Promise<{ readonly type: number; readonly payload: unknown }> {
    const body = await this.readFrame();
    if (body === undefined) throw new Error("the agent closed the connection");
    const payload: unknown = JSON.parse(decoder.decode(typed ? body.subarray(1) : body));
    return { type: typed ? body[0] ?? -1 : -1, payload };
  }

  close(): void {
    if (!this.#closed) this.#conn.close();
    this.#closed = true;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

let ids = 0;

/** An id that no other request of this test process has. */
export function nextId(): string {
  return `test-${++ids}`;
}

function headPayload(id: string, { uri, method = "GET", headers = {} }: RequestHead): Record<string, unknown> {
  const metadata = {
    correlation_id: id,
    request_id: id,
    client_ip: "192.0.2.7:0",
    client_port: 0,
    server_name: "example.org",
    protocol: "HTTP/1.1",
    tls_version: null,
    timestamp: "2026-01-01T00:00:00Z",
  };
  return { metadata, method, uri, headers };
}

function bodyPayload(id: string, data: string): Record<string, unknown> {
  return { correlation_id: id, data, is_last: true, total_size: data.length / 4 * 3, chunk_index: 0 };
}

function completePayload(id: string, fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const sizes = { duration_ms: 1, request_body_size: 0, response_body_size: 0 };
  return { correlation_id: id, status: 200, ...sizes, upstream_attempts: 1, error: null, ...fields };
}

/** Frame of a v1 event. */
export function v1Frame(eventType: string, payload: unknown): Uint8Array<ArrayBuffer> {
  return frame(undefined, { version: 1, event_type: eventType, payload });
}

/** Frame of a v1 request's head. */
export function v1RequestFrame(head: RequestHead, id = nextId()): Uint8Array<ArrayBuffer> {
  return v1Frame("request_headers", headPayload(id, head));
}

/** Frame of a v2 request's head. */
export function v2RequestFrame(head: RequestHead, id = nextId()): Uint8Array<ArrayBuffer> {
  return frame(0x10, { correlation_id: id, ...headPayload(id, head) });
}

/** First frame of a v2 connection. */
export function v2Hello(proxyVersion = "0.6.45"): Uint8Array<ArrayBuffer> {
  return frame(0x01, {
    supported_versions: [2],
    proxy_id: "zentinel",
    proxy_version: proxyVersion,
    config: null,
    supported_encodings: ["json"],
  });
}

/** A connection that asks one thing after the other. */
export abstract class Client implements Disposable {
  protected readonly wire: Wire;

  protected constructor(wire: Wire) {
    this.wire = wire;
  }

  abstract request(head: RequestHead, id?: string): Promise<Reply>;
  abstract response(status: number, headers: Readonly<Record<string, readonly string[]>>, id?: string): Promise<Reply>;
  /** Sends the whole of a response's body, in base64. */
  abstract responseBody(data: string, id?: string): Promise<Reply>;
  /** Says that a request is over; what it says of it may be wrong. */
  abstract complete(fields: Readonly<Record<string, unknown>>, id?: string): Promise<Reply>;
  /** Hands over the proxy's configuration for the agent, any JSON. */
  abstract configure(config: unknown): Promise<Reply>;

  [Symbol.dispose](): void {
    this.wire.close();
  }
}

/** A v1 connection. */
export class V1Client extends Client {
  static async connect(path: string): Promise<V1Client> {
    return new V1Client(await Wire.connect(path));
  }

  override async request(head: RequestHead, id = nextId()): Promise<Reply> {
    await this.wire.write(v1RequestFrame(head, id));
    return await this.#reply();
  }

  override async response(
    status: number,
    headers: Readonly<Record<string, readonly string[]>>,
    id = nextId(),
  ): Promise<Reply> {
    await this.wire.write(v1Frame("response_headers", { correlation_id: id, status, headers }));
    return await this.#reply();
  }

  override async responseBody(data: string, id = nextId()): Promise<Reply> {
    await this.wire.write(v1Frame("response_body_chunk", bodyPayload(id, data)));
    return await this.#reply();
  }

  override async complete(fields: Readonly<Record<string, unknown>>, id = nextId()): Promise<Reply> {
    await this.wire.write(v1Frame("request_complete", completePayload(id, fields)));
    return await this.#reply();
  }

  override async configure(config: unknown): Promise<Reply> {
    await this.wire.write(v1Frame("configure", { agent_id: "wasm", config }));
    return await this.#reply();
  }

  async #reply(): Promise<Reply> {
    // The agent's word for it: what a test looks at, it asserts.
    return (await this.wire.readMessage(false)).payload as Reply;
  }
}

/** A v2 connection after its handshake. */
export class V2Client extends Client {
  static async connect(path: string, proxyVersion?: string): Promise<V2Client> {
    const wire = await Wire.connect(path);
    await wire.write(v2Hello(proxyVersion));
    const { type, payload } = await wire.readMessage(true);
    if (type !== 0x02) throw new Error(`no handshake response but ${type}: ${JSON.stringify(payload)}`);
    return new V2Client(wire);
  }

  override async request(head: RequestHead, id = nextId()): Promise<Reply> {
    await this.wire.write(v2RequestFrame(head, id));
    return await this.#reply(id);
  }

  override async response(
    status: number,
    headers: Readonly<Record<string, readonly string[]>>,
    id = nextId(),
  ): Promise<Reply> {
    await this.wire.write(frame(0x12, { correlation_id: id, status, headers }));
    return await this.#reply(id);
  }

  override async responseBody(data: string, id = nextId()): Promise<Reply> {
    await this.wire.write(frame(0x13, bodyPayload(id, data)));
    return await this.#reply(id);
  }

  override async complete(fields: Readonly<Record<string, unknown>>, id = nextId()): Promise<Reply> {
    await this.wire.write(frame(0x14, completePayload(id, fields)));
    return await this.#reply(id);
  }

  override async configure(config: unknown): Promise<Reply> {
    const id = `zentinel-configure-wasm-${nextId()}`;
    await this.wire.write(frame(0x17, { config, config_version: null, correlation_id: id }));
    return await this.#reply(id);
  }

  async #reply(id: string): Promise<Reply> {
    const { type, payload } = await this.wire.readMessage(true);
    const reply = payload as Reply;
    const answered = reply.audit?.custom?.correlation_id;
    if (type !== 0x20 || answered !== id) throw new Error(`no reply to ${id} but ${type} to ${answered}`);
    return reply;
  }
}

/** A connection of either version. */
export function connect(version: 1 | 2, path: string): Promise<Client> {
  return version === 1 ? V1Client.connect(path) : V2Client.connect(path);
}
