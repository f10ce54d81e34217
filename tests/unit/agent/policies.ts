/**
 * Policies without an instance behind them, to ask and to put around others.
 *
 * @module
 */

import type { Arrival, Policy } from "../../../src/agent/mod.ts";
import type { GuestModule } from "../../../src/guest/mod.ts";
import type { PoolCall, Take } from "../../../src/pool/mod.ts";
import { createRate } from "../../../src/rate_limit.ts";
import { ProtocolError } from "../../../src/errors.ts";
import type { Phase } from "../../../src/phase.ts";
import { ALLOW, type Decision, DecodedHead, type Event } from "../../../src/protocol/mod.ts";

/** A module that no pool has to run: nothing is in it. */
export const MODULE: GuestModule = {
  name: "fake.wasm",
  fileBytes: 0,
  sha256: "",
  abi: "agent/1",
  dialect: "agent/1",
  configuration: "{}",
  takesConfiguration: false,
  phases: ["request_headers", "response_headers"],
  imports: [],
  unknownHandlers: [],
  limits: {
    timeoutMs: 40,
    startTimeoutMs: 40,
    maxMemoryMiB: 1,
    maxTableEntries: 1,
    maxRequestsPerInstance: 0,
    allowGc: false,
  },
  rates: { printed: createRate(), debug: createRate(), failures: createRate(), traces: createRate() },
  build: { rewrittenBytes: 0, insertions: 0, rewriteMs: 0, compileMs: 0, memories: [], tables: [] },
  codeMap: {
    records: new Uint8Array(new SharedArrayBuffer(0)),
    marks: new Uint32Array(new SharedArrayBuffer(0)),
    importedFunctions: 0,
    probeBytes: 0,
  },
  compiled: new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])),
};

/** `run()` of a pool. */
export type Run = <T>(call: PoolCall, take: Take<T>) => T | Promise<T>;

/** An arrival of just now, whose answer stays wanted. */
export function arrivalAt(at = 0): Arrival {
  return { protocol: "v1", at, readingMs: 0, signal: new AbortController().signal };
}

/** Decides by a function of the test's, and remembers what it was asked. */
export class FixedPolicy implements Policy {
  readonly asked: { readonly event: Event; readonly arrival: Arrival }[] = [];
  readonly #answer: (event: Event) => Decision | Promise<Decision>;
  readonly #refusal: string | undefined;
  readonly phases: ReadonlySet<Phase>;
  readonly budgetMs: number;
  closed = false;

  constructor(
    answer: (event: Event) => Decision | Promise<Decision> = () => ALLOW,
    { phases = ["request_headers"], budgetMs = 50, refusal }: {
      readonly phases?: readonly Phase[];
      readonly budgetMs?: number;
      readonly refusal?: string;
    } = {},
  ) {
    this.#answer = answer;
    this.#refusal = refusal;
    this.phases = new Set(phases);
    this.budgetMs = budgetMs;
  }

  decide(event: Event, arrival: Arrival): Decision | Promise<Decision> {
    this.asked.push({ event, arrival });
    return this.#answer(event);
  }

  configure(): Promise<string | undefined> {
    return Promise.resolve(this.#refusal);
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

const ID = { correlationId: "id" };

/** An event of each kind. */
export const EVENTS: { readonly [kind in Event["kind"]]: Event } = {
  configure: { kind: "configure", ...ID, config: null },
  request_headers: new DecodedHead({
    kind: "request_headers",
    ...ID,
    method: "GET",
    uri: "/",
    headers: {},
    metadata: { clientIp: "192.0.2.1" },
  }),
  request_body: { kind: "request_body", ...ID, data: "QQ==", isLast: true, chunkIndex: 0 },
  response_headers: new DecodedHead({ kind: "response_headers", ...ID, status: 200, headers: {} }),
  response_body: { kind: "response_body", ...ID, data: "Qg==", isLast: true, chunkIndex: 3 },
  request_complete: {
    kind: "request_complete",
    ...ID,
    status: 200,
    durationMs: 1,
    requestBodyBytes: 0,
    responseBodyBytes: 0,
    upstreamAttempts: 1,
  },
  websocket_frame: {
    kind: "websocket_frame",
    ...ID,
    opcode: "text",
    data: "QQ==",
    clientToServer: true,
    frameIndex: 0,
    fin: true,
  },
  guardrail_inspect: {
    kind: "guardrail_inspect",
    ...ID,
    inspectionType: "pii_detection",
    content: "",
    categories: [],
  },
  unreadable: {
    kind: "unreadable",
    ...ID,
    phase: "coffee_break",
    error: new ProtocolError("MESSAGE_UNKNOWN_KIND", "Cannot read event"),
  },
};
