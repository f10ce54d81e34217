import { assert, assertEquals } from "@std/assert";
import { type Attributes, type Context, type Span, type SpanOptions, trace, type Tracer } from "@opentelemetry/api";
import { GuestError } from "../../../src/errors.ts";
import { parseTraceparent, Spans } from "../../../src/lanes/spans.ts";
import { ALLOW, type Decision } from "../../../src/protocol/mod.ts";
import { requestWith, responseOf } from "./heads.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const BLOCK: Decision = { ...ALLOW, verdict: { kind: "block", status: 403 }, tags: ["bad"] };

/** What became of a span. */
interface Made {
  readonly name: string;
  readonly parent: string | undefined;
  readonly attributes: Record<string, unknown>;
  readonly events: unknown[];
  status?: unknown;
  ended: number;
}

function setUp() {
  const made: Made[] = [];
  const startSpan = (name: string, options: SpanOptions = {}, context?: Context): Span => {
    const parent = context && trace.getSpanContext(context);
    const one: Made = {
      name,
      parent: parent && `${parent.traceId} ${parent.spanId} ${parent.isRemote}`,
      attributes: { ...options.attributes },
      events: [],
      ended: 0,
    };
    made.push(one);
    const span: Partial<Span> = {
      setAttributes(more: Attributes) {
        // What is set twice is exported twice.
        for (const key of Object.keys(more)) assert(!(key in one.attributes), `${key} is set again`);
        Object.assign(one.attributes, more);
        return whole;
      },
      addEvent: (name, attributes) => (one.events.push([name, attributes]), whole),
      setStatus: (status) => (one.status = status, whole),
      end: () => void one.ended++,
    };
    // The rest of the interface is not used.
    const whole = span as Span;
    return whole;
  };
  const tracer: Pick<Tracer, "startSpan"> = { startSpan };
  return { spans: new Spans(tracer as Tracer), made };
}

Deno.test.each<{ name: string; text: unknown; ok: boolean }>([
  { name: "version 00", text: `00-${TRACE}-${PARENT}-01`, ok: true },
  { name: "a later version with more", text: `01-${TRACE}-${PARENT}-01-x`, ok: true },
  { name: "version 00 with more", text: `00-${TRACE}-${PARENT}-01-x`, ok: false },
  { name: "version ff", text: `ff-${TRACE}-${PARENT}-01`, ok: false },
  { name: "a trace id of zeros", text: `00-${"0".repeat(32)}-${PARENT}-01`, ok: false },
  { name: "a parent id of zeros", text: `00-${TRACE}-${"0".repeat(16)}-01`, ok: false },
  { name: "capital letters", text: `00-${TRACE.toUpperCase()}-${PARENT}-01`, ok: false },
  { name: "a short id", text: `00-${TRACE}-${PARENT.slice(1)}-01`, ok: false },
  { name: "a blank in front", text: ` 00-${TRACE}-${PARENT}-01`, ok: false },
  { name: "a line behind", text: `00-${TRACE}-${PARENT}-01\n`, ok: false },
  { name: "nothing", text: undefined, ok: false },
  { name: "a number", text: 0, ok: false },
])("parseTraceparent() takes $name: $ok", ({ text, ok }) => {
  const expected = { traceId: TRACE, spanId: PARENT, traceFlags: 1, isRemote: true } as const;
  assertEquals(parseTraceparent(text), ok ? expected : undefined);
});

Deno.test("Spans makes a span of a request below the proxy's, and one of its response", () => {
  const { spans, made } = setUp();
  const request = requestWith("1", { traceparent: `00-${TRACE}-${PARENT}-01` });
  spans.arrived(request);
  const changed = request.retain();
  spans.answered("one", request, ALLOW);
  spans.answered("two", changed, BLOCK);
  spans.decided(request, BLOCK, 1, "v2");
  const response = responseOf("1", 404);
  spans.arrived(response);
  spans.decided(response, ALLOW, 1, "v2");
  assertEquals(made, [
    {
      name: "decide request_headers",
      parent: `${TRACE} ${PARENT} true`,
      attributes: {
        "sentinel.phase": "request_headers",
        "sentinel.correlation_id": "1",
        "http.request.method": "GET",
        "url.path": "/a",
        "sentinel.module": "two",
        "sentinel.decision": "block",
        "sentinel.protocol": "v2",
        "sentinel.tags": ["bad"],
        "sentinel.status": 403,
      },
      events: [
        ["answered", { "sentinel.module": "one", "sentinel.decision": "allow" }],
        ["answered", { "sentinel.module": "two", "sentinel.decision": "block" }],
      ],
      ended: 1,
    },
    {
      name: "decide response_headers",
      parent: `${TRACE} ${PARENT} true`,
      attributes: {
        "sentinel.phase": "response_headers",
        "sentinel.correlation_id": "1",
        "http.response.status_code": 404,
        "sentinel.decision": "allow",
        "sentinel.protocol": "v2",
      },
      events: [],
      ended: 1,
    },
  ]);
});

Deno.test("Spans begins a trace where the proxy names none, and keeps nothing of one that the proxy does not keep", () => {
  const { spans, made } = setUp();
  for (const [id, traceparent] of [["1", undefined], ["2", "00-x"], ["3", `00-${TRACE}-${PARENT}-00`]] as const) {
    const events = [requestWith(id, { traceparent }), responseOf(id)];
    for (const event of events) {
      spans.arrived(event);
      spans.decided(event, ALLOW, 1, "v1");
    }
  }
  assertEquals(
    made.map(({ attributes, parent }) => [attributes["sentinel.correlation_id"], parent]),
    [["1", undefined], ["1", undefined], ["2", undefined], ["2", undefined]],
  );
});

Deno.test("Spans takes the client's trace where the proxy hands it on and has none of its own", () => {
  const { spans, made } = setUp();
  const header = (traceId: string) => ({ headers: { traceparent: [`00-${traceId}-${PARENT}-01`] } });
  const ofProxy = { traceparent: `00-${TRACE}-${PARENT}-01` };
  for (
    const event of [
      requestWith("1", {}, header(TRACE)),
      responseOf("1"),
      requestWith("2", ofProxy, header("f".repeat(32))),
      requestWith("3", {}, header("x")),
    ]
  ) spans.arrived(event);
  const parent = `${TRACE} ${PARENT} true`;
  assertEquals(made.map((one) => one.parent), [parent, parent, parent, undefined]);
});

Deno.test("Spans tells of a failure as the span's status", () => {
  const { spans, made } = setUp();
  const request = requestWith("1");
  spans.arrived(request);
  const error = new GuestError("GUEST_TRAPPED", "Cannot do it");
  spans.failed({ phase: "request_headers", correlationId: "1", module: "m", error });
  spans.decided(request, BLOCK, 1, "v2");
  const { status, events, attributes, ended } = made[0]!;
  assertEquals([status, attributes["error.type"], ended], [{ code: 2, message: "GUEST_TRAPPED" }, "GUEST_TRAPPED", 1]);
  assertEquals(events, [["exception", {
    "exception.type": "GUEST_TRAPPED",
    "exception.message": "Cannot do it",
    "sentinel.module": "m",
  }]]);
});

Deno.test("Spans ends what gets no reply: too late, or asked for anew", () => {
  const { spans, made } = setUp();
  const [late, first, second] = [requestWith("1"), requestWith("2"), requestWith("2")];
  for (const event of [late, first, second]) spans.arrived(event);
  spans.noted({ kind: "late", event: late, tookMs: 1 });
  assertEquals(made.map(({ status, ended }) => [status, ended]), [
    [{ code: 2, message: "reply dropped: too late" }, 1],
    [{ code: 2, message: "no reply: nobody waits for it any more" }, 1],
    [undefined, 0],
  ]);
});
