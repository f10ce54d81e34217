/**
 * {@linkcode Decision} to reply bytes.
 *
 * A reply is the same JSON on both versions except for `version` and, on v2, `audit.custom.correlation_id`, by which alone a v2 proxy
 * finds the event of a reply. So a decision is encoded once, as the bytes before and after that id.
 * All fields are sent, because the reference clients send them all, and lists must not be null: see the captured frames in
 * `tests/conformance/frames`.
 *
 * @module
 */

import type { Decision, HeaderOp, Verdict } from "./decision.ts";
import type { ProtocolVersion } from "./detect.ts";
import { decisionFor, type Release } from "./release.ts";
import type { ByteWriter } from "./writer.ts";

interface EncodedReply {
  readonly beforeId: Uint8Array;
  readonly afterId: Uint8Array;
}

const encoder = new TextEncoder();
const ID_KEY = encoder.encode('"correlation_id":');

/** Appends replies of one version that one release understands; remembers the bytes of each decision that it has encoded. */
export class ReplyEncoder {
  readonly #version: ProtocolVersion;
  readonly #release: Release;
  readonly #encoded = new WeakMap<Decision, EncodedReply>();

  /** One encoder of a version and release is enough for all connections. */
  constructor(version: ProtocolVersion, release: Release) {
    this.#version = version;
    this.#release = release;
  }

  /** Appends the JSON of a reply; without `correlationId`, `audit.custom` stays empty. */
  put(out: ByteWriter, decision: Decision, correlationId?: string): void {
    let encoded = this.#encoded.get(decision);
    if (encoded === undefined) {
      encoded = encodeReply(this.#version, decisionFor(this.#release, decision));
      this.#encoded.set(decision, encoded);
    }
    out.put(encoded.beforeId);
    if (correlationId !== undefined) {
      out.put(ID_KEY);
      out.putJsonString(correlationId);
    }
    out.put(encoded.afterId);
  }
}

function encodeReply(version: ProtocolVersion, decision: Decision): EncodedReply {
  const beforeId = `{"version":${version},"decision":${JSON.stringify(verdictJson(decision.verdict))}` +
    `,"request_headers":${JSON.stringify(decision.requestHeaders.map(headerOpJson))}` +
    `,"response_headers":${JSON.stringify(decision.responseHeaders.map(headerOpJson))}` +
    `,"routing_metadata":{},"audit":{"tags":${JSON.stringify(decision.tags)}` +
    `,"rule_ids":[],"confidence":null,"reason_codes":[],"custom":{`;
  const body = decision.responseBody;
  const mutation = body === undefined ? null : { data: body.data, chunk_index: body.chunkIndex };
  const afterId = `}},"needs_more":false,"request_body_mutation":null` +
    `,"response_body_mutation":${JSON.stringify(mutation)}` +
    `,"websocket_decision":${JSON.stringify(decision.websocket ?? null)}}`;
  return { beforeId: encoder.encode(beforeId), afterId: encoder.encode(afterId) };
}

function verdictJson(verdict: Verdict): unknown {
  switch (verdict.kind) {
    case "allow":
      return "allow";
    case "block":
      return { block: { status: verdict.status, body: verdict.body ?? null, headers: verdict.headers ?? null } };
    case "redirect":
      return { redirect: { url: verdict.url, status: verdict.status } };
  }
}

function headerOpJson(op: HeaderOp): unknown {
  return op.op === "remove" ? { remove: { name: op.name } } : { [op.op]: { name: op.name, value: op.value } };
}
