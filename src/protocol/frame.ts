/**
 * Splits a byte stream into length-prefixed frames, and puts the prefix on frames that go out.
 *
 * | bytes | field | note |
 * |---|---|---|
 * | 0-3 | length | u32 big-endian, 1 to the protocol's limit |
 * | 4- | body | `length` bytes; on v2 the first of them is the message type |
 *
 * `00 00 00 03 41 7b 7d` is a v2 ping (`0x41`) with payload `{}`.
 *
 * @module
 */

import { FrameError } from "../errors.ts";
import { Stock } from "../stock.ts";
import { ByteWriter } from "./writer.ts";

/**
 * Largest v1 body: 10 MiB of JSON.
 * Source: sentinel-agent-protocol 0.3.4 (https://crates.io/crates/sentinel-agent-protocol/0.3.4), `MAX_MESSAGE_SIZE`.
 */
export const MAX_V1_FRAME_BYTES = 10 * 1024 * 1024;

/**
 * Largest v2 body, type byte included: a client limits the payload to 16 MiB, so a length of 16 MiB + 1 can arrive.
 * Source: zentinel-agent-protocol 0.6.45, seen on the wire.
 */
export const MAX_V2_FRAME_BYTES: number = 16 * 1024 * 1024 + 1;

/**
 * Largest body of a frame that a v2 proxy takes, type byte included: its reader ends for good at a longer one.
 * Source: zentinel-agent-protocol 0.6.45 (https://crates.io/crates/zentinel-agent-protocol/0.6.45).
 */
export const MAX_V2_REPLY_BYTES: number = 16 * 1024 * 1024;

/** Bytes of the length prefix. */
export const PREFIX_BYTES = 4;

const INITIAL_BYTES = 16 * 1024;
/** Largest buffer that a connection keeps between frames, because with large heads it would otherwise fetch one for each of them. */
const KEPT_BYTES = 128 * 1024;
/**
 * Buffers of each of so many sizes, the first one and each twice the one before, are left to whoever needs one next; so many bytes of each
 * size. That is as much as a head can need: making such buffers for each head anew takes the system ten times as long as reading it.
 */
const SPARE_SIZES = 8, SPARE_BYTES = 2 * 1024 * 1024;
const NOTHING = new Uint8Array(0);

const spare = Array.from({ length: SPARE_SIZES }, (_, doubled) => {
  const size = INITIAL_BYTES << doubled;
  return new Stock(() => new Uint8Array(size), SPARE_BYTES / size);
});

/**
 * One connection's input: bytes are read into {@linkcode writable}, frames come out of {@linkcode next}.
 *
 * Memory follows what has arrived, never what a length announces: the buffer doubles when it is full.
 */
export class FrameBuffer {
  #bytes = take(INITIAL_BYTES);
  #start = 0;
  #end = 0;
  #maxFrameBytes = MAX_V2_FRAME_BYTES;

  /** Largest body taken from now on, in bytes. */
  set maxFrameBytes(limit: number) {
    this.#maxFrameBytes = limit;
  }

  /** True when a frame has begun and is not complete yet. */
  get partial(): boolean {
    return this.#end > this.#start;
  }

  /** Bytes of memory that this buffer takes. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** First byte of the next frame's body, or undefined before it has arrived. */
  get firstBodyByte(): number | undefined {
    return this.#end - this.#start > PREFIX_BYTES ? this.#bytes[this.#start + PREFIX_BYTES] : undefined;
  }

  /** Room to read into, at least one byte. The frames that were given out before are no longer valid then. */
  writable(): Uint8Array<ArrayBuffer> {
    const pending = this.#end - this.#start;
    if (pending === 0) {
      this.#start = this.#end = 0;
      if (this.#bytes.length > KEPT_BYTES) {
        giveBack(this.#bytes);
        this.#bytes = take(INITIAL_BYTES);
      }
    } else if (this.#end === this.#bytes.length) {
      const bytes = this.#bytes;
      if (pending > bytes.length / 2) this.#bytes = take(bytes.length * 2);
      this.#bytes.set(bytes.subarray(this.#start, this.#end));
      if (this.#bytes !== bytes) giveBack(bytes);
      this.#start = 0;
      this.#end = pending;
    }
    return this.#end === 0 ? this.#bytes : this.#bytes.subarray(this.#end);
  }

  /** Leaves the memory to other connections: nothing is read any more, and no body that was given out may be looked at from now on. */
  release(): void {
    giveBack(this.#bytes);
    this.#bytes = NOTHING;
    this.#start = this.#end = 0;
  }

  /** Says that `count` bytes have been read into {@linkcode writable}. */
  advance(count: number): void {
    this.#end += count;
  }

  /**
   * Length of the next frame's body, or undefined before its four bytes have arrived.
   *
   * @throws {FrameError} `FRAME_EMPTY` or `FRAME_TOO_LARGE`.
   */
  nextLength(): number | undefined {
    const start = this.#start;
    if (this.#end - start < PREFIX_BYTES) return undefined;
    const bytes = this.#bytes;
    const length = (bytes[start]! << 24 | bytes[start + 1]! << 16 | bytes[start + 2]! << 8 | bytes[start + 3]!) >>> 0;
    if (length === 0) {
      throw new FrameError("FRAME_EMPTY", "Cannot read frame as its length must be at least 1: received 0");
    }
    if (length > this.#maxFrameBytes) {
      throw new FrameError(
        "FRAME_TOO_LARGE",
        `Cannot read frame as its length must be at most ${this.#maxFrameBytes}: received ${length}`,
      );
    }
    return length;
  }

  /**
   * Body of the next complete frame, or undefined if more bytes are needed. Valid until the next {@linkcode writable}.
   *
   * @throws {FrameError} as {@linkcode nextLength} does, before the body is waited for.
   */
  next(): Uint8Array | undefined {
    const length = this.nextLength();
    if (length === undefined) return undefined;
    const end = this.#start + PREFIX_BYTES + length;
    if (this.#end < end) return undefined;
    const body = this.#bytes.subarray(this.#start + PREFIX_BYTES, end);
    this.#start = end;
    return body;
  }
}

/** A buffer of `size` bytes, in which another connection may have left something. */
function take(size: number): Uint8Array<ArrayBuffer> {
  return stockOf(size)?.take() ?? new Uint8Array(size);
}

function giveBack(bytes: Uint8Array<ArrayBuffer>): void {
  stockOf(bytes.length)?.give(bytes);
}

function stockOf(size: number): Stock<Uint8Array<ArrayBuffer>> | undefined {
  return spare[Math.log2(size / INITIAL_BYTES)];
}

/** Begins a frame in `out` and returns where it begins; {@linkcode endFrame} must follow. Both together undo what {@linkcode FrameBuffer} does. */
export function beginFrame(out: ByteWriter): number {
  const start = out.length;
  out.putUint32(0);
  return start;
}

/** Ends the frame that begins at `start`: writes how long it has become. */
export function endFrame(out: ByteWriter, start: number): void {
  out.setUint32(start, out.length - start - PREFIX_BYTES);
}

/** One whole frame as bytes of its own: the parts one after the other, with their length in front. */
export function encodeFrame(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter();
  const start = beginFrame(out);
  for (const part of parts) out.put(part);
  endFrame(out, start);
  return out.written.slice();
}
