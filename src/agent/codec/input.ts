/**
 * Heads as the JSON that modules get.
 *
 * @module
 */

import type { ByteWriter, Head } from "../../protocol/mod.ts";

const piece = (text: string) => new TextEncoder().encode(text);
const METHOD = piece('{"method":"'), URI = piece('","uri":"'), CLIENT_IP = piece('","client_ip":"');
const ID = piece('","correlation_id":"'), STATUS = piece('{"status":'), STATUS_ID = piece(',"correlation_id":"');
const HEADERS = piece('","headers":{'), END = piece("}}");
const QUOTE = piece('"'), HEADERS_BEHIND = piece(',"headers":{');

/**
 * Appends the input of `on_request_headers` or `on_response_headers` of ABI 1 to `out`, as JSON in UTF-8.
 *
 * Several values of one header are joined with ", ". HTTP/2 pseudo headers, which old proxies leave in, are dropped.
 */
export function putModuleInput(out: ByteWriter, head: Head): void {
  putStart(out, head);
  put(out, HEADERS);
  head.putHeaders(out, "joined");
  put(out, END);
}

/**
 * Appends that of ABI 2: all that the proxy tells of a request, and headers as lists of their values. They come last, so that a module
 * may stop reading where they begin.
 */
export function putModuleInputV2(out: ByteWriter, head: Head): void {
  putStart(out, head);
  put(out, QUOTE);
  head.putMetadata(out);
  put(out, HEADERS_BEHIND);
  head.putHeaders(out, "lists");
  put(out, END);
}

/** Up to the correlation id, without the quote behind it. */
function putStart(out: ByteWriter, head: Head): void {
  if (head.kind === "request_headers") {
    put(out, METHOD);
    head.putMethod(out);
    put(out, URI);
    head.putUri(out);
    put(out, CLIENT_IP);
    head.putClientIp(out);
    put(out, ID);
  } else {
    put(out, STATUS);
    out.putJsonText(String(head.status));
    put(out, STATUS_ID);
  }
  head.putCorrelationId(out);
}

function put(out: ByteWriter, bytes: Uint8Array): void {
  out.putSpan(bytes, 0, bytes.length);
}
