/**
 * The head of a request or response as the JSON it came in: checked and found, not decoded.
 *
 * Most heads go to a module as JSON again. For those, building strings and objects in between would be most of the work, and copying the
 * pieces is next to none. The scan takes what proxies send: ASCII, simple escapes, lists of strings as header values, and no key twice.
 * It declines anything else. Then the decoder has the last word, so the scan never needs to explain an error.
 *
 * @module
 */

import type { HeadPhase } from "../../phase.ts";
import { MAX_HEADERS, MAX_ID_LENGTH } from "../limits.ts";
import { DECLINED, JsonCursor, type Span } from "./json_cursor.ts";
import { Literal } from "./literal.ts";
import { NameSet } from "./name_set.ts";
import { ScannedHead } from "./scanned_head.ts";

const SPACE = 0x20, QUOTE = 0x22, COMMA = 0x2c, COLON = 0x3a, LOWER_N = 0x6e;
const OPEN_BRACE = 0x7b, CLOSE_BRACE = 0x7d, OPEN_BRACKET = 0x5b, CLOSE_BRACKET = 0x5d;

const v1Start = (kind: HeadPhase) => new Literal(`{"version":1,"event_type":"${kind}","payload":`);
const REQUEST_START = v1Start("request_headers"), RESPONSE_START = v1Start("response_headers");
const name = (text: string) => new Literal(`${text}"`);
const CORRELATION_ID = name("correlation_id"), METADATA = name("metadata"), HEADERS = name("headers");
const METHOD = name("method"), URI = name("uri"), STATUS = name("status");
const CLIENT_IP = name("client_ip"), CLIENT_PORT = name("client_port");
const NULL = new Literal("null");

/**
 * The head that was scanned last. The next scan overwrites it, so {@linkcode ScannedHead} looks at the generation before it reads.
 */
export class RawHead extends JsonCursor {
  /** Which head it is. Like all that follows it is good only once a scan has taken the head. */
  kind: HeadPhase = "request_headers";
  /** Its `end` is -1 on a response. */
  readonly method: Span = { start: 0, end: 0 };
  /** Path and query; its `end` is -1 on a response. */
  readonly uri: Span = { start: 0, end: 0 };
  /** As sent, which up to 0.6.45 is `ip:port`. Its `end` is -1 on a response. */
  readonly clientIp: Span = { start: 0, end: 0 };
  /** From a request's metadata, or a response's payload. */
  readonly correlationId: Span = { start: 0, end: 0 };
  /** Up to nine digits; -1 on a request. */
  status = 0;
  /** As sent: up to nine digits, 0 where none is told. */
  clientPort = 0;
  /** Where the members of the headers begin, in {@linkcode JsonCursor.bytes}. */
  headersStart = 0;
  /** Where the members of a request's metadata begin. */
  metadataStart = 0;
  #payloadStart = 0;
  #payloadEnd = 0;
  readonly #names = new NameSet();

  /** The headers as members of an object, each value a string: `"host":"a","accept":"b, c"`; without HTTP/2 pseudo headers. */
  get headers(): Uint8Array {
    return this.copy.subarray(0, this.kept);
  }

  /** The head that a scan has taken, good until this begins another scan. */
  toHead(): ScannedHead {
    return new ScannedHead(this);
  }

  /** Another scan of the same head, which nobody else will overwrite. */
  clone(): RawHead {
    const own = new RawHead();
    own.scanV2(this.bytes.subarray(0, this.#payloadEnd), this.#payloadStart, this.kind);
    return own;
  }

  /** Takes the body of a v1 frame; false if this is nothing for the scan. */
  scanV1(body: Uint8Array): boolean {
    if (!this.#begin(body, 0)) return false;
    if (this.literal(REQUEST_START)) this.kind = "request_headers";
    else if (this.literal(RESPONSE_START)) this.kind = "response_headers";
    else return false;
    return this.#payload() && this.take(CLOSE_BRACE) && this.ended();
  }

  /** Takes the payload of a v2 frame, which begins at `start` of its body; false if this is nothing for the scan. */
  scanV2(body: Uint8Array, start: number, kind: HeadPhase): boolean {
    this.kind = kind;
    return this.#begin(body, start) && this.#payload() && this.ended();
  }

  #begin(body: Uint8Array, start: number): boolean {
    this.#names.clear();
    this.method.end =
      this.uri.end =
      this.clientIp.end =
      this.correlationId.end =
        DECLINED;
    this.status = DECLINED;
    this.clientPort = 0;
    return this.begin(body, start);
  }

  #payload(): boolean {
    this.#payloadStart = this.at;
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
        // On v2 the id of a request stands here too, but the one in its metadata counts.
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
      this.#payloadEnd = this.at;
      const { start: idStart, end: idEnd } = this.correlationId;
      if (idEnd < 0 || idEnd - idStart > MAX_ID_LENGTH || !headers) return false;
      return request
        ? metadata && this.method.end >= 0 && this.uri.end >= 0 && this.clientIp.end >= 0
        : this.status >= 0;
    }
  }

  #metadata(): boolean {
    if (!this.take(OPEN_BRACE)) return false;
    this.metadataStart = this.at;
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
        this.clientPort = this.integer();
        if (this.clientPort < 0) return false;
      } else if (this.bytes[this.at] === LOWER_N) {
        if (!this.literal(NULL)) return false;
      } else if (!this.skipString()) return false;
      if (this.take(COMMA)) continue;
      return this.take(CLOSE_BRACE);
    }
  }

  /** Keeps `"name":["a","b"]` as `"name":"a, b"`. It is one long method with a place of its own, because most of a head is headers. */
  #headers(): boolean {
    const { bytes, copy, isLong } = this;
    if (!this.take(OPEN_BRACE)) return false;
    this.headersStart = this.at;
    if (this.take(CLOSE_BRACE)) return true;
    let at = this.at;
    let to = 0;
    let values = 0;
    for (;;) {
      const before = to;
      const { escapes } = this;
      if (to > 0) copy[to++] = COMMA;
      copy[to++] = QUOTE;
      if (bytes[at++] !== QUOTE) return false;
      const nameAt = to;
      let end = this.stringEnd(at, to);
      // A name with an escape could be the same as another one that is written without.
      if (end < 0 || this.escapes !== escapes) return false;
      to += end - at;
      const pseudo = bytes[at] === COLON;
      if (!pseudo && !this.#names.add(this.copyView, nameAt, to)) return false;
      copy[to++] = QUOTE;
      copy[to++] = COLON;
      copy[to++] = QUOTE;
      if (bytes[end + 1] !== COLON || bytes[end + 2] !== OPEN_BRACKET) return false;
      at = end + 3;
      if (bytes[at] === CLOSE_BRACKET) at++;
      else {
        for (;;) {
          if (bytes[at++] !== QUOTE || ++values > MAX_HEADERS) return false;
          if (isLong) {
            const plain = this.copyPlain(at, to);
            at += plain;
            to += plain;
          }
          end = this.stringEnd(at, to);
          if (end < 0) return false;
          to += end - at;
          at = end + 2;
          if (bytes[end + 1] === CLOSE_BRACKET) break;
          if (bytes[end + 1] !== COMMA) return false;
          copy[to++] = COMMA;
          copy[to++] = SPACE;
        }
      }
      copy[to++] = QUOTE;
      if (pseudo) to = before;
      if (bytes[at] === CLOSE_BRACE) break;
      if (bytes[at++] !== COMMA) return false;
    }
    this.at = at + 1;
    this.kept = to;
    return true;
  }

  /** Takes a string value into `span`; false for the second one. */
  #span(span: Span): boolean {
    if (span.end >= 0 || !this.take(QUOTE)) return false;
    span.start = this.at;
    span.end = this.string();
    return span.end >= 0;
  }
}
