import { assert, assertEquals } from "@std/assert";
import { GuestError } from "../../../src/errors.ts";
import { MAX_RECORDED_HEAD, Recorder } from "../../../src/lanes/recorder.ts";
import { parseEvents } from "../../../src/lanes/mod.ts";
import { ALLOW, type Decision } from "../../../src/protocol/mod.ts";
import { requestWith, responseOf } from "./heads.ts";

const BLOCK: Decision = {
  ...ALLOW,
  verdict: { kind: "block", status: 403, body: "no" },
  responseHeaders: [{ op: "set", name: "Set-Cookie", value: "s3cret" }],
  tags: ["bad"],
};

function setUp() {
  const lines: string[] = [];
  let leftOut = 0;
  const hidden = { headers: ["set-cookie", "authorization"], parameters: ["token"] };
  const recorder = new Recorder(hidden, (line) => lines.push(line), () => leftOut++);
  return { recorder, lines, leftOut: () => leftOut };
}

/** Lines without what differs from run to run. */
function plain(lines: readonly string[]): unknown[] {
  return lines.map((line) => {
    const { recorded: { at, ...recorded }, ...rest } = JSON.parse(line);
    assertEquals(new Date(at).toISOString(), at);
    return { ...rest, recorded };
  });
}

Deno.test("Recorder writes an event as invoke takes it, with its decision, and without secrets", () => {
  const { recorder, lines } = setUp();
  const request = requestWith("1", { traceparent: "tp" }, {
    headers: { authorization: ["Basic s3cret"], accept: ["a", "b"] },
  });
  recorder.arrived(request);
  recorder.answered("one.wasm", request, ALLOW);
  recorder.answered("two.wasm", request, BLOCK);
  recorder.decided(request, BLOCK, 0.12345, "v2");
  assertEquals(plain(lines), [{
    request: {
      method: "GET",
      uri: "/a?token=REDACTED",
      client_ip: "192.0.2.1",
      correlation_id: "1",
      traceparent: "tp",
      headers: { authorization: ["REDACTED"], accept: ["a", "b"] },
    },
    expect: {
      decision: "block",
      status: 403,
      body: "no",
      set_response_headers: { "Set-Cookie": "REDACTED" },
      tags: ["bad"],
    },
    recorded: { took_ms: 0.123, protocol: "v2", decided_by: "two.wasm" },
  }]);
  assert(!lines.join().includes("s3cret"));
  assertEquals(parseEvents(lines.join(""), "r.jsonl").map(({ event }) => event.phase), ["request_headers"]);
});

Deno.test("Recorder writes a response, and a failure without an expectation", () => {
  const { recorder, lines } = setUp();
  const response = responseOf("1", 404, { server: ["s"] });
  recorder.arrived(response);
  const error = new GuestError("GUEST_TRAPPED", "Cannot do it");
  recorder.failed({ phase: "response_headers", correlationId: "1", module: "m", error });
  recorder.decided(response, ALLOW, 1, "v1");
  assertEquals(plain(lines), [{
    response: { status: 404, correlation_id: "1", headers: { server: ["s"] } },
    recorded: { took_ms: 1, protocol: "v1", failed: "GUEST_TRAPPED", answer: { decision: "allow" } },
  }]);
});

Deno.test("Recorder writes nothing of an event without a reply, nor of what is no head", () => {
  const { recorder, lines } = setUp();
  recorder.arrived(requestWith("1"));
  const complete = {
    kind: "request_complete",
    correlationId: "1",
    status: 200,
    durationMs: 1,
    requestBodyBytes: 0,
    responseBodyBytes: 0,
    upstreamAttempts: 1,
  } as const;
  recorder.arrived(complete);
  recorder.decided(complete, ALLOW, 1, "v2");
  assertEquals(lines, []);
});

Deno.test("Recorder leaves out a head that is too large, and counts it", () => {
  const { recorder, lines, leftOut } = setUp();
  const head = (length: number) => requestWith("1", {}, { uri: "/", headers: { x: ["y".repeat(length)] } });
  const others = '{"method":"GET","uri":"/","client_ip":"192.0.2.1","correlation_id":"1","headers":{"x":[""]}}'.length;
  for (const length of [MAX_RECORDED_HEAD - others, MAX_RECORDED_HEAD - others + 1]) {
    const request = head(length);
    recorder.arrived(request);
    recorder.decided(request, ALLOW, 1, "v2");
  }
  assertEquals([lines.length, leftOut()], [1, 1]);
});
