/**
 * The v2 handshake: what the proxy offers, what this agent answers.
 *
 * @module
 */

import { type Fields, optionalStringAt, stringsAt } from "../fields.ts";
import { ProtocolError } from "../../errors.ts";
import { escapeText, MAX_NAME_SHOWN } from "../../escape.ts";
import type { Phase } from "../../phase.ts";
import { WIRE_NAMES } from "../phase.ts";

/** What a proxy says of itself when it connects. */
export interface Handshake {
  /** The handshake is refused if 2 is not among them. */
  readonly supportedVersions: readonly number[];
  /** Empty when not sent. */
  readonly proxyId: string;
  /** Such as `0.6.45`; empty when not sent. */
  readonly proxyVersion: string;
  /** Payload encodings by preference; a proxy that names none speaks JSON. */
  readonly supportedEncodings: readonly string[];
  /** This agent's configuration, from 0.6.51; null before. */
  readonly config: unknown;
}

/** What this agent says of itself. */
export interface AgentIdentity {
  /** The proxy's configuration may have another name for this agent. */
  readonly agentId: string;
  /** A name for people to read. */
  readonly name: string;
  /** The version of this program, not of the protocol. */
  readonly version: string;
  /** The phases that the proxy is asked to tell of. */
  readonly events: readonly Phase[];
  /** How many requests may be in flight at once, over all connections. */
  readonly maxConcurrency: number;
}

/** Reads a handshake request. @throws {ProtocolError} `MESSAGE_BAD_FIELD` */
export function decodeHandshake(fields: Fields): Handshake {
  const versions = fields.supported_versions;
  if (!Array.isArray(versions) || !versions.every((version) => typeof version === "number")) {
    throw new ProtocolError(
      "MESSAGE_BAD_FIELD",
      `Cannot read message as 'supported_versions' must be a list of numbers: received ${
        escapeText(JSON.stringify(versions) ?? "nothing", MAX_NAME_SHOWN)
      }`,
    );
  }
  return {
    supportedVersions: versions,
    proxyId: optionalStringAt(fields, "proxy_id") ?? "",
    proxyVersion: optionalStringAt(fields, "proxy_version") ?? "",
    supportedEncodings: fields.supported_encodings === undefined ? ["json"] : stringsAt(fields, "supported_encodings"),
    config: fields.config ?? null,
  };
}

/** Why `handshake` cannot be accepted, or undefined if it can. */
export function handshakeRefusal(handshake: Handshake): string | undefined {
  if (!handshake.supportedVersions.includes(2)) {
    return `Cannot speak with proxy as it must support protocol version 2: received ${
      escapeText(JSON.stringify(handshake.supportedVersions))
    }`;
  }
  const encodings = handshake.supportedEncodings;
  if (encodings.length > 0 && !encodings.includes("json")) {
    return `Cannot speak with proxy as it must support encoding "json": received ${
      escapeText(JSON.stringify(encodings))
    }`;
  }
}

/**
 * Payload of the handshake response. All fields of `features` are required, and `concurrent_requests` is a number where its
 * neighbours are booleans.
 *
 * @see https://crates.io/crates/zentinel-agent-protocol/0.6.45 which this was read from; the real client accepts it.
 */
export function encodeHandshakeResponse(identity: AgentIdentity, refusal: string | undefined): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({
    protocol_version: 2,
    capabilities: {
      agent_id: identity.agentId,
      name: identity.name,
      version: identity.version,
      supported_events: identity.events.map((event) => WIRE_NAMES[event].announced),
      features: {
        streaming_body: false,
        websocket: false,
        guardrails: false,
        config_push: false,
        metrics_export: false,
        concurrent_requests: identity.maxConcurrency,
        cancellation: true,
        flow_control: false,
        health_reporting: false,
      },
      limits: { max_body_size: 0, max_concurrency: identity.maxConcurrency, preferred_chunk_size: 65536 },
    },
    success: refusal === undefined,
    error: refusal ?? null,
    encoding: "json",
  }));
}
