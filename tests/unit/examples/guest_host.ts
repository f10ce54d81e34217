/** The smallest host of a guest: no deadline, no checks. The examples are tested by what they answer, not by the agent. */

import { ConsoleStdout, WASI } from "@bjorn3/browser_wasi_shim";

export type Headers = Record<string, string | readonly string[]>;

/** A guest's answer; what is left out is absent. */
export interface Answer {
  decision: string;
  status?: number;
  body?: string;
  url?: string;
  headers?: Headers;
  set_request_headers?: Headers;
  add_request_headers?: Headers;
  remove_request_headers?: string[];
  set_response_headers?: Headers;
  add_response_headers?: Headers;
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
  agent_abi_version?(): number;
  configure?(pointer: number, length: number): bigint;
}

/** The URL of a built example, by its path in `examples/`. */
export function exampleUrl(path: string): URL {
  return new URL(`../../../examples/${path}`, import.meta.url);
}

/** What a module hears of the time, and of its configuration. */
export const NOW_MS = 1_767_225_600_000, CONFIG = '{"a":"\u00e9"}';

/** Calls one instance with JSON text as the ABI wants it. */
export class GuestHost {
  readonly exports: GuestExports;
  /** Lines that the guest has printed. */
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  /** What it has said by the host's own functions: `LEVEL TEXT`, and `NAME +VALUE` for a counter. */
  readonly said: string[] = [];
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });

  constructor(module: WebAssembly.Module) {
    const fds = [[], this.stdout, this.stderr].map((lines: string[]) =>
      ConsoleStdout.lineBuffered((line) => void lines.push(line))
    );
    const wasi = new WASI([], [], fds, { debug: false });
    const env = { abort: abortOf(() => this.exports.memory) };
    const sentinel = this.#sentinel();
    const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport, env, sentinel });
    this.exports = instance.exports as unknown as GuestExports;
    if ("_initialize" in instance.exports) wasi.initialize(instance as Parameters<WASI["initialize"]>[0]);
  }

  /** Clock, random bytes and configuration are the same each time. */
  #sentinel(): Record<string, (...args: number[]) => number | bigint | void> {
    const bytesAt = (pointer = 0, length = 0) => new Uint8Array(this.exports.memory.buffer, pointer, length);
    const textAt = (pointer?: number, length?: number) => this.#decoder.decode(bytesAt(pointer, length));
    const config = this.#encoder.encode(CONFIG);
    return {
      log: (level, pointer, length) => void this.said.push(`${level} ${textAt(pointer, length)}`),
      now_ms: () => BigInt(NOW_MS),
      random: (pointer, length) => void bytesAt(pointer, length).fill(7),
      config: (pointer, capacity = 0) => {
        if (capacity > 0) bytesAt(pointer, capacity).set(config.subarray(0, capacity));
        return config.length;
      },
      metric_add: (pointer, length, value) => void this.said.push(`${textAt(pointer, length)} +${value}`),
    };
  }

  static load(path: string): GuestHost {
    return new GuestHost(new WebAssembly.Module(Deno.readFileSync(exampleUrl(path))));
  }

  /** 1 for a module that does not say. */
  get abiVersion(): number {
    return this.exports.agent_abi_version?.() ?? 1;
  }

  get memoryBytes(): number {
    return this.exports.memory.buffer.byteLength;
  }

  callText(handler: Handler | "configure", input: string): string {
    const call = this.exports[handler];
    if (call === undefined) throw new Error(`no export ${handler}`);
    const bytes = this.#encoder.encode(input);
    const pointer = this.exports.alloc(bytes.length) >>> 0;
    if (pointer === 0 && bytes.length > 0) throw new Error(`no room for ${bytes.length} bytes`);
    new Uint8Array(this.exports.memory.buffer, pointer, bytes.length).set(bytes);
    const packed = call(pointer, bytes.length);
    const resultPointer = Number(BigInt.asUintN(32, packed >> 32n));
    const resultLength = Number(BigInt.asUintN(32, packed));
    const result = this.#decoder.decode(new Uint8Array(this.exports.memory.buffer, resultPointer, resultLength));
    if (resultLength > 0) this.exports.dealloc(resultPointer, resultLength);
    this.exports.dealloc(pointer, bytes.length);
    return result;
  }

  /** Why the configuration is refused; undefined for one that is taken. */
  configure(config: unknown): string | undefined {
    const answer = this.callText("configure", JSON.stringify(config));
    return answer === "" ? undefined : JSON.parse(answer).error;
  }

  request(uri: string, headers: Headers = {}): Answer {
    return this.ask("on_request_headers", { uri, headers });
  }

  response(headers: Headers = {}): Answer {
    return this.ask("on_response_headers", { headers });
  }

  /** An event with the fields given, in the place of those it has anyway; its headers as the module's version has them. */
  ask(handler: Handler, fields: { headers?: Headers } & Record<string, unknown>): Answer {
    const { headers = {}, ...others } = fields;
    return JSON.parse(this.callText(handler, eventJson(handler, others, headers, this.abiVersion)));
  }
}

/** What a handler gets. Version 1 has one text a header, version 2 a list. */
function eventJson(handler: Handler, fields: Record<string, unknown>, headers: Headers, abiVersion: number): string {
  const known = handler === "on_request_headers"
    ? { method: "GET", uri: "/", client_ip: "192.0.2.7", correlation_id: "r1" }
    : { status: 200, correlation_id: "r1" };
  const values = Object.entries(headers).map(([name, value]) => {
    const list = [value].flat();
    return [name, abiVersion === 1 ? list.join(", ") : list];
  });
  return JSON.stringify({ ...known, ...fields, headers: Object.fromEntries(values) });
}

/** The input of a request as version 1 has it. */
export function requestJson(uri: string, headers: Record<string, string> = {}): string {
  return eventJson("on_request_headers", { uri }, headers, 1);
}

/** AssemblyScript's `env.abort`: two texts in UTF-16, whose sizes in bytes stand before them, and a place. */
function abortOf(memory: () => WebAssembly.Memory): (...args: number[]) => void {
  const text = (pointer: number) => {
    const { buffer } = memory();
    const bytes = new DataView(buffer).getUint32(pointer - 4, true);
    return new TextDecoder("utf-16le").decode(new Uint8Array(buffer, pointer, bytes));
  };
  return (message = 0, file = 0, line, column) => {
    throw new Error(`abort: ${message && text(message)} at ${file && text(file)}:${line}:${column}`);
  };
}
