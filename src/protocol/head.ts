/**
 * The head of a request or response, whichever way it came in.
 *
 * A head is read in three ways: by a module, which gets it as JSON; by rules that look at single fields; and by people, in the log. An
 * implementation decides what it decodes for each, so that a head that arrived as JSON can leave as JSON without being decoded.
 *
 * @module
 */

import type { HeadPhase } from "../phase.ts";
import { MAX_PORT } from "./address.ts";
import type { RequestMetadata } from "./event.ts";
import type { ByteWriter } from "./writer.ts";

/** How the values of one header name are written: as one string, joined with ", ", or as a list of strings. */
export type HeadersForm = "joined" | "lists";

/**
 * What can be asked of a head. A head that has just been decoded from a frame is good until the same wire decodes its next frame, which
 * may be a frame of another connection. Asked later, every method throws instead of answering for the wrong head; the properties stay
 * good. Code that needs the head for longer calls {@linkcode Head.retain} in time.
 *
 * The methods whose names begin with `put` append JSON in UTF-8, and never a key twice.
 */
export interface Head {
  /** Which of the two heads it is. */
  readonly kind: HeadPhase;
  /** From a request's metadata, or from a response's payload; all events of a request have the same. */
  readonly correlationId: string;
  /** Any whole number, because no range is checked; -1 on a request. */
  readonly status: number;
  /** As sent, not compared with any list; empty on a response. */
  method(): string;
  /** Path and query as sent; empty on a response. */
  uri(): string;
  /**
   * The values of a header joined with ", ", or undefined where the head does not have it.
   *
   * @param name In lower case, as proxies send it. Names of HTTP/2 pseudo headers, such as `:path`, are never found.
   */
  header(name: string): string | undefined;
  /** A whole number that is the same for requests of the same path, whatever their query; of no meaning on a response. */
  pathHash(): number;
  /** Appends the method as what stands between the quotes of a JSON string; nothing on a response, like the two that follow. */
  putMethod(out: ByteWriter): void;
  /** Appends path and query in the same form. */
  putUri(out: ByteWriter): void;
  /** Appends the client's address in the same form, without the port or brackets that proxies up to 0.6.45 send. */
  putClientIp(out: ByteWriter): void;
  /** Appends the correlation id in the same form. */
  putCorrelationId(out: ByteWriter): void;
  /** Appends the headers as members of an object, with commas between them, without HTTP/2 pseudo headers. */
  putHeaders(out: ByteWriter, form: HeadersForm): void;
  /**
   * Appends what else the proxy knows of a request as members of an object, each with a comma in front, under the names of the wire and
   * in the order of {@linkcode METADATA_STRINGS}. What the proxy does not tell is left out; a response has nothing of it.
   */
  putMetadata(out: ByteWriter): void;
  /** The same head, good for as long as it is needed. */
  retain(): Head;
}

/**
 * The strings that {@linkcode Head.putMetadata} writes behind `client_port`, by their names on the wire and in order. `client_port` is a
 * number from 1 to 65,535, which proxies up to 0.6.45 send as a part of the address.
 */
export const METADATA_STRINGS: readonly (readonly [name: string, field: MetadataString])[] = [
  ["request_id", "requestId"],
  ["server_name", "serverName"],
  ["protocol", "protocol"],
  ["tls_version", "tlsVersion"],
  ["tls_cipher", "tlsCipher"],
  ["route_id", "routeId"],
  ["upstream_id", "upstreamId"],
  ["timestamp", "timestamp"],
  ["traceparent", "traceparent"],
];

type MetadataString = Exclude<keyof RequestMetadata, "clientIp" | "clientPort">;

/** Appends the port as {@linkcode Head.putMetadata} does: the one that is told beside the address, or else the one in it. */
export function putClientPort(out: ByteWriter, told: number, inAddress: number): void {
  const port = told > 0 && told <= MAX_PORT ? told : inAddress;
  if (port > 0) out.putText(`,"client_port":${port}`);
}
