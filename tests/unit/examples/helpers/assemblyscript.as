/** Answers with everything that the helper has, so that a test sees whether all of it arrives. */

import { config, Decision, give, Level, log, metricAdd, nowMs, quote, random, readRequest, readResponse, Request, Response } from "./sentinel";

export { agent_abi_version, alloc, dealloc } from "./sentinel";

const MORE = ["request_id", "server_name", "protocol", "tls_version", "tls_cipher", "route_id", "upstream_id", "timestamp", "traceparent"];

export function on_request_headers(pointer: usize, length: i32): i64 {
  return give(decide(readRequest(pointer, length)));
}

export function on_response_headers(pointer: usize, length: i32): i64 {
  return give(respond(readResponse(pointer, length)));
}

function decide(request: Request): Decision {
  if (request.path == "/block") return Decision.block(418, 'tea "\n').header("x", "1").header("x", "2");
  if (request.path == "/redirect") return Decision.redirect(307, "/there").header("x", "1");
  if (request.path == "/challenge") {
    const params = new Map<string, string>();
    params.set("site", "k");
    return Decision.challenge("captcha", params);
  }
  if (request.path == "/host") {
    log(Level.warning, "a line");
    metricAdd("seen", 2.5);
    return Decision.allow()
      .audit("now", nowMs().toString())
      .audit("random", "[" + random(4).toString() + "]")
      .audit("config", quote(config()));
  }
  if (request.path == "/panic") throw new Error("on purpose");
  const decision = Decision.allow()
    .removeRequestHeader("a")
    .setRequestHeader("b", request.header("x"))
    .addRequestHeader("c", "1")
    .addRequestHeader("c", "2")
    .tag("t1")
    .tag("t2")
    .ruleId("r")
    .reasonCode("why")
    .confidence(0.25)
    .routingMetadata("pool", "blue")
    .audit("method", quote(request.method))
    .audit("client_ip", quote(request.clientIp))
    .audit("client_port", quote(request.clientPort.toString()))
    .audit("correlation_id", quote(request.correlationId));
  for (let index = 0; index < MORE.length; index++) decision.audit(MORE[index], quote(request.field(MORE[index])));
  return decision;
}

function respond(response: Response): Decision {
  return Decision.allow()
    .removeResponseHeader("a")
    .setResponseHeader("b", response.header("x"))
    .addResponseHeader("c", "1")
    .addResponseHeader("c", "2")
    .tag(response.status.toString());
}
