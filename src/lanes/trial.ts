/**
 * Tries a module out without a socket: an event takes the same way from frame to decision as it would from a proxy.
 *
 * @module
 */

import type { AgentConfig } from "../config/mod.ts";
import { type Policy, withQuirks } from "../agent/mod.ts";
import { GuestError, ProtocolError } from "../errors.ts";
import { type GuestModule, MAX_LINES_PER_SECOND } from "../guest/mod.ts";
import { type Failure, type Observer, type PrintedLine, tee, type UnknownKey } from "../ops/mod.ts";
import type { HeadPhase } from "../phase.ts";
import {
  type Decision,
  encodeV2Frame,
  type Event,
  type Message,
  MessageType,
  NEW_RELEASE,
  PREFIX_BYTES,
  V2JsonWire,
} from "../protocol/mod.ts";
import { Watchdog } from "../pool/mod.ts";
import { RateLimit } from "../rate_limit.ts";
import { within } from "../sleep.ts";
import { now } from "../time.ts";
import { unreadable } from "./described_event.ts";
import { loadEdition } from "./edition.ts";
import { type RunningPolicy, startPolicy } from "./running_policy.ts";

/** An event as a proxy sends it. */
export interface WireEvent {
  /** Which message it is. */
  readonly phase: HeadPhase;
  /** The message's payload on either version of the wire. */
  readonly payload: unknown;
}

/** The outcome of one event. */
export interface TrialAnswer {
  /** The module's decision, or the fail mode's. */
  readonly decision: Decision;
  /** Why it is the fail mode's: a `GuestError`, `PoolError` or `ProtocolError`, or a fault of this program. */
  readonly failure?: unknown;
  /** What the module has printed meanwhile. */
  readonly printed: readonly PrintedLine[];
  /** How many lines were dropped because a module may print only so many in a second. */
  readonly leftOut: number;
  /** Keys of the module's answer that mean nothing. Each is reported once in a trial. */
  readonly unknownKeys: readonly UnknownKey[];
  /** From the frame to the decision, in milliseconds. */
  readonly tookMs: number;
  /** Memory of all instances before and after, in bytes; left out where an instance has come or gone meanwhile. */
  readonly memory?: { readonly beforeBytes: number; readonly afterBytes: number };
}

const MESSAGE_TYPES: Readonly<Record<HeadPhase, number>> = {
  request_headers: MessageType.requestHeaders,
  response_headers: MessageType.responseHeaders,
};

/** A module that runs, or a chain of them. */
export class Trial implements AsyncDisposable {
  /** What runs; the first of a chain. */
  readonly module: GuestModule;
  readonly #policy: Policy;
  readonly #running: RunningPolicy;
  readonly #watchdog: Disposable;
  readonly #seen: Seen;
  readonly #printed: RateLimit;
  readonly #wire = new V2JsonWire(NEW_RELEASE);

  private constructor(module: GuestModule, running: RunningPolicy, watchdog: Disposable, seen: Seen) {
    this.module = module;
    this.#policy = withQuirks(running.policy);
    this.#running = running;
    this.#watchdog = watchdog;
    this.#seen = seen;
    this.#printed = new RateLimit(module.rates.printed, MAX_LINES_PER_SECOND);
  }

  /**
   * Reads the modules and starts their instances, as serving does. Only what `config` says of the modules counts.
   *
   * @param onlooker Told all that happens, the module's start included.
   * @throws {ModuleError | ConfigError} as serving does.
   */
  static async start(config: AgentConfig, onlooker: Observer = {}): Promise<Trial> {
    const edition = await loadEdition(config);
    const seen = new Seen();
    using started = new DisposableStack();
    const watchdog = started.use(await Watchdog.start());
    const running = await startPolicy(edition, { watchdog, observer: tee([seen, onlooker]), gently: false });
    return new Trial(edition.modules[0], running, started.move(), seen);
  }

  /**
   * What the module decides on an event; one at a time. An instance that has failed is replaced before this resolves.
   *
   * @throws {ConfigError} `EVENT_UNREADABLE` for a payload so wrong that a proxy's connection would be closed for it.
   */
  async ask({ phase, payload }: WireEvent, where = "event"): Promise<TrialAnswer> {
    const policy = this.#policy;
    const seen = this.#seen;
    const body = encodeV2Frame(MESSAGE_TYPES[phase], payload).subarray(PREFIX_BYTES);
    seen.begin();
    const before = this.#instanceBytes;
    const at = now();
    const event = this.#decode(body, where);
    const decision = await policy.decide(event, {
      protocol: this.#wire.protocol,
      at,
      readingMs: now() - at,
      signal: NEVER,
    });
    const tookMs = now() - at;
    const after = this.#instanceBytes;
    const failure = seen.failure?.error;
    if (failure instanceof GuestError) await seen.replacement(this.module.limits.startTimeoutMs);
    const memory = before.length !== after.length || failure !== undefined
      ? undefined
      : { beforeBytes: sum(before), afterBytes: sum(after) };
    return {
      decision,
      failure,
      printed: seen.lines,
      leftOut: this.#printed.takeRefused(),
      unknownKeys: seen.unknownKeys,
      tookMs,
      memory,
    };
  }

  /** Memory of all instances, in bytes. */
  get memoryBytes(): number {
    return sum(this.#instanceBytes);
  }

  #decode(body: Uint8Array, where: string): Event {
    try {
      return eventOf(this.#wire.decode(body));
    } catch (cause) {
      if (!(cause instanceof ProtocolError)) throw cause;
      throw unreadable(where, "be one that a proxy sends", `"${cause.message}"`, cause);
    }
  }

  /** Ends all instances. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#policy.close();
    this.#watchdog[Symbol.dispose]();
  }

  get #instanceBytes(): readonly number[] {
    return this.#running.pools.flatMap(({ instanceBytes }) => instanceBytes);
  }
}

/** The arrival of an event whose sender never gives up waiting. */
const NEVER = new AbortController().signal;

function eventOf(message: Message): Event {
  switch (message.kind) {
    case "handshake":
    case "cancel":
    case "ping":
    case "ignored":
      throw new ProtocolError("MESSAGE_UNKNOWN_KIND", `Cannot decide as an event must come: received ${message.kind}`);
  }
  return message;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Remembers what the pool and the policy report while one event is decided. */
class Seen implements Observer {
  lines: PrintedLine[] = [];
  unknownKeys: UnknownKey[] = [];
  failure: Failure | undefined;
  #replacement = Promise.withResolvers<void>();

  begin(): void {
    this.lines = [];
    this.unknownKeys = [];
    this.failure = undefined;
    this.#replacement = Promise.withResolvers();
  }

  /** Resolves once another instance is there or does not start, or after `patienceMs`, because a pool may also do without one. */
  async replacement(patienceMs: number): Promise<void> {
    await within(patienceMs, this.#replacement.promise);
  }

  failed(failure: Failure): void {
    this.failure ??= failure;
  }

  unknownKey(key: UnknownKey): void {
    this.unknownKeys.push(key);
  }

  printed(line: PrintedLine): void {
    this.lines.push(line);
  }

  replaced(): void {
    this.#replacement.resolve();
  }

  notStarted(): void {
    this.#replacement.resolve();
  }
}
