/**
 * What the helper file of each language must do: all of an event arrives, and all of an answer is said.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Answer, CONFIG, type GuestHost, NOW_MS } from "./guest_host.ts";

const TOLD = {
  method: "PURGE",
  client_ip: "192.0.2.1",
  correlation_id: 'c-"1"\\\u00e9\u{1f600}\n',
  request_id: "r",
  server_name: "s",
  protocol: "HTTP/1.1",
  tls_version: "TLSv1.3",
  tls_cipher: "aes",
  route_id: "route",
  upstream_id: "up",
  timestamp: "2026-01-01T00:00:00Z",
  traceparent: "00-1-2-03",
};
const ALL = { ...TOLD, client_port: 4711, added_later: { a: [1, null, { b: "}" }], c: true } };
const ALLOWED = {
  decision: "allow",
  remove_request_headers: ["a"],
  set_request_headers: { b: "first" },
  add_request_headers: { c: ["1", "2"] },
  tags: ["t1", "t2"],
  rule_ids: ["r"],
  reason_codes: ["why"],
  confidence: 0.25,
  routing_metadata: { pool: "blue" },
};

/** Tries a guest that answers with everything its helper has: `helpers/LANGUAGE`. */
export async function tryHelper(t: Deno.TestContext, host: GuestHost): Promise<void> {
  const request = (uri: string) => host.ask("on_request_headers", { ...ALL, uri, headers: { x: ["first", "second"] } });

  await t.step("its version", () => assertEquals(host.abiVersion, 2));
  await t.step("all of a request, and all of an allow", () => {
    assertEquals(plain(request("/?q=/block")), { ...ALLOWED, audit: { ...TOLD, client_port: "4711" } });
  });
  await t.step("a block", () => {
    const block = { decision: "block", status: 418, body: 'tea "\n', headers: { x: ["1", "2"] } };
    assertEquals(plain(request("/block?q=1")), block);
  });
  await t.step("a redirect", () => {
    assertEquals(plain(request("/redirect")), {
      decision: "redirect",
      status: 307,
      url: "/there",
      headers: { x: "1" },
    });
  });
  await t.step("a challenge", () => {
    const challenge = { type: "captcha", params: { site: "k" } };
    assertEquals(plain(request("/challenge")), { decision: "challenge", challenge });
  });
  await t.step("a response", () => {
    assertEquals(plain(host.ask("on_response_headers", { status: 204, headers: { x: "first" } })), {
      decision: "allow",
      remove_response_headers: ["a"],
      set_response_headers: { b: "first" },
      add_response_headers: { c: ["1", "2"] },
      tags: ["204"],
    });
  });
  await t.step("no header, and no field that may lack", () => {
    const { set_request_headers, audit } = plain(host.ask("on_request_headers", {}));
    assertEquals(set_request_headers, { b: "" });
    const { method, client_ip, client_port, correlation_id, ...others } = audit as Record<string, string>;
    assertEquals([method, client_ip, correlation_id], ["GET", "192.0.2.7", "r1"]);
    assertEquals([Number(client_port), ...Object.values(others)].filter(Boolean), []);
  });
  await tryHostFunctions(t, host);
}

/** What the host offers, as far as a helper passes it on. */
async function tryHostFunctions(t: Deno.TestContext, host: GuestHost): Promise<void> {
  await t.step("what the agent offers", () => {
    const { now, random, config } = plain(host.ask("on_request_headers", { uri: "/host" })).audit as Fields;
    assertEquals([Number(now), new Set([random].flat().map(Number)), config], [NOW_MS, new Set([7]), CONFIG]);
    assertEquals(host.said, ["1 a line", "seen +2.5"]);
  });
  await t.step("why a call has failed", () => {
    host.said.length = 0;
    const error = assertThrows(() => host.ask("on_request_headers", { uri: "/panic" }), Error);
    // Go's runtime prints it, and AssemblyScript hands it to the import `abort`.
    const told = [...host.said, ...host.stderr, error.message];
    assert(told.some((text) => /on purpose|SENTINEL_MAX_ENTRIES/.test(text)), told.join("\n"));
  });
}

type Fields = Readonly<Record<string, unknown>>;

/** Headers with one value as the value alone: a helper may write either. */
function plain(answer: Answer): Record<string, unknown> {
  const headers = /(^|_)headers$/;
  const entries = Object.entries({ ...answer }).map(([key, value]) => {
    if (!headers.test(key) || typeof value !== "object" || Array.isArray(value)) return [key, value];
    const values = Object.entries(value).map((
      [name, each],
    ) => [name, [each].flat().length === 1 ? [each].flat()[0] : each]);
    return [key, Object.fromEntries(values)];
  });
  return Object.fromEntries(entries);
}
