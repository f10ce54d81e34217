/**
 * The steps between the bytes of a request and the bytes of its reply, each alone.
 *
 * @module
 */

import { putModuleInput } from "../../../src/agent/codec/input.ts";
import { ResultCache } from "../../../src/agent/codec/result_cache.ts";
import { parseResult } from "../../../src/agent/codec/result.ts";
import { type CallGuard, Guest, type GuestCall, type GuestModule } from "../../../src/guest/mod.ts";
import { createDeadlineTable, DeadlineRow } from "../../../src/pool/deadlines.ts";
import {
  ByteWriter,
  type Decision,
  type Event,
  FrameBuffer,
  type Head,
  OLD_RELEASE,
  ReplyEncoder,
} from "../../../src/protocol/mod.ts";
import type { Step } from "./measure.ts";
import { V1_BODY, V1_BODY_BEYOND_ASCII, V1_BODY_LARGE, V1_FRAME, V2_BODY } from "./request.ts";
import { V1, V2 } from "../../unit/protocol/wires.ts";

/** Far away. */
const DEADLINE_MS = 1e9;

/** A meter as the pool has it, without a watchdog that looks at it. */
class BenchGuard implements CallGuard {
  readonly #row = new DeadlineRow(createDeadlineTable(1), 0);
  now(): number {
    return performance.now();
  }
  attach(): void {}
  begin(deadline: number): void {
    this.#row.begin(deadline);
  }
  end(): boolean {
    return this.#row.end();
  }
}

/** The steps that depend on the size of a head, for one of 64 KiB. */
export function largeHeadSteps(module: GuestModule): readonly Step[] {
  const input = new ByteWriter();
  putModuleInput(input, headOf(V1.decode(V1_BODY_LARGE)));
  const guest = new Guest(module, { guard: new BenchGuard(), output: () => {} });
  const call = callWith(input.written.slice());
  return [
    repeat("64 KiB header: decode event, v1", () => V1.decode(V1_BODY_LARGE)),
    inputStep("64 KiB header: module input", V1_BODY_LARGE),
    repeat("64 KiB header: guest call", () => guest.call(call, (bytes) => bytes.length)),
  ];
}

/** Every step of the hot path, in its order. */
export function hotPathSteps(module: GuestModule): readonly Step[] {
  const frames = new FrameBuffer();
  const input = new ByteWriter();
  putModuleInput(input, headOf(V1.decode(V1_BODY)));
  const inputBytes = input.written.slice();
  const guest = new Guest(module, { guard: new BenchGuard(), output: () => {} });
  const call = {
    phase: "request_headers",
    input: inputBytes,
    correlationId: "42",
    deadline: DEADLINE_MS,
  } as const;
  const result = guest.call(call, (bytes) => bytes.slice());
  // A module answers to requests and to their responses in turn.
  const other = Uint8Array.of(...result, 0x20);
  let turn = false;
  const cache = new ResultCache((bytes) => parseResult(bytes).decision);
  const decision: Decision = cache.accept(result);
  const replies = new ReplyEncoder(1, OLD_RELEASE);
  const repliesV2 = new ReplyEncoder(2, OLD_RELEASE);
  const out = new ByteWriter();
  return [
    repeat("frame split, with the copy of a read", () => {
      frames.writable().set(V1_FRAME);
      frames.advance(V1_FRAME.length);
      frames.next();
    }),
    repeat("decode event, v1", () => V1.decode(V1_BODY)),
    repeat("decode event, v2", () => V2.decode(V2_BODY)),
    repeat("decode event, v1, beyond ASCII", () => V1.decode(V1_BODY_BEYOND_ASCII)),
    inputStep("module input", V1_BODY),
    repeat("guest call", () => guest.call(call, (bytes) => bytes.length)),
    repeat("result to decision, seen before", () => cache.accept(result)),
    repeat("result to decision, two in turn", () => {
      turn = !turn;
      cache.accept(turn ? result : other);
    }),
    repeat("result to decision, new", () => parseResult(result)),
    repeat("encode reply, v1, seen before", () => {
      out.clear();
      replies.put(out, decision);
    }),
    repeat("encode reply, v2, seen before", () => {
      out.clear();
      repliesV2.put(out, decision, "42");
    }),
    repeat("encode reply, v1, new", () => {
      out.clear();
      replies.put(out, { ...decision });
    }),
  ];
}

function callWith(input: Uint8Array): GuestCall {
  return { phase: "request_headers", input, correlationId: "42", deadline: DEADLINE_MS };
}

function inputStep(name: string, body: Uint8Array): Step {
  const out = new ByteWriter();
  return {
    name,
    run(count) {
      // A decoded head is good until the next one, which may have come from another step.
      const event = headOf(V1.decode(body));
      for (let index = 0; index < count; index++) {
        out.clear();
        putModuleInput(out, event);
      }
    },
  };
}

function headOf(event: Event): Head {
  if (event.kind === "request_headers" || event.kind === "response_headers") return event;
  throw new TypeError(`Cannot happen: ${event.kind}`);
}

function repeat(name: string, once: () => unknown): Step {
  return {
    name,
    run(count) {
      for (let index = 0; index < count; index++) once();
    },
  };
}
