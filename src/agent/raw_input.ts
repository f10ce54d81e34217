/**
 * The same input as {@linkcode putModuleInput} makes, from a head that has not been decoded: its pieces are JSON already.
 *
 * @module
 */

import type { ByteWriter, RawHead, Span } from "../protocol/mod.ts";

const piece = (text: string) => new TextEncoder().encode(text);
const METHOD = piece('{"method":"'), URI = piece('","uri":"'), CLIENT_IP = piece('","client_ip":"');
const ID = piece('","correlation_id":"'), HEADERS = piece('","headers":{');
const STATUS = piece('{"status":'), STATUS_ID = piece(',"correlation_id":"');
const END_ALL = piece("}}");
const DOT = 0x2e, ZERO = 0x30, NINE = 0x39, COLON = 0x3a, OPEN_BRACKET = 0x5b, CLOSE_BRACKET = 0x5d;

/** Appends the module input that `head` stands for. */
export function putRawInput(out: ByteWriter, head: RawHead): void {
  if (head.kind === "request_headers") {
    put(out, METHOD);
    putString(out, head, head.method);
    put(out, URI);
    putString(out, head, head.uri);
    put(out, CLIENT_IP);
    putAddress(out, head, head.clientIp);
    put(out, ID);
  } else {
    put(out, STATUS);
    out.putText(String(head.status));
    put(out, STATUS_ID);
  }
  putString(out, head, head.correlationId);
  put(out, HEADERS);
  out.put(head.headers);
  put(out, END_ALL);
}

/** Without a port or brackets, as {@linkcode bareAddress} has it. */
function putAddress(out: ByteWriter, head: RawHead, { start, end }: Span): void {
  const { bytes } = head;
  if (bytes[start] === OPEN_BRACKET) {
    let close = start + 1;
    while (close < end && bytes[close] !== CLOSE_BRACKET) close++;
    const whole = close === end || !(close + 1 === end || isPort(bytes, close + 1, end));
    return whole ? out.putSpan(bytes, start, end) : out.putSpan(bytes, start + 1, close);
  }
  let at = start;
  while (at < end && (isDigit(bytes[at]!) || bytes[at] === DOT)) at++;
  out.putSpan(bytes, start, at > start && isPort(bytes, at, end) ? at : end);
}

/** Whether a colon and digits stand from `start` to `end`, and nothing else. */
function isPort(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== COLON || start + 1 >= end) return false;
  for (let at = start + 1; at < end; at++) if (!isDigit(bytes[at]!)) return false;
  return true;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function putString(out: ByteWriter, head: RawHead, { start, end }: Span): void {
  out.putSpan(head.bytes, start, end);
}

function put(out: ByteWriter, bytes: Uint8Array): void {
  out.putSpan(bytes, 0, bytes.length);
}
