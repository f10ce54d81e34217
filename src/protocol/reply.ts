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

import type { Audit, Decision, HeaderOp, Verdict } from "./decision.ts";
import type { ProtocolVersion } from "./detect.ts";
import { decisionFor, type Release } from "./release.ts";
import type { ByteWriter } from "./writer.ts";

interface EncodedReply {
  readonly beforeId: Uint8Array;
  /** The id's key, with a comma where it needs one. */
  readonly idKey: Uint8Array;
  readonly afterId: Uint8Array;
}

const encoder = new TextEncoder();
const ID_KEY = encoder.encode('"correlation_id":');
const NEXT_ID_KEY = encoder.encode(',"correlation_id":');

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

  /** Appends the JSON of a reply; without `correlationId`, `audit.custom` has only what the decision has there. */
  put(out: ByteWriter, decision: Decision, correlationId?: string): void {
    let encoded = this.#encoded.get(decision);
    if (encoded === undefined) {
      encoded = encodeReply(this.#version, decisionFor(this.#release, decision));
      this.#encoded.set(decision, encoded);
    }
    out.put(encoded.beforeId);
    if (correlationId !== undefined) {
      out.put(encoded.idKey);
      out.putJsonString(correlationId);
    }
    out.put(encoded.afterId);
  }
}

const NO_AUDIT: Audit = { ruleIds: [], reasonCodes: [], custom: {} };

function encodeReply(version: ProtocolVersion, decision: Decision): EncodedReply {
  const { ruleIds, confidence, reasonCodes, custom } = decision.audit ?? NO_AUDIT;
  const customMembers = JSON.stringify(custom).slice(1, -1);
  const beforeId = `{"version":${version},"decision":${JSON.stringify(verdictJson(decision.verdict))}` +
    `,"request_headers":${JSON.stringify(decision.requestHeaders.map(headerOpJson))}` +
    `,"response_headers":${JSON.stringify(decision.responseHeaders.map(headerOpJson))}` +
    `,"routing_metadata":${JSON.stringify(decision.routingMetadata ?? {})},"audit":{"tags":${
      JSON.stringify(decision.tags)
    }` +
    `,"rule_ids":${JSON.stringify(ruleIds)},"confidence":${JSON.stringify(confidence ?? null)}` +
    `,"reason_codes":${JSON.stringify(reasonCodes)},"custom":{${customMembers}`;
  const body = decision.responseBody;
  const mutation = body === undefined ? null : { data: body.data, chunk_index: body.chunkIndex };
  const afterId = `}},"needs_more":false,"request_body_mutation":null` +
    `,"response_body_mutation":${JSON.stringify(mutation)}` +
    `,"websocket_decision":${JSON.stringify(decision.websocket ?? null)}}`;
  const idKey = customMembers === "" ? ID_KEY : NEXT_ID_KEY;
  return { beforeId: encoder.encode(beforeId), idKey, afterId: encoder.encode(afterId) };
}

function verdictJson(verdict: Verdict): unknown {
  switch (verdict.kind) {
    case "allow":
      return "allow";
    case "block":
      return { block: { status: verdict.status, body: verdict.body ?? null, headers: verdict.headers ?? null } };
    case "redirect":
      return { redirect: { url: verdict.url, status: verdict.status } };
    case "challenge":
      return { challenge: { challenge_type: verdict.type, params: verdict.params } };
  }
}

function headerOpJson(op: HeaderOp): unknown {
  return op.op === "remove" ? { remove: { name: op.name } } : { [op.op]: { name: op.name, value: op.value } };
}
