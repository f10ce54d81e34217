import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { buildGuest } from "../guests/build.ts";
import { AgentProcess, EXAMPLE_MODULE, Lines, PACKED, TempDir } from "./agent_process.ts";
import { frame, v2Hello, Wire } from "./wire.ts";
import { exists } from "../../tools/exists.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const COLLECTOR = fromFileUrl(new URL("collector.ts", import.meta.url));
/** The real collector, where `tools/install_otelcol.sh` has built it: the agent then exports to it as it does by default. */
const CACHE = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "", ".cache");
const OTELCOL = join(CACHE, "sentinel-wasm-agent/otelcol/otelcol");

/** A span of OTLP, as far as it is looked at. */
interface ExportedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
  readonly events?: readonly { readonly name: string }[];
  readonly status?: { readonly code?: number; readonly message?: string };
}

/** A process that takes spans, and what it has taken. */
class Collector implements AsyncDisposable {
  readonly #children: Deno.ChildProcess[] = [];
  #lines: Lines | undefined;
  env: Readonly<Record<string, string>> = {};

  static async start(real: boolean, dir: TempDir): Promise<Collector> {
    const collector = new Collector();
    const args = ["run", "--no-prompt", "--no-config", "--no-lock", "--allow-net=127.0.0.1", COLLECTOR];
    const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "null" }).spawn();
    collector.#children.push(child);
    collector.#lines = new Lines(child.stdout);
    const { port } = JSON.parse(await collector.#lines.find((line) => line.includes("port"), "port of the collector"));
    const url = `http://127.0.0.1:${port}`;
    collector.env = { OTEL_DENO: "true", OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" };
    if (real) await collector.#startReal(url, dir);
    return collector;
  }

  /** Spans of this many events, once they have all come. */
  async spans(count: number): Promise<readonly ExportedSpan[]> {
    await this.#lines?.find(() => (this.#lines?.all.length ?? 0) > count, `${count} spans`);
    return this.#lines?.all.slice(1).map((line) => JSON.parse(line)) ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      child.kill();
      await child.status;
    }
    await this.#lines?.ended();
  }

  async #startReal(url: string, dir: TempDir): Promise<void> {
    const port = freePort();
    const endpoint = `127.0.0.1:${port}`;
    const config = {
      receivers: { otlp: { protocols: { http: { endpoint } } } },
      exporters: {
        otlphttp: { endpoint: url, encoding: "json", compression: "none", sending_queue: { enabled: false } },
      },
      service: {
        telemetry: { metrics: { level: "none" } },
        pipelines: { traces: { receivers: ["otlp"], exporters: ["otlphttp"] } },
      },
    };
    const file = dir.write("otelcol.json", JSON.stringify(config));
    const child = new Deno.Command(OTELCOL, { args: ["--config", file], stdout: "null", stderr: "piped" }).spawn();
    this.#children.push(child);
    await new Lines(child.stderr).find((line) => line.includes("Everything is ready"), "readiness of otelcol");
    // As Deno exports where nobody says anything else: protobuf.
    this.env = { OTEL_DENO: "true", OTEL_EXPORTER_OTLP_ENDPOINT: `http://${endpoint}` };
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function valueOf({ attributes }: ExportedSpan, name: string): unknown {
  return Object.values(attributes.find(({ key }) => key === name)?.value ?? {})[0];
}

async function ask(wire: Wire, id: string, uri: string, traceparent: string | null): Promise<void> {
  const metadata = { correlation_id: id, client_ip: "192.0.2.7", client_port: 0, traceparent };
  await wire.write(frame(0x10, { correlation_id: id, metadata, method: "GET", uri, headers: {} }));
  await wire.readMessage(true);
}

for (const { real, lanes } of [{ real: false, lanes: 2 }, { real: true, lanes: 1 }]) {
  Deno.test({
    name: `an agent of ${lanes} lanes exports a span an event below the proxy's to ${real ? "otelcol" : "a collector"}`,
    ignore: PACKED || (real && !exists(OTELCOL)),
    fn: async () => {
      using dir = new TempDir();
      await using collector = await Collector.start(real, dir);
      const agent = await AgentProcess.start({
        socket: dir.at("a.sock"),
        module: EXAMPLE_MODULE,
        options: ["--timeout-ms", "20000", "--lanes", `${lanes}`],
        env: collector.env,
      });
      for (let count = 0; count < 4; count++) {
        using wire = await Wire.connect(agent.socket);
        await wire.write(v2Hello());
        await wire.readMessage(true);
        await ask(wire, `${count} kept`, "/../etc/passwd?token=s3cret", `00-${TRACE}-${PARENT}-01`);
        await ask(wire, `${count} not kept`, "/", `00-${TRACE}-${PARENT}-00`);
        await ask(wire, `${count} wrong`, "/", `00-${TRACE}-${"0".repeat(16)}-01`);
      }
      // What has been gathered is exported before the end.
      assertEquals(await agent.stop(), 0);
      const spans = await collector.spans(8);
      assertEquals(spans.length, 8);
      for (const span of spans) {
        const kept = String(valueOf(span, "sentinel.correlation_id")).endsWith(" kept");
        assertEquals(span.name, "decide request_headers");
        assertEquals(valueOf(span, "sentinel.decision"), kept ? "block" : "allow");
        assertEquals(valueOf(span, "sentinel.module"), "rust_security.wasm");
        if (kept) assertEquals([span.traceId, span.parentSpanId], [TRACE, PARENT]);
        else assert(span.traceId !== TRACE && (span.parentSpanId ?? "") === "", JSON.stringify(span));
      }
      assertEquals(new Set(spans.map(({ spanId }) => spanId)).size, 8);
      assert(!JSON.stringify(spans).includes("s3cret"), "a secret is in a span");
    },
  });
}

Deno.test({
  name: "an agent tells of a module's failure as its span's status",
  ignore: PACKED,
  fn: async () => {
    using dir = new TempDir();
    await using collector = await Collector.start(false, dir);
    const module = dir.write("traps.wasm", await buildGuest("traps"));
    const agent = await AgentProcess.start({ socket: dir.at("a.sock"), module, env: collector.env });
    {
      using wire = await Wire.connect(agent.socket);
      await wire.write(v2Hello());
      await wire.readMessage(true);
      await ask(wire, "1", "/!", `00-${TRACE}-${PARENT}-01`);
    }
    assertEquals(await agent.stop(), 0);
    const [span] = await collector.spans(1);
    assertEquals([span?.status?.code, span?.status?.message], [2, "GUEST_TRAPPED"]);
    assertEquals(span?.events?.map(({ name }) => name), ["exception", "answered"]);
  },
});
