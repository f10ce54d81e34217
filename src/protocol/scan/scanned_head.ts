/**
 * The head that a scan has found, as {@linkcode Head}: its pieces are JSON already, so they leave as they came.
 *
 * @module
 */

import type { HeadPhase } from "../../phase.ts";
import { AddressParts } from "../address.ts";
import { type Head, type HeadersForm, METADATA_STRINGS, putClientPort } from "../head.ts";
import { pathHash, plainPathHash } from "../path_hash.ts";
import type { ByteWriter } from "../writer.ts";
import { type Span, spanText } from "./json_cursor.ts";
import { HeaderWalk, metadataSpans } from "./members.ts";
import type { RawHead } from "./raw_head.ts";

const COMMA = 0x2c;
const encoder = new TextEncoder();
const METADATA_PIECES = METADATA_STRINGS.map(([name]) => encoder.encode(`,"${name}":`));
/** Nobody asks for one address while another is being looked at. */
const parts = new AddressParts();

/** Reads from the one scan that all heads of a wire share, and knows when that has gone on to another frame. */
export class ScannedHead implements Head {
  readonly kind: HeadPhase;
  readonly correlationId: string;
  readonly status: number;
  readonly #scan: RawHead;
  readonly #generation: number;

  /** @param scan One that has just taken a head. */
  constructor(scan: RawHead) {
    this.kind = scan.kind;
    this.correlationId = scan.text(scan.correlationId);
    this.status = scan.status;
    this.#scan = scan;
    this.#generation = scan.generation;
  }

  method(): string {
    return this.#text(this.#current().method);
  }

  uri(): string {
    return this.#text(this.#current().uri);
  }

  header(name: string): string | undefined {
    const { bytes, headersStart } = this.#current();
    for (const walk = new HeaderWalk(bytes, headersStart); walk.next();) {
      if (!walk.isNamed(name)) continue;
      const values: readonly string[] = JSON.parse(spanText(bytes, walk.valuesStart, walk.end));
      return values.join(", ");
    }
  }

  pathHash(): number {
    const { bytes, uri } = this.#current();
    return plainPathHash(bytes, uri.start, uri.end) ?? pathHash(this.uri());
  }

  putMethod(out: ByteWriter): void {
    const { bytes, method } = this.#current();
    out.putSpan(bytes, method.start, method.end);
  }

  putUri(out: ByteWriter): void {
    const { bytes, uri } = this.#current();
    out.putSpan(bytes, uri.start, uri.end);
  }

  putClientIp(out: ByteWriter): void {
    const { bytes, clientIp } = this.#current();
    parts.read(bytes, clientIp.start, clientIp.end);
    out.putSpan(bytes, parts.start, parts.end);
  }

  putCorrelationId(out: ByteWriter): void {
    const { bytes, correlationId } = this.#current();
    out.putSpan(bytes, correlationId.start, correlationId.end);
  }

  putHeaders(out: ByteWriter, form: HeadersForm): void {
    const scan = this.#current();
    if (form === "joined") return out.put(scan.headers);
    const before = out.length;
    for (const walk = new HeaderWalk(scan.bytes, scan.headersStart); walk.next();) {
      if (out.length > before) out.putByte(COMMA);
      out.putSpan(scan.bytes, walk.start, walk.end);
    }
  }

  putMetadata(out: ByteWriter): void {
    if (this.kind === "response_headers") return;
    const { bytes, clientIp, clientPort, metadataStart } = this.#current();
    parts.read(bytes, clientIp.start, clientIp.end);
    putClientPort(out, clientPort, parts.port);
    for (const [index, { start, end }] of metadataSpans(bytes, metadataStart).entries()) {
      if (end <= start) continue;
      out.put(METADATA_PIECES[index]!);
      out.putSpan(bytes, start, end);
    }
  }

  retain(): Head {
    return new ScannedHead(this.#current().clone());
  }

  #text(span: Span): string {
    return span.end < 0 ? "" : this.#scan.text(span);
  }

  /**
   * The scan, as long as it holds this head.
   *
   * @throws {Error} if the scan has begun another frame. That is a fault of this program, because code that needs the head for longer must
   * retain it.
   */
  #current(): RawHead {
    if (this.#scan.generation !== this.#generation) {
      throw new Error("Cannot read head as its frame must be the last that was decoded: received a later one");
    }
    return this.#scan;
  }
}
