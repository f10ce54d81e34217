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
const COLON = 0x3a, OPEN_BRACKET = 0x5b, CLOSE_BRACKET = 0x5d;

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

/** Without a port, as {@linkcode bareAddress} has it. */
function putAddress(out: ByteWriter, head: RawHead, { start, end }: Span): void {
  const { bytes } = head;
  if (bytes[start] === OPEN_BRACKET) {
    const close = bytes.subarray(start, end).indexOf(CLOSE_BRACKET);
    return close < 0 ? out.putSpan(bytes, start, end) : out.putSpan(bytes, start + 1, start + close);
  }
  let colon = -1;
  for (let at = start; at < end; at++) {
    if (bytes[at] !== COLON) continue;
    if (colon >= 0) return out.putSpan(bytes, start, end);
    colon = at;
  }
  out.putSpan(bytes, start, colon < 0 ? end : colon);
}

function putString(out: ByteWriter, head: RawHead, { start, end }: Span): void {
  out.putSpan(head.bytes, start, end);
}

function put(out: ByteWriter, bytes: Uint8Array): void {
  out.putSpan(bytes, 0, bytes.length);
}
