/**
 * A head as decoded JSON.
 *
 * @module
 */

import type { HeadPhase } from "../phase.ts";
import { AddressParts } from "./address.ts";
import type { HeaderValues, RequestFields, ResponseFields } from "./event.ts";
import { type Head, type HeadersForm, METADATA_STRINGS, putClientPort } from "./head.ts";
import { pathHash } from "./path_hash.ts";
import { ByteWriter } from "./writer.ts";

const scratch = new ByteWriter();
/** Nobody asks for one address while another is being looked at. */
const parts = new AddressParts();

/** Keeps the fields as strings and objects, and so is good for ever. */
export class DecodedHead implements Head {
  readonly kind: HeadPhase;
  readonly correlationId: string;
  readonly status: number;
  /** What was decoded. */
  readonly fields: RequestFields | ResponseFields;

  /** Takes fields that have been checked already. */
  constructor(fields: RequestFields | ResponseFields) {
    this.kind = fields.kind;
    this.correlationId = fields.correlationId;
    this.status = fields.kind === "response_headers" ? fields.status : -1;
    this.fields = fields;
  }

  method(): string {
    return this.fields.kind === "request_headers" ? this.fields.method : "";
  }

  uri(): string {
    return this.fields.kind === "request_headers" ? this.fields.uri : "";
  }

  header(name: string): string | undefined {
    const { headers } = this.fields;
    return isPseudo(name) || !Object.hasOwn(headers, name) ? undefined : headers[name]?.join(", ");
  }

  pathHash(): number {
    return pathHash(this.uri());
  }

  putMethod(out: ByteWriter): void {
    out.putJsonText(this.method());
  }

  putUri(out: ByteWriter): void {
    out.putJsonText(this.uri());
  }

  putClientIp(out: ByteWriter): void {
    if (this.fields.kind === "response_headers") return;
    const text = readAddress(this.fields.metadata.clientIp);
    out.putSpan(text, parts.start, parts.end);
  }

  putCorrelationId(out: ByteWriter): void {
    out.putJsonText(this.correlationId);
  }

  putHeaders(out: ByteWriter, form: HeadersForm): void {
    out.putText(headersJson(this.fields.headers, form));
  }

  putMetadata(out: ByteWriter): void {
    if (this.fields.kind === "response_headers") return;
    const { metadata } = this.fields;
    readAddress(metadata.clientIp);
    putClientPort(out, metadata.clientPort ?? 0, parts.port);
    for (const [name, field] of METADATA_STRINGS) {
      const value = metadata[field];
      if (value !== undefined) out.putText(`,"${name}":${JSON.stringify(value)}`);
    }
  }

  retain(): Head {
    return this;
  }
}

/** The address as it stands inside a JSON string, valid until the next call; where its parts are is in {@linkcode parts}. */
function readAddress(address: string): Uint8Array {
  scratch.clear();
  scratch.putJsonText(address);
  const { written } = scratch;
  parts.read(written, 0, written.length);
  return written;
}

/** The members of an object. Text and not an object, because a header may be called `__proto__`. */
function headersJson(headers: HeaderValues, form: HeadersForm): string {
  let json = "";
  for (const name in headers) {
    const values = headers[name];
    if (values === undefined || isPseudo(name)) continue;
    if (json !== "") json += ",";
    json += `${JSON.stringify(name)}:${JSON.stringify(form === "lists" ? values : values.join(", "))}`;
  }
  return json;
}

/** True for the names that old proxies leave among the headers of HTTP/2. @see https://www.rfc-editor.org/rfc/rfc9113#section-8.3 */
function isPseudo(name: string): boolean {
  return name.startsWith(":");
}
