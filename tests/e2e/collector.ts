/**
 * A process that receives what OpenTelemetry exports, as OTLP over HTTP, and prints each span as a line of JSON.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp
 * @module
 */

interface ExportRequest {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly unknown[] }[];
  }[];
}

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
  if (new URL(request.url).pathname === "/v1/traces") {
    const { resourceSpans = [] }: ExportRequest = await request.json();
    for (const { scopeSpans } of resourceSpans) {
      for (const { spans } of scopeSpans) for (const span of spans) console.log(JSON.stringify(span));
    }
  }
  return Response.json({});
});
console.log(JSON.stringify({ port: server.addr.port }));
