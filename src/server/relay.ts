/**
 * A peer's connection that goes on with another agent: the one that has taken the socket's path over. The peer notices nothing, so that a
 * proxy which takes minutes to find an agent anew need not look for it.
 *
 * Frames pass as they are. When the path goes on to a further agent, so does the connection: the handshake that it began with is said
 * again, and each frame is answered by the agent that it was handed to.
 *
 * @module
 */

import { encodeFrame, FrameBuffer, MessageType } from "../protocol/mod.ts";
import { sleep } from "../sleep.ts";
import type { Socket } from "./connection.ts";
import type { Successor } from "./successor.ts";

/** Longest wait for what an agent still has to answer when the connection has gone on, in milliseconds; it may have been cancelled. */
const GRACE_MS = 10_000;
/** Between two looks at it, in milliseconds. */
const LOOK_MS = 1;

/** What the other agent answers in a v2 conversation; in v1 it answers every frame. */
const ANSWERED: ReadonlySet<number> = new Set([
  MessageType.requestHeaders,
  MessageType.requestBodyChunk,
  MessageType.responseHeaders,
  MessageType.responseBodyChunk,
  MessageType.requestComplete,
  MessageType.websocketFrame,
  MessageType.guardrailInspect,
  MessageType.configure,
  MessageType.ping,
]);
const ANSWERS: ReadonlySet<number> = new Set([MessageType.agentResponse, MessageType.pong]);

/** One peer, and the agents that answer it one after the other. */
export class Relay {
  readonly #peer: Socket;
  readonly #successor: Successor;
  readonly #onIdle: () => void;
  /** Body of the frame that a v2 conversation begins with. */
  #hello: Uint8Array | undefined;
  #agent: Answering | undefined;
  #written: Promise<void> = Promise.resolve();
  #over = false;

  /**
   * @param hello What a v2 conversation has begun with; undefined for v1, and where nothing has been said.
   * @param onIdle Told when all that was asked has been answered.
   */
  constructor(peer: Socket, successor: Successor, hello: Uint8Array | undefined, onIdle: () => void) {
    this.#peer = peer;
    this.#successor = successor;
    this.#hello = hello;
    this.#onIdle = onIdle;
  }

  /** True while an answer is to come. */
  get busy(): boolean {
    return (this.#agent?.unanswered ?? 0) > 0;
  }

  /** Passes on what `input` holds, and all that comes, until one side ends; the peer's socket is not closed. */
  async run(input: FrameBuffer): Promise<void> {
    const leave = this.#successor.onChange(() => this.#leaveIfIdle());
    try {
      while (!this.#over) {
        for (let body = input.next(); body !== undefined; body = input.next()) await this.#pass(body);
        const count = await this.#peer.read(input.writable());
        if (count === null) break;
        input.advance(count);
      }
      // The peer has said all, but may still listen.
      await this.#agent?.answered();
      await this.#written;
    } catch {
      // One side is gone: the peer connects anew, as it would if the agent that it had found had ended.
    } finally {
      leave();
      this.#over = true;
      this.#agent?.close();
    }
  }

  async #pass(body: Uint8Array): Promise<void> {
    const agent = await this.#current();
    const first = this.#hello === undefined && body[0] === MessageType.handshakeRequest;
    if (first) this.#hello = body.slice();
    await agent.ask(body, this.#hello === undefined || ANSWERED.has(body[0] ?? 0));
  }

  /** The agent that has the path now. */
  async #current(): Promise<Answering> {
    const before = this.#agent;
    const { generation } = this.#successor;
    if (before !== undefined && !before.ended && before.generation === generation) return before;
    // Answers in v1 are told apart by nothing but their order.
    if (before !== undefined && this.#hello === undefined) await before.answered();
    else before?.closeOnceAnswered();
    const agent = new Answering(await this.#successor.dial(), generation, {
      onAnswer: (body) => this.#answer(body),
      onIdle: this.#onIdle,
      onLoss: () => this.#lose(),
    });
    if (before !== undefined && this.#hello === undefined) before.close();
    this.#agent = agent;
    await agent.begin(this.#hello, (body) => this.#hello === undefined || ANSWERS.has(body[0] ?? 0));
    return agent;
  }

  #answer(body: Uint8Array): Promise<void> {
    const frame = encodeFrame(body);
    return this.#written = this.#written.then(() => writeAll(this.#peer, frame));
  }

  /** So that an agent which has given the path up need not stay for a peer that says nothing. */
  #leaveIfIdle(): void {
    if (this.busy || this.#agent === undefined) return;
    this.#agent.close();
    this.#agent = undefined;
  }

  /** What was asked is not answered any more: the peer has to know. */
  #lose(): void {
    if (this.#over) return;
    this.#over = true;
    this.#peer.close();
  }
}

/** What a relay is told by its connection to an agent. */
interface Answers {
  readonly onAnswer: (body: Uint8Array) => Promise<void>;
  readonly onIdle: () => void;
  /** The agent has ended with something unanswered. */
  readonly onLoss: () => void;
}

/** A connection to an agent. */
class Answering {
  readonly generation: number;
  readonly #socket: Socket;
  readonly #answers: Answers;
  readonly #input = new FrameBuffer();
  unanswered = 0;
  ended = false;

  constructor(socket: Socket, generation: number, answers: Answers) {
    this.#socket = socket;
    this.generation = generation;
    this.#answers = answers;
  }

  /** Shakes hands where that has been done before, and hears the answers from then on. @throws {Error} if the agent does not agree. */
  async begin(hello: Uint8Array | undefined, isAnswer: (body: Uint8Array) => boolean): Promise<void> {
    if (hello !== undefined) {
      await writeAll(this.#socket, encodeFrame(hello));
      if ((await this.#next())?.[0] !== MessageType.handshakeResponse) {
        throw new Error("Cannot go on with an agent as it must answer the handshake: received another message");
      }
    }
    this.#listen(isAnswer);
  }

  /** Hands a frame over. @param answered True if an answer is to come. */
  async ask(body: Uint8Array, answered: boolean): Promise<void> {
    if (answered) this.unanswered++;
    await writeAll(this.#socket, encodeFrame(body));
  }

  /** Resolves once nothing is unanswered, or nobody would wait any longer. */
  async answered(): Promise<void> {
    const until = performance.now() + GRACE_MS;
    while (this.unanswered > 0 && !this.ended && performance.now() < until) await sleep(LOOK_MS);
  }

  async closeOnceAnswered(): Promise<void> {
    await this.answered();
    this.close();
  }

  close(): void {
    if (this.ended) return;
    this.ended = true;
    this.#socket.close();
  }

  async #listen(isAnswer: (body: Uint8Array) => boolean): Promise<void> {
    try {
      for (let body = await this.#next(); body !== undefined; body = await this.#next()) {
        await this.#answers.onAnswer(body);
        if (isAnswer(body) && this.unanswered > 0) this.unanswered--;
        if (this.unanswered === 0) this.#answers.onIdle();
      }
    } catch {
      // Closed by this side, or by the agent: what that means is told by what is unanswered.
    }
    const lost = !this.ended && this.unanswered > 0;
    this.close();
    if (lost) this.#answers.onLoss();
  }

  /** Body of the next frame; undefined at the end. */
  async #next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const body = this.#input.next();
      if (body !== undefined) return body;
      const count = await this.#socket.read(this.#input.writable());
      if (count === null) return undefined;
      this.#input.advance(count);
    }
  }
}

async function writeAll(socket: Socket, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await socket.write(rest));
}
