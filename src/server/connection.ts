/**
 * One connection: reads frames, hands them to the session, writes what it answers.
 *
 * @module
 */

import { FrameError, ProtocolError } from "../errors.ts";
import { eventRate } from "../event_rate.ts";
import { type ByteWriter, FrameBuffer } from "../protocol/mod.ts";
import { lastNow, now } from "../time.ts";
import { arrivalTime, noteWork } from "../turn.ts";
import { type Holder, MemoryBudget } from "./memory_budget.ts";
import type { Outgoing } from "./outgoing.ts";
import { Output, type WritableSocket } from "./output.ts";
import { PeerWatch } from "./peer_watch.ts";
import { Quiet } from "./quiet.ts";
import { Relay } from "./relay.ts";
import { type OpenSession, type Outbox, replyLate, type Session, type SessionOptions, spentOn } from "./session.ts";
import type { Stallable } from "./stall_watch.ts";
import type { Successor } from "./successor.ts";

/** When so much output waits, no more frames are taken, in bytes: about as much as a socket itself holds (Linux' `wmem_default`). */
const CONGESTED_BYTES = 256 * 1024;
/** The same limit, in bytes, if replies that are still to come are counted too. */
const EXPECTED_BYTES = 4 * 1024 * 1024;
/** Replies leave once handling the frames of one read has taken this long, in milliseconds, and not only after the last of them. */
const GATHERED_MS = 5;
/** More bytes than a socket can hold that nobody has read yet: twice Linux' `net.core.wmem_default`. */
const MAX_UNREAD_BYTES = 2 * 212_992;
const NOTHING = new Uint8Array(0);

/** The socket underneath: what is needed of `Deno.Conn`. */
export interface Socket extends WritableSocket {
  /** Resolves to the number of bytes read, null at the end. */
  read(target: Uint8Array): Promise<number | null>;
  /** Ends both directions. */
  close(): void;
}

/** Serves one connection until it ends. */
export class Connection implements Outbox, Stallable, Holder {
  readonly #socket: Socket;
  readonly #open: OpenSession;
  readonly #options: SessionOptions;
  readonly #onWaiting: () => void;
  readonly #input = new FrameBuffer();
  readonly #output: Output;
  readonly #watch: PeerWatch;
  #session: Session | undefined;
  /** Frames handled. */
  #handled = 0;
  #reading = false;
  /** Bytes. */
  #received = 0;
  #catchingUp: { readonly quiet: Quiet; readonly receivedBefore: number } | undefined;
  /** True until a frame of the last read has been handled. */
  #newlyRead = false;
  #draining = false;
  #successor: Successor | undefined;
  #relay: Relay | undefined;
  /** Body of the first frame, where the conversation begins with a handshake. */
  #hello: Uint8Array | undefined;
  #closed = false;
  #failure: ProtocolError | undefined;
  #onRoom: (() => void) | undefined;
  readonly #over = Promise.withResolvers<void>();

  /**
   * @param open Chooses what is spoken.
   * @param onWaiting Told when the connection may begin to wait for its peer.
   * @param budget Bounds what several connections hold.
   */
  constructor(
    socket: Socket,
    open: OpenSession,
    options: SessionOptions,
    onWaiting: () => void = () => {},
    budget = new MemoryBudget(),
  ) {
    this.#socket = socket;
    this.#open = open;
    this.#options = options;
    this.#onWaiting = onWaiting;
    this.#output = new Output(socket, () => options.lateAfterMs, {
      onIdle: () => {
        this.#onRoom?.();
        this.#watch.lookAtOutput();
        this.#closeIfDrained();
      },
      // A write fails when the peer is gone: the read loop sees it too.
      onFailure: () => this.close(),
      onWaiting,
      onAge: (frames, ageMs) => this.#dropLate(frames, ageMs),
      onSend: options.observer.sent,
    });
    this.#watch = new PeerWatch(this.#input, this.#output, budget, this);
  }

  /** True once the peer's first bytes have shown its protocol. */
  get spoken(): boolean {
    return this.#session !== undefined;
  }

  get out(): ByteWriter {
    return this.#output.out;
  }

  framed(at: number): void {
    this.#output.framed(at);
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
        if (this.#closed) break;
        if (count === null) {
          this.#lookForReader();
          await this.#answerRest();
          break;
        }
        this.#received += count;
        this.#input.advance(count);
        if (this.#successor !== undefined) {
          await this.#goOnWith(this.#successor);
          break;
        }
        const before = this.#handled;
        const at = arrivalTime();
        this.#newlyRead = true;
        const pending = this.#handleFrames(at);
        eventRate.count(at, this.#handled - before);
        if (pending !== undefined) await pending;
        this.#watch.lookAtInput(this.#handled > before);
        if (this.#input.partial) this.#onWaiting();
        this.#options.observer.received?.(count, this.#handled - before);
        this.flush();
      }
    } catch (error) {
      // One frame was wrong: the events in flight beside it still get their answers.
      if (error instanceof FrameError || error instanceof ProtocolError) await this.#answerRest();
      throw error;
    } finally {
      this.#watch.release();
      // A peer that has stopped sending may still read, so the last answers are sent to it.
      this.flush();
      await this.#output.flushed();
      this.close();
      this.#input.release();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  flush(): void {
    if (this.#closed) return;
    // There is new output while the previous write is still pending, so the peer may have stopped reading.
    if (this.#output.writing && this.#output.gathered > 0) this.#onWaiting();
    this.#output.flush();
    this.#watch.lookAtOutput();
    this.#onRoom?.();
    this.#closeIfDrained();
  }

  /** Closes, whatever is under way. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#over.resolve();
    this.#onRoom?.();
    this.#session?.abort();
    this.#socket.close();
  }

  /**
   * True once all that had arrived before the first call has been taken; to be called again and again, in turns of the event loop.
   */
  caughtUp(): boolean {
    const { quiet, receivedBefore } = this.#catchingUp ??= { quiet: new Quiet(), receivedBefore: this.#received };
    if (this.#relay !== undefined) return !this.#relay.busy;
    // A frame that waits for its answer, or a peer that does not read, holds up what has arrived behind it.
    if (!this.#reading) quiet.reset();
    return this.#reading && quiet.look(this.#received) || this.#received - receivedBefore > MAX_UNREAD_BYTES;
  }

  /** Has another agent answer what comes from now on; what is in flight is answered here. */
  handOver(successor: Successor): void {
    this.#successor = successor;
  }

  /** Takes no more events, and closes once all that are in flight have been answered. */
  drain(): void {
    this.#draining = true;
    this.#closeIfDrained();
  }

  /** Closes if the peer has stopped in the middle of a frame, or does not take its replies; false if neither can be. */
  closeIfStalled(time: number): boolean {
    const failure = this.#watch.failureAt(time, this.#reading);
    if (failure !== undefined) this.#fail(failure);
    return !this.#closed && this.#watch.waits;
  }

  giveUp(): void {
    this.#fail(
      new ProtocolError(
        "PEER_HOLDS_MEMORY",
        "Cannot keep connection as unfinished frames and replies not taken must leave room for others': received " +
          `${this.#watch.heldBytes} bytes, for longer than all others`,
      ),
    );
  }

  /** Closes, because the place is needed. */
  makeRoom(): void {
    this.#fail(
      new ProtocolError(
        "CONNECTION_OVER_LIMIT",
        "Cannot keep connection as one that says nothing must make room for others: received more than there is room for",
      ),
    );
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
      if (this.#handled === 0 && !session.inTurn) this.#hello = body.slice();
      const startedAt = lastNow();
      const pending = this.#congested(session) ? this.#handleLater(session, body, at) : session.handle(body, at);
      this.#newlyRead = false;
      // The work is noted, so that what comes behind a long frame is not taken to have arrived after that frame was answered.
      spentOn(body);
      noteWork(startedAt);
      this.#handled++;
      if (pending !== undefined) return pending.then(() => this.#handleFrames(at));
      if (lastNow() - at > GATHERED_MS) this.flush();
    }
  }

  /** True if too much output waits. It is flushed first, because only what the socket does not take at once really waits. */
  #congested(session: Session): boolean {
    if (this.#output.waitingBytes > CONGESTED_BYTES) {
      this.flush();
      if (this.#output.waitingBytes > CONGESTED_BYTES) return true;
    }
    const { expectedBytes } = session;
    return expectedBytes > 0 && expectedBytes + this.#output.waitingBytes > EXPECTED_BYTES;
  }

  /**
   * Once there is room for a reply. Where replies come in turn, a frame that came by itself meanwhile is from a peer that waits for its
   * reply; what came together with others is from one that does not, and counts from when it took the replies before.
   */
  async #handleLater(session: Session, body: Uint8Array, at: number): Promise<void> {
    const patient = session.inTurn && !this.#newlyRead;
    while (!this.#closed && this.#congested(session)) {
      await new Promise<void>((resolve) => this.#onRoom = resolve);
      this.#onRoom = undefined;
    }
    if (!this.#draining && !this.#closed) await session.handle(body, patient ? now() : at);
  }

  /** Frames are not told apart by who answers them before all that came earlier is answered. */
  async #goOnWith(successor: Successor): Promise<void> {
    while (!this.#closed && ((this.#session?.inFlight ?? 0) > 0 || !this.#output.idle)) {
      await new Promise<void>((resolve) => this.#onRoom = resolve);
      this.#onRoom = undefined;
    }
    if (this.#closed) return;
    this.#relay = new Relay(this.#socket, successor, this.#hello, () => this.#closeIfDrained());
    await this.#relay.run(this.#input);
  }

  /** Reads no more, and closes once what is in flight has been answered. */
  async #answerRest(): Promise<void> {
    this.flush();
    this.drain();
    if (!this.#closed) this.#onWaiting();
    await this.#over.promise;
  }

  /** Called when the peer has stopped sending. A write of no bytes fails if the peer is gone altogether, and then nobody waits for answers. */
  #lookForReader(): void {
    if ((this.#session?.inFlight ?? 0) > 0) this.#socket.write(NOTHING).catch(() => this.close());
  }

  #dropLate(frames: Outgoing, ageMs: number): void {
    const { lateAfterMs, observer } = this.#options;
    if (this.#session?.inTurn) {
      frames.clear();
      return this.#fail(replyLate(lateAfterMs, ageMs));
    }
    // They are dropped first, because that must happen even if nobody observes it.
    const replies = frames.dropBefore(now() - lateAfterMs);
    observer.noted?.({ kind: "not_taken", replies });
  }

  #fail(failure: ProtocolError): void {
    this.#failure ??= failure;
    this.close();
  }

  #begin(): Session | undefined {
    const first = this.#input.firstBodyByte;
    if (first === undefined) return undefined;
    const session = this.#open(first, this.#options, this);
    this.#input.maxFrameBytes = session.maxFrameBytes;
    return session;
  }

  #closeIfDrained(): void {
    if (this.#relay?.busy) return;
    if (this.#draining && this.#output.idle && (this.#session?.inFlight ?? 0) === 0) this.close();
  }
}
