/**
 * The head of a request or response as the JSON it came in: checked and found, not decoded.
 *
 * Most heads go to a module as JSON again. For those, building strings and objects in between is most of the work; copying the
 * pieces is next to none. The scan takes what proxies send: ASCII, simple escapes, lists of strings as header values, no key
 * twice. Anything else it declines, and the decoder proper has the last word: so the scan never needs to explain an error.
 *
 * @module
 */

import type { RawHeadEvent } from "./event.ts";
import { DECLINED, JsonCursor, type Span } from "./json_cursor.ts";

const COMMA = 0x2c, COLON = 0x3a, QUOTE = 0x22, LOWER_N = 0x6e;
const OPEN_BRACE = 0x7b, CLOSE_BRACE = 0x7d, OPEN_BRACKET = 0x5b, CLOSE_BRACKET = 0x5d;

const BUCKETS = 256;

const key = (name: string) => new TextEncoder().encode(name);
const VERSION = key("version"), EVENT_TYPE = key("event_type"), PAYLOAD = key("payload");
const REQUEST_HEADERS = key("request_headers"), RESPONSE_HEADERS = key("response_headers");
const CORRELATION_ID = key("correlation_id"), METADATA = key("metadata"), HEADERS = key("headers");
const METHOD = key("method"), URI = key("uri"), STATUS = key("status");
const CLIENT_IP = key("client_ip"), CLIENT_PORT = key("client_port");
const NULL = key("null");

/** Phase of a head. */
export type HeadKind = "request_headers" | "response_headers";

/**
 * The one head being looked at. Reading another frame overwrites it: whoever needs more of it later takes a copy.
 */
export class RawHead extends JsonCursor {
  /** Like all that follows, good only once a scan has taken the head. */
  kind: HeadKind = "request_headers";
  /** Its `end` is -1 on a response. */
  readonly method: Span = { start: 0, end: 0 };
  /** Path and query; its `end` is -1 on a response. */
  readonly uri: Span = { start: 0, end: 0 };
  /** As sent: up to 0.6.45 `ip:port`. Its `end` is -1 on a response. */
  readonly clientIp: Span = { start: 0, end: 0 };
  /** From a request's metadata, or a response's payload. */
  readonly correlationId: Span = { start: 0, end: 0 };
  /** Up to nine digits; -1 on a request. */
  status = 0;
  /** Headers in {@linkcode headers}; what stands behind them is of no meaning. */
  headerCount = 0;
  /** Four numbers a header: start and end of its name, index of its first value in {@linkcode values}, number of values. */
  headers = new Int32Array(4 * 64);
  /** Two numbers a value: start and end. */
  values = new Int32Array(2 * 128);
  #valueCount = 0;
  /** Last header of each bucket of name hashes, and for each header the one before it in its bucket. */
  readonly #buckets = new Int32Array(BUCKETS);
  #previous = new Int32Array(64);

  /** The head's event, once a scan has taken it. */
  toEvent(): RawHeadEvent {
    return { kind: this.kind, correlationId: this.text(this.correlationId), raw: this };
  }

  /** Takes the body of a v1 frame; false if this is nothing for the scan. */
  scanV1(body: Uint8Array): boolean {
    this.#begin(body, 0);
    if (!this.take(OPEN_BRACE)) return false;
    if (!this.key(VERSION) || this.integer() !== 1 || !this.take(COMMA)) return false;
    if (!this.key(EVENT_TYPE) || !this.take(QUOTE)) return false;
    if (this.word(REQUEST_HEADERS)) this.kind = "request_headers";
    else if (this.word(RESPONSE_HEADERS)) this.kind = "response_headers";
    else return false;
    if (!this.take(QUOTE) || !this.take(COMMA) || !this.key(PAYLOAD)) return false;
    return this.#payload() && this.take(CLOSE_BRACE) && this.ended();
  }

  /** Takes the payload of a v2 frame, which begins at `start` of its body; false if this is nothing for the scan. */
  scanV2(body: Uint8Array, start: number, kind: HeadKind): boolean {
    this.#begin(body, start);
    this.kind = kind;
    return this.#payload() && this.ended();
  }

  #begin(body: Uint8Array, start: number): void {
    this.bytes = body;
    this.at = start;
    this.headerCount = 0;
    this.#valueCount = 0;
    this.#buckets.fill(-1);
    for (const span of [this.method, this.uri, this.clientIp, this.correlationId]) span.end = DECLINED;
    this.status = DECLINED;
  }

  #payload(): boolean {
    if (!this.take(OPEN_BRACE)) return false;
    let headers = false, metadata = false, topId = false;
    const request = this.kind === "request_headers";
    for (;;) {
      if (!this.take(QUOTE)) return false;
      const start = this.at;
      const end = this.string();
      if (end < 0 || !this.take(COLON)) return false;
      if (this.is(HEADERS, start, end)) {
        if (headers || !this.#headers()) return false;
        headers = true;
      } else if (request && this.is(METADATA, start, end)) {
        if (metadata || !this.#metadata()) return false;
        metadata = true;
      } else if (request && this.is(METHOD, start, end)) {
        if (!this.#span(this.method)) return false;
      } else if (request && this.is(URI, start, end)) {
        if (!this.#span(this.uri)) return false;
      } else if (this.is(CORRELATION_ID, start, end)) {
        // On v2 it stands here too, but what counts for a request is the one in its metadata.
        if (topId || !(request ? this.skipString() : this.#span(this.correlationId))) return false;
        topId = true;
      } else if (!request && this.is(STATUS, start, end)) {
        if (this.status >= 0) return false;
        this.status = this.integer();
        if (this.status < 0) return false;
      } else {
        return false;
      }
      if (this.take(COMMA)) continue;
      if (!this.take(CLOSE_BRACE)) return false;
      if (this.correlationId.end < 0 || !headers) return false;
      return request
        ? metadata && this.method.end >= 0 && this.uri.end >= 0 && this.clientIp.end >= 0
        : this.status >= 0;
    }
  }

  #metadata(): boolean {
    if (!this.take(OPEN_BRACE)) return false;
    for (;;) {
      if (!this.take(QUOTE)) return false;
      const start = this.at;
      const end = this.string();
      if (end < 0 || !this.take(COLON)) return false;
      if (this.is(CORRELATION_ID, start, end)) {
        if (!this.#span(this.correlationId)) return false;
      } else if (this.is(CLIENT_IP, start, end)) {
        if (!this.#span(this.clientIp)) return false;
      } else if (this.is(CLIENT_PORT, start, end)) {
        if (this.integer() < 0) return false;
      } else if (this.bytes[this.at] === LOWER_N) {
        if (!this.word(NULL)) return false;
      } else if (!this.skipString()) return false;
      if (this.take(COMMA)) continue;
      return this.take(CLOSE_BRACE);
    }
  }

  #headers(): boolean {
    if (!this.take(OPEN_BRACE)) return false;
    if (this.take(CLOSE_BRACE)) return true;
    for (;;) {
      if (!this.take(QUOTE)) return false;
      const start = this.at;
      const end = this.string();
      if (end < 0 || !this.take(COLON) || !this.#addHeader(start, end) || !this.take(OPEN_BRACKET)) return false;
      if (!this.take(CLOSE_BRACKET) && !this.#headerValues()) return false;
      this.headers[this.headerCount * 4 - 1] = this.#valueCount - this.headers[this.headerCount * 4 - 2]!;
      if (this.take(COMMA)) continue;
      return this.take(CLOSE_BRACE);
    }
  }

  #headerValues(): boolean {
    for (;;) {
      if (!this.take(QUOTE)) return false;
      const start = this.at;
      const end = this.string();
      if (end < 0) return false;
      const at = this.#valueCount++ * 2;
      if (at === this.values.length) this.values = doubled(this.values);
      this.values[at] = start;
      this.values[at + 1] = end;
      if (this.take(COMMA)) continue;
      return this.take(CLOSE_BRACKET);
    }
  }

  /** False for a name that was there before. */
  #addHeader(start: number, end: number): boolean {
    const { bytes } = this;
    let hash = 0;
    for (let at = start; at < end; at++) hash = Math.imul(hash, 31) + bytes[at]! | 0;
    const bucket = (hash ^ hash >>> 16) & (BUCKETS - 1);
    const last = this.#buckets[bucket]!;
    for (let other = last; other >= 0; other = this.#previous[other]!) {
      const otherStart = this.headers[other * 4]!;
      if (this.headers[other * 4 + 1]! - otherStart === end - start && sameBytes(bytes, otherStart, start, end)) {
        return false;
      }
    }
    const index = this.headerCount++;
    if (index * 4 === this.headers.length) {
      this.headers = doubled(this.headers);
      this.#previous = doubled(this.#previous);
    }
    this.#previous[index] = last;
    this.#buckets[bucket] = index;
    this.headers[index * 4] = start;
    this.headers[index * 4 + 1] = end;
    this.headers[index * 4 + 2] = this.#valueCount;
    return true;
  }

  /** A string value into `span`, once. */
  #span(span: Span): boolean {
    if (span.end >= 0 || !this.take(QUOTE)) return false;
    span.start = this.at;
    span.end = this.string();
    return span.end >= 0;
  }
}

function sameBytes(bytes: Uint8Array, other: number, start: number, end: number): boolean {
  for (let at = start; at < end; at++, other++) if (bytes[at] !== bytes[other]) return false;
  return true;
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
