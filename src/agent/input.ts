/**
 * Events as the JSON that modules get.
 *
 * @module
 */

import type { ByteWriter, HeaderValues, HeadEvent } from "../protocol/mod.ts";
import { putRawInput } from "./raw_input.ts";

/**
 * Appends the input of `on_request_headers` or `on_response_headers` to `out`, as JSON in UTF-8.
 *
 * Several values of one header are joined with ", "; HTTP/2 pseudo headers, which old proxies leave in, are dropped.
 */
export function putModuleInput(out: ByteWriter, event: HeadEvent): void {
  if ("raw" in event) return putRawInput(out, event.raw);
  const id = JSON.stringify(event.correlationId);
  const headers = headersJson(event.headers);
  if (event.kind === "response_headers") {
    return out.putText(`{"status":${event.status},"correlation_id":${id},"headers":${headers}}`);
  }
  const clientIp = JSON.stringify(bareAddress(event.metadata.clientIp));
  out.putText(
    `{"method":${JSON.stringify(event.method)},"uri":${JSON.stringify(event.uri)},"client_ip":${clientIp}` +
      `,"correlation_id":${id},"headers":${headers}}`,
  );
}

// Text and not an object: a header may be called "__proto__".
function headersJson(headers: HeaderValues): string {
  let json = "{";
  for (const name in headers) {
    const values = headers[name];
    if (values === undefined || name.startsWith(":")) continue;
    if (json.length > 1) json += ",";
    const value = values.length === 1 ? values[0] : values.join(", ");
    json += `${JSON.stringify(name)}:${JSON.stringify(value)}`;
  }
  return json + "}";
}

/** `192.0.2.1:4711` and `[2001:db8::1]:4711`, as proxies up to 0.6.45 send them; and brackets alone. */
const WITH_PORT = /^(?:([\d.]+):\d+|\[([^\]]*)\](?::\d+)?)$/;

/** `address` without a port or brackets. Whatever else it may be stays whole: `unix:/run/proxy.sock`, a name, nonsense. */
export function bareAddress(address: string): string {
  const match = WITH_PORT.exec(address);
  return match?.[1] ?? match?.[2] ?? address;
}
