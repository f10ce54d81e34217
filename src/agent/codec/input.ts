/**
 * Heads as the JSON that modules of ABI 1 get.
 *
 * @module
 */

import type { ByteWriter, Head } from "../../protocol/mod.ts";

const piece = (text: string) => new TextEncoder().encode(text);
const METHOD = piece('{"method":"'), URI = piece('","uri":"'), CLIENT_IP = piece('","client_ip":"');
const ID = piece('","correlation_id":"'), STATUS = piece('{"status":'), STATUS_ID = piece(',"correlation_id":"');
const HEADERS = piece('","headers":{'), END = piece("}}");

/**
 * Appends the input of `on_request_headers` or `on_response_headers` to `out`, as JSON in UTF-8.
 *
 * Several values of one header are joined with ", ". HTTP/2 pseudo headers, which old proxies leave in, are dropped.
 */
export function putModuleInput(out: ByteWriter, head: Head): void {
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
  put(out, HEADERS);
  head.putHeaders(out, "joined");
  put(out, END);
}

function put(out: ByteWriter, bytes: Uint8Array): void {
  out.putSpan(bytes, 0, bytes.length);
}
