/** The smallest host of a guest: no deadline, no checks. The examples are tested by what they answer, not by the agent. */

/** A guest's answer; what is left out is absent. */
export interface Answer {
  decision: string;
  status?: number;
  body?: string;
  add_request_headers?: Record<string, string>;
  remove_request_headers?: string[];
  add_response_headers?: Record<string, string>;
  remove_response_headers?: string[];
  tags?: string[];
}

export type Handler = "on_request_headers" | "on_response_headers";

interface GuestExports {
  memory: WebAssembly.Memory;
  alloc(size: number): number;
  dealloc(pointer: number, size: number): void;
  on_request_headers(pointer: number, length: number): bigint;
  on_response_headers(pointer: number, length: number): bigint;
}

/** The URL of a built example, by its path in `examples/`. */
export function exampleUrl(path: string): URL {
  return new URL(`../../../examples/${path}`, import.meta.url);
}

/** Calls one instance with JSON text as the ABI wants it. */
export class GuestHost {
  readonly exports: GuestExports;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });

  constructor(instance: WebAssembly.Instance) {
    this.exports = instance.exports as unknown as GuestExports;
  }

  static load(path: string): GuestHost {
    return new GuestHost(new WebAssembly.Instance(new WebAssembly.Module(Deno.readFileSync(exampleUrl(path)))));
  }

  get memoryBytes(): number {
    return this.exports.memory.buffer.byteLength;
  }

  callText(handler: Handler, input: string): string {
    const bytes = this.#encoder.encode(input);
    const pointer = this.exports.alloc(bytes.length) >>> 0;
    new Uint8Array(this.exports.memory.buffer, pointer, bytes.length).set(bytes);
    const packed = this.exports[handler](pointer, bytes.length);
    const resultPointer = Number(BigInt.asUintN(32, packed >> 32n));
    const resultLength = Number(BigInt.asUintN(32, packed));
    const result = this.#decoder.decode(new Uint8Array(this.exports.memory.buffer, resultPointer, resultLength));
    this.exports.dealloc(resultPointer, resultLength);
    this.exports.dealloc(pointer, bytes.length);
    return result;
  }

  request(uri: string, headers: Record<string, string> = {}): Answer {
    return JSON.parse(this.callText("on_request_headers", requestJson(uri, headers)));
  }

  response(headers: Record<string, string> = {}): Answer {
    const input = JSON.stringify({ status: 200, correlation_id: "r1", headers });
    return JSON.parse(this.callText("on_response_headers", input));
  }
}

export function requestJson(uri: string, headers: Record<string, string> = {}): string {
  return JSON.stringify({ method: "GET", uri, client_ip: "192.0.2.7", correlation_id: "r1", headers });
}
