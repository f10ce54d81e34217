import { assert, assertEquals, assertMatch } from "@std/assert";
import { buildAnswering } from "../guests/abi2.ts";
import type { Echo } from "./proxy_process.ts";
import { PATIENT, seen, Stack } from "./stack.ts";

const REALM = 'Basic realm="staff"';

/** What the module answers to `!0`, `!1` and so on. */
const ANSWERS = {
  blocks: {
    decision: "block",
    status: 418,
    body: "short and stout\n",
    headers: { "retry-after": "30", "set-cookie": "seen=1; Path=/" },
    tags: ["tea"],
    rule_ids: ["R-17"],
    reason_codes: ["POT"],
    confidence: 0.5,
    audit: { pot: { size: 2 } },
  },
  challenges: {
    decision: "challenge",
    challenge: { type: "basic", params: { "www-authenticate": REALM } },
    tags: ["asked"],
  },
  challengesBare: { decision: "challenge", challenge: { type: "captcha" } },
  redirects: {
    decision: "redirect",
    status: 308,
    url: "https://example.org/elsewhere",
    headers: { "cache-control": "no-store" },
    rule_ids: ["moved"],
  },
  changesRequest: {
    decision: "allow",
    remove_request_headers: ["x-gone"],
    set_request_headers: { "x-set": ["one", "two"], "x-kept": "new" },
    add_request_headers: { "x-added": ["b", "c"], "x-gone": "back" },
    set_response_headers: { "x-late": "from the request" },
    routing_metadata: { pool: "blue" },
    audit: { note: "allowed" },
  },
  changesResponse: {
    decision: "allow",
    remove_response_headers: ["server"],
    set_response_headers: { "x-set": ["one", "two"] },
    add_response_headers: { "set-cookie": "c=3; Path=/" },
  },
  replacesCookies: { decision: "allow", set_response_headers: { "set-cookie": ["x=1", "y=2"] } },
  blocksResponse: { decision: "block", status: 451, body: "not this" },
} as const;
const row = (name: keyof typeof ANSWERS) => Object.keys(ANSWERS).indexOf(name);
/** Has the module answer so to the request. */
const path = (name: keyof typeof ANSWERS) => `/!${row(name)}`;
/** Has it answer so to the response, from an upstream that answers by {@linkcode respond}. */
const pathOfResponse = (name: keyof typeof ANSWERS) => `/?${row(name)}`;
const MODULE = await buildAnswering(Object.values(ANSWERS));

/** Answers with two cookies, and has the module answer to the response what the query names. */
const respond = (request: Request): Response => {
  const headers = new Headers({ server: "upstream/1.0", "x-row": `!${new URL(request.url).search.slice(1)}` });
  headers.append("set-cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT");
  headers.append("set-cookie", "b=2");
  return new Response("whole", { headers });
};

Deno.test("a block of version 2 reaches the client as its status and body, its audit fields the proxy's audit log", async () => {
  await using stack = await Stack.start({
    module: MODULE,
    replace: {
      "metrics { enabled #false }":
        'metrics { enabled #false }; logging { audit-log { enabled #true; file "audit.log"; buffer-size 1 } }',
    },
  });
  const response = await stack.fetch(path("blocks"));
  // Where the proxy starts to honour the headers of a block, they are there too.
  assertEquals([response.headers.get("retry-after"), response.headers.get("set-cookie")], [null, null]);
  assertEquals(await seen(response), { status: 418, body: "short and stout" });
  assertEquals(stack.upstream.requests, 0);
  const [entry] = (await Deno.readTextFile(stack.dir.at("audit.log"))).trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  assertEquals([entry.action, entry.status_code, entry.tags, entry.rule_ids], ["block", 418, ["tea", "agent:wasm"], [
    "R-17",
  ]]);
  assert(!JSON.stringify(entry).includes("POT") && !JSON.stringify(entry).includes("pot"), "more of the audit fields");
});

Deno.test("a challenge and a redirect of version 2 stop the request, and reach the client as a block", async () => {
  await using stack = await Stack.start({ module: MODULE });
  const challenge = await stack.fetch(path("challenges"));
  assertEquals(challenge.headers.get("www-authenticate"), null);
  assertEquals(await seen(challenge), { status: 401, body: "Unauthorized" });
  assertEquals(await seen(await stack.fetch(path("challengesBare"))), { status: 403, body: "Forbidden" });
  const redirect = await stack.fetch(path("redirects"));
  assertEquals([redirect.headers.get("location"), redirect.headers.get("cache-control")], [null, null]);
  assertEquals(await seen(redirect), { status: 308, body: "Redirecting to https://example.org/elsewhere" });
  assertEquals(stack.upstream.requests, 0);
});

Deno.test("a request is changed as version 2 says: removed, set, then added beside what is there", async () => {
  await using stack = await Stack.start({ module: MODULE });
  const response = await stack.fetch(path("changesRequest"), {
    "x-gone": "old",
    "x-kept": "old",
    "x-set": "old",
    "x-added": "a",
  });
  assertEquals(response.headers.get("x-late"), null);
  const { headers }: Echo = await response.json();
  assertEquals(["x-gone", "x-kept", "x-set", "x-added"].map((name) => headers[name]), [
    "back",
    "new",
    "one, two",
    "a, b, c",
  ]);
});

Deno.test("a module of version 2 gets all that the proxy tells, and both cookies of a response as two", async () => {
  await using stack = await Stack.start({ module: MODULE, respond, options: [...PATIENT, "--verbose"] });
  const response = await stack.fetch("/a?-", { "x-a": "1" });
  assertEquals(response.headers.getSetCookie(), ["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2"]);
  await response.body?.cancel();
  await stack.agent.waitForLog("decided", (line) => line.phase === "response_headers");
  const lines = stack.agent.log.filter((line) => line.stream === "log").map((line) => JSON.parse(String(line.message)));
  const [request, answer] = lines;
  assertEquals([request.method, request.uri, request.client_ip], ["GET", "/a?-", "127.0.0.1"]);
  assertEquals([request.protocol, request.route_id, request.headers["x-a"]], ["HTTP/1.1", "all", ["1"]]);
  assert(request.client_port > 0);
  assertMatch(request.timestamp, /^\d{4}-\d\d-\d\dT/);
  assertEquals([typeof request.request_id, request.tls_version, request.headers[":path"]], [
    "string",
    undefined,
    undefined,
  ]);
  assertEquals(Object.keys(request).at(-1), "headers");
  assertEquals([answer.status, answer.correlation_id], [200, request.correlation_id]);
  assertEquals(answer.headers["set-cookie"], ["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2"]);
});

Deno.test("a response is changed as version 2 says, and each cookie stays one", async () => {
  await using stack = await Stack.start({ module: MODULE, respond });
  const changed = await stack.fetch(pathOfResponse("changesResponse"));
  const { headers } = changed;
  assertEquals(headers.getSetCookie(), ["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2", "c=3; Path=/"]);
  assertEquals([headers.get("server"), headers.get("x-set")], [null, "one, two"]);
  assertEquals(await seen(changed), { status: 200, body: "whole" });
  const replaced = await stack.fetch(pathOfResponse("replacesCookies"));
  assertEquals(replaced.headers.getSetCookie(), ["x=1", "y=2"]);
  await replaced.body?.cancel();
});

Deno.test("a block of a response is ignored by this release: the client gets what the upstream sent", async () => {
  await using stack = await Stack.start({ module: MODULE, respond });
  assertEquals(await seen(await stack.fetch(pathOfResponse("blocksResponse"))), { status: 200, body: "whole" });
});
