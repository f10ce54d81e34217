import { assertEquals } from "@std/assert";
import { matcher, type MatchRules } from "../../../src/agent/mod.ts";
import { DecodedHead, type RequestMetadata } from "../../../src/protocol/mod.ts";

interface Asked {
  readonly method?: string;
  readonly uri?: string;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly metadata?: Partial<RequestMetadata>;
}

function matches(rules: MatchRules, { method = "GET", uri = "/", headers = {}, metadata = {} }: Asked): boolean {
  return matcher(rules)(
    new DecodedHead({
      kind: "request_headers",
      correlationId: "id",
      method,
      uri,
      headers,
      metadata: { clientIp: "192.0.2.1", ...metadata },
    }),
  );
}

Deno.test.each<{ rules: MatchRules; asked: Asked; expected: boolean }>([
  { rules: {}, asked: {}, expected: true },
  { rules: { methods: ["GET", "HEAD"] }, asked: { method: "HEAD" }, expected: true },
  { rules: { methods: ["GET"] }, asked: { method: "get" }, expected: false },
  { rules: { methods: [] }, asked: {}, expected: false },
  { rules: { pathPrefixes: ["/api/"] }, asked: { uri: "/api/a?b" }, expected: true },
  { rules: { pathPrefixes: ["/api/"] }, asked: { uri: "/api" }, expected: false },
  { rules: { pathPrefixes: ["/api", "/b"] }, asked: { uri: "/banana" }, expected: true },
  { rules: { pathPrefixes: ["/api"] }, asked: { uri: "/?/api" }, expected: false },
  { rules: { hosts: ["example.com"] }, asked: { headers: { host: ["Example.COM:8080"] } }, expected: true },
  { rules: { hosts: ["example.com"] }, asked: { headers: { host: ["example.com."] } }, expected: true },
  { rules: { hosts: ["example.com"] }, asked: { headers: { host: ["a.example.com"] } }, expected: false },
  { rules: { hosts: ["*.example.com"] }, asked: { headers: { host: ["a.b.example.com"] } }, expected: true },
  { rules: { hosts: ["*.example.com"] }, asked: { headers: { host: ["example.com"] } }, expected: false },
  { rules: { hosts: ["*.example.com"] }, asked: { headers: { host: ["aexample.com"] } }, expected: false },
  { rules: { hosts: ["[::1]"] }, asked: { headers: { host: ["[::1]:80"] } }, expected: true },
  { rules: { headers: { "x-a": true } }, asked: { headers: { "x-a": [""] } }, expected: true },
  { rules: { headers: { "x-a": true } }, asked: {}, expected: false },
  { rules: { headers: { "x-a": false } }, asked: {}, expected: true },
  { rules: { headers: { "x-a": false } }, asked: { headers: { "x-a": ["1"] } }, expected: false },
  { rules: { headers: { "x-a": ["1", "2"] } }, asked: { headers: { "x-a": ["2"] } }, expected: true },
  { rules: { headers: { "x-a": ["1"] } }, asked: { headers: { "x-a": ["12"] } }, expected: false },
  { rules: { headers: { "x-a": ["1"] } }, asked: { headers: { "x-a": ["0", "1"] } }, expected: true },
  { rules: { headers: { "x-a": ["1"] } }, asked: { headers: { "x-a": ["0,1"] } }, expected: true },
  { rules: { headers: { "x-a": ["a, b"] } }, asked: { headers: { "x-a": ["a, b"] } }, expected: true },
  { rules: { hosts: ["b"] }, asked: { headers: { host: ["a:1", "b:2"] } }, expected: true },
  { rules: { headers: { "x-a": ["1"], "x-b": true } }, asked: { headers: { "x-a": ["1"] } }, expected: false },
  { rules: { methods: ["GET"], pathPrefixes: ["/a"] }, asked: { method: "PUT", uri: "/a" }, expected: false },
])("matcher($rules) on $asked is $expected", ({ rules, asked, expected }) => {
  assertEquals(matches(rules, asked), expected);
});

for (
  const uri of [
    "/%61dmin/users",
    "//admin/users",
    "/x/../admin/users",
    "/./admin/users",
    "/%2e/admin/users",
    "/x/%2E%2e/admin/users",
    "/x/..%2fadmin/users",
    "\\\\admin\\users",
    "/x\\..\\admin/users",
    "http://example.com/admin/users",
  ]
) {
  Deno.test(`matcher() takes ${uri} for what a server may take it for`, () => {
    assertEquals(matches({ pathPrefixes: ["/admin/"] }, { uri }), true);
    assertEquals(matches({ pathPrefixes: ["/users/"] }, { uri }), false);
  });
}

Deno.test("matcher() keeps the end of a path that is a folder's", () => {
  assertEquals(matches({ pathPrefixes: ["/a/"] }, { uri: "/b/../a/" }), true);
  assertEquals(matches({ pathPrefixes: ["/a/"] }, { uri: "/b/../a/x/.." }), true);
});

Deno.test("matcher() takes the host from what the proxy knows where no header has it, as with HTTP/2", () => {
  assertEquals(matches({ hosts: ["a"] }, { metadata: { serverName: "a" } }), true);
  assertEquals(matches({ hosts: ["a"] }, { metadata: { serverName: "b" } }), false);
});

Deno.test("matcher() takes a host that nobody tells for any", () => {
  assertEquals(matches({ hosts: ["a"] }, {}), true);
});
