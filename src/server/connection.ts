/**
 * One connection: reads frames, hands them to the session, writes what it answers.
 *
 * @module
 */

import { type ByteWriter, detectProtocol, FrameBuffer, MAX_V1_FRAME_BYTES } from "../protocol/mod.ts";
import { FrameError, ProtocolError } from "../errors.ts";
import { lastNow, now } from "../time.ts";
import { Output, type WritableSocket } from "./output.ts";
import { Quiet } from "./quiet.ts";
import { type Outbox, type Session, type SessionOptions, spentOn } from "./session.ts";
import type { Stallable } from "./stall_watch.ts";
import { V1Session } from "./v1_session.ts";
import { V2Session } from "./v2_session.ts";

/** How long a frame may stay incomplete, and a write unfinished, in milliseconds. */
const STALLED_MS = 10_000;
/** Output that may pile up before no more is read from this connection, in bytes. */
const CONGESTED_BYTES = 1024 * 1024;

/** More than what a socket holds that nobody has read yet (twice Linux' `net.core.wmem_default`), in bytes. */
const MAX_UNREAD_BYTES = 2 * 212_992;

/** The socket underneath: what is needed of `Deno.Conn`. */
export interface Socket extends WritableSocket {
  /** Resolves to the number of bytes read, null at the end. */
  read(target: Uint8Array): Promise<number | null>;
  /** Ends both directions. */
  close(): void;
}

/** Serves one connection until it ends. */
export class Connection implements Outbox, Stallable {
  readonly #socket: Socket;
  readonly #options: SessionOptions;
  readonly #onWaiting: (self: Stallable) => void;
  readonly #input = new FrameBuffer();
  readonly #output: Output;
  #session: Session | undefined;
  #stalledSince = Infinity;
  #reading = false;
  /** Bytes. */
  #received = 0;
  #catchingUp: { readonly quiet: Quiet; readonly receivedBefore: number } | undefined;
  #draining = false;
  #closed = false;
  readonly #over = Promise.withResolvers<void>();

  /** @param onWaiting Told when the connection may begin to wait for its peer. */
  constructor(socket: Socket, options: SessionOptions, onWaiting: (self: Stallable) => void = () => {}) {
    this.#socket = socket;
    this.#options = options;
    this.#onWaiting = onWaiting;
    // A write fails when the peer is gone: the read loop sees it too.
    this.#output = new Output(socket, () => this.#closeIfDrained(), () => this.close());
  }

  get out(): ByteWriter {
    return this.#output.out;
  }

  /**
   * Serves until the peer or this side ends the connection.
   *
   * @throws {FrameError | ProtocolError} What the peer did wrong; no more is read then, and the connection is closed once what is in
   * flight has been answered; at once for any other error.
   */
  async run(): Promise<void> {
    try {
      for (;;) {
        let count: number | null;
        this.#reading = true;
        try {
          count = await this.#socket.read(this.#input.writable());
        } catch {
          // A read fails when the peer resets or this side closes: either way the conversation is over.
          break;
        }
        this.#reading = false;
        if (count === null || this.#closed) break;
        this.#received += count;
        this.#input.advance(count);
        this.#stalledSince = Infinity;
        const pending = this.#handleFrames(now());
        if (pending !== undefined) await pending;
        if (this.#input.partial) {
          this.#stalledSince = lastNow();
          this.#onWaiting(this);
        }
        this.flush();
        if (this.out.length > CONGESTED_BYTES) await this.#output.flushed();
      }
    } catch (error) {
      if (error instanceof FrameError || error instanceof ProtocolError) {
        // One frame was wrong: the events in flight beside it still get their answers.
        this.flush();
        this.#onWaiting(this);
        this.drain();
        await this.#over.promise;
      }
      throw error;
    } finally {
      // What was answered before the end still leaves, to a peer that only takes.
      this.flush();
      await this.#output.flushed();
      this.close();
    }
  }

  flush(): void {
    if (this.#closed) return;
    // More to say before the peer has taken what was said last: it may not be reading.
    if (this.#output.writing && this.out.length > 0) this.#onWaiting(this);
    this.#output.flush();
    this.#closeIfDrained();
  }

  /** Closes, whatever is under way. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#over.resolve();
    this.#session?.abort();
    this.#socket.close();
  }

  /**
   * True once all that had arrived before the first call has been taken; to be called again and again, in turns of the event loop.
   */
  caughtUp(): boolean {
    const { quiet, receivedBefore } = this.#catchingUp ??= { quiet: new Quiet(), receivedBefore: this.#received };
    // What waits for an answer or a reader holds up what has arrived behind it.
    if (!this.#reading) quiet.reset();
    return this.#reading && quiet.look(this.#received) || this.#received - receivedBefore > MAX_UNREAD_BYTES;
  }

  /** Takes no more events, and closes once all that are in flight have been answered. */
  drain(): void {
    this.#draining = true;
    this.#closeIfDrained();
  }

  /** Closes if the peer has stopped in the middle of a frame, or does not read its answers. */
  closeIfStalled(time: number): boolean {
    const since = Math.min(this.#stalledSince, this.#output.writingSince);
    if (time - since > STALLED_MS) this.close();
    return !this.#closed && since < Infinity;
  }

  #handleFrames(at: number): void | Promise<void> {
    const session = this.#session ??= this.#begin();
    if (session === undefined) {
      this.#input.nextLength();
      return;
    }
    for (
      let body = this.#input.next();
      body !== undefined && !this.#draining && !this.#closed;
      body = this.#input.next()
    ) {
      const pending = session.handle(body, at);
      // So that the event behind a long frame is not taken to have begun before it.
      spentOn(body);
      if (pending !== undefined) return pending.then(() => this.#handleFrames(at));
    }
  }

  #begin(): Session | undefined {
    const first = this.#input.firstBodyByte;
    if (first === undefined) return undefined;
    if (detectProtocol(first) === 2) return new V2Session(this.#options, this);
    this.#input.maxFrameBytes = MAX_V1_FRAME_BYTES;
    return new V1Session(this.#options, this);
  }

  #closeIfDrained(): void {
    if (this.#draining && this.#output.idle && (this.#session?.inFlight ?? 0) === 0) this.close();
  }
}
