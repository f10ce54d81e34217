import { assert, assertEquals } from "@std/assert";
import { GuestHost, requestJson } from "./guest_host.ts";

const MODULE = "rust-security/rust_security.wasm";
const BROWSER = {
  host: "test.example.com",
  "user-agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36",
  accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  cookie: "session=abcdef0123456789; theme=dark",
};

interface Row {
  name: string;
  uri?: string;
  headers?: Record<string, string>;
  status: number;
  tags: string[];
}

const blocked: Row[] = [
  { name: "SQL injection in the query", uri: "/items?id=1' OR '1'='1", status: 403, tags: ["sql-injection"] },
  { name: "percent-encoded SQL injection", uri: "/items?id=1%27%20or%201%3D1--", status: 403, tags: ["sql-injection"] },
  {
    name: "doubly encoded SQL injection",
    uri: "/i?id=1%2527%2520or%25201%253D1",
    status: 403,
    tags: ["sql-injection"],
  },
  { name: "union select", uri: "/items?id=-1+UNION+ALL+SELECT+1,2", status: 403, tags: ["sql-injection"] },
  { name: "union select in comments", uri: "/i?id=1/**/union/**/select/**/1", status: 403, tags: ["sql-injection"] },
  { name: "a stacked query", uri: "/items?id=1;%20DROP%20TABLE%20users", status: 403, tags: ["sql-injection"] },
  { name: "SQL injection in a cookie", headers: { cookie: "id=x' or '1'='1" }, status: 403, tags: ["sql-injection"] },
  { name: "XSS in the query", uri: "/q?s=<script>alert(1)</script>", status: 403, tags: ["xss"] },
  { name: "percent-encoded XSS", uri: "/q?s=%3CScript%3E", status: 403, tags: ["xss"] },
  { name: "an event handler", uri: "/q?s=%3Cimg%20src=x%20onerror=alert(1)%3E", status: 403, tags: ["xss"] },
  { name: "a javascript: link", uri: "/go?to=javascript:alert(1)", status: 403, tags: ["xss"] },
  { name: "XSS in the referer", headers: { referer: "http://x/?q=%3Cscript%3E" }, status: 403, tags: ["xss"] },
  { name: "path traversal", uri: "/files/../../etc/passwd", status: 403, tags: ["path-traversal"] },
  { name: "encoded path traversal", uri: "/files/%2e%2e%2fsecret", status: 403, tags: ["path-traversal"] },
  { name: "path traversal in the query", uri: "/get?file=..%2f..%2fsecret", status: 403, tags: ["path-traversal"] },
  { name: "a NUL byte", uri: "/get?file=a.php%00.png", status: 403, tags: ["path-traversal"] },
  { name: "sqlmap", headers: { "user-agent": "sqlmap/1.7.2#stable" }, status: 403, tags: ["scanner"] },
  { name: "Nikto", headers: { "User-Agent": "Mozilla/5.00 (Nikto/2.5.0)" }, status: 403, tags: ["scanner"] },
  { name: "nmap", headers: { "user-agent": "Nmap Scripting Engine" }, status: 403, tags: ["scanner"] },
  { name: "/admin without authorization", uri: "/admin", status: 401, tags: ["unauthenticated"] },
  { name: "/admin in escapes", uri: "/%61dmin/users", status: 401, tags: ["unauthenticated"] },
  {
    name: "/admin with an empty authorization",
    uri: "/admin",
    headers: { authorization: "" },
    status: 401,
    tags: ["unauthenticated"],
  },
  {
    name: "several findings, each with its tag",
    uri: "/admin?q=<script>&id=1' or 1=1--&f=../../x",
    headers: { "user-agent": "nikto" },
    status: 403,
    tags: ["sql-injection", "xss", "path-traversal", "scanner", "unauthenticated"],
  },
];

Deno.test.each(blocked)("examples/rust-security blocks $name", ({ uri = "/", headers = {}, status, tags }) => {
  const answer = GuestHost.load(MODULE).request(uri, { ...BROWSER, ...headers });
  assertEquals({ decision: answer.decision, status: answer.status, tags: answer.tags }, {
    decision: "block",
    status,
    tags,
  });
  assert(answer.body !== undefined && answer.body.length > 0);
});

const allowed = [
  "/",
  "/api/users?page=1",
  "/select-your-seat",
  "/docs/union-selectors",
  "/script.js",
  "/v1...v2",
  "/administration",
  "/search?q=O'Reilly",
  "/search?q=O%27Reilly+and+sons",
  "/search?q=rock+'n'+roll+or+pop",
  "/search?q=select+a+seat+from+the+map",
  "/search?q=student+union+select+committee",
  "/search?q=drop+table+lamp",
  "/search?q=sqlmap",
  "/search?q=List%3CString%3E",
  "/search?q=javascript:+the+good+parts",
  "/search?q=%E2%82%AC+100%25",
  "/list?order=by&or=1&and=2&online=true",
  '/issues?jql=project+=+"X"+and+status+=+"Open"',
  "/login?next=../home",
].map((uri) => ({ uri }));

Deno.test.each(allowed)("examples/rust-security allows $uri", ({ uri }) => {
  assertEquals(GuestHost.load(MODULE).request(uri, BROWSER), {
    decision: "allow",
    add_request_headers: { "x-wasm-agent": "rust-security" },
    remove_request_headers: ["x-debug"],
    tags: ["inspected"],
  });
});

Deno.test("examples/rust-security lets /admin through with authorization and tags it", () => {
  const answer = GuestHost.load(MODULE).request("/admin/users", { Authorization: "Bearer abc" });
  assertEquals([answer.decision, answer.tags], ["allow", ["inspected", "admin"]]);
});

Deno.test("examples/rust-security names an authentication scheme with its 401", () => {
  assertEquals(GuestHost.load(MODULE).request("/admin").add_response_headers, { "www-authenticate": "Bearer" });
});

Deno.test("examples/rust-security hardens responses", () => {
  const answer = GuestHost.load(MODULE).response({ server: "nginx", "x-powered-by": "PHP/5" });
  assertEquals(answer, {
    decision: "allow",
    add_response_headers: {
      "x-frame-options": "DENY",
      "x-content-type-options": "nosniff",
      "referrer-policy": "strict-origin-when-cross-origin",
      "strict-transport-security": "max-age=31536000; includeSubDomains",
      "cross-origin-opener-policy": "same-origin",
    },
    remove_response_headers: ["server", "x-powered-by", "x-aspnet-version"],
    tags: ["hardened"],
  });
});

const malformed = [
  { input: "" },
  { input: "{" },
  { input: "null" },
  { input: "{}" },
  { input: '{"uri":7}' },
  { input: '{"uri":"/"} trailing' },
  { input: '{"uri":"/\\u12"}' },
  { input: "[".repeat(100_000) },
];

Deno.test.each(malformed)("examples/rust-security answers malformed input with 400: %#", ({ input }) => {
  const host = GuestHost.load(MODULE);
  const request = JSON.parse(host.callText("on_request_headers", input));
  assertEquals([request.decision, request.status], ["block", 400]);
  assertEquals(host.request("/").decision, "allow");
});

Deno.test("examples/rust-security reads escaped strings", () => {
  const host = GuestHost.load(MODULE);
  const escaped = '{"\\u0075ri":"\\u002Fq?s=\\u003cscript\\u003E\\ud83d\\ude00\\ud83d"}';
  assertEquals(JSON.parse(host.callText("on_request_headers", escaped)).tags, ["xss"]);
});

Deno.test("examples/rust-security finds what is special in a string at every place", () => {
  const host = GuestHost.load(MODULE);
  const decide = (value: string) => {
    const input = `{"uri":"/","headers":{"x":"${value}","user-agent":"nmap"}}`;
    return JSON.parse(host.callText("on_request_headers", input)).status;
  };
  for (let length = 0; length < 50; length++) {
    const before = "a".repeat(length);
    assertEquals(
      ["", '\\"', "\\\\", "\u00ff", "\u001f", "\n", '",', '"'].map((special) => decide(`${before}${special}b`)),
      [403, 403, 403, 403, 400, 400, 400, 400],
      `${length} before`,
    );
  }
});

Deno.test("examples/rust-security answers alloc() with 0 for sizes it cannot give, and bears any dealloc()", () => {
  const { exports } = GuestHost.load(MODULE);
  assertEquals([exports.alloc(0), exports.alloc(-1)], [0, 0]);
  exports.alloc(0x7fffffff);
  assertEquals(exports.alloc(0x7fffffff), 0);
  exports.dealloc(0, 0);
  exports.dealloc(-1, -1);
  exports.dealloc(12345, 0x7fffffff);
});

Deno.test("examples/rust-security blocks with 503 while it has no memory to inspect with, and recovers", () => {
  const host = GuestHost.load(MODULE);
  const { exports } = host;
  const taken: [pointer: number, size: number][] = [];
  const room = exports.alloc(1024);
  // Halving sizes, down to the smallest block, fill all that the module can have.
  for (let size = 0x7fffffff; size >= 16; size = Math.floor(size / 2)) {
    for (let pointer = exports.alloc(size); pointer !== 0; pointer = exports.alloc(size)) taken.push([pointer, size]);
  }
  const input = new TextEncoder().encode('{"uri":"/"}');
  new Uint8Array(exports.memory.buffer, room, input.length).set(input);
  const packed = exports.on_request_headers(room, input.length);
  const pointer = Number(BigInt.asUintN(32, packed >> 32n));
  const length = Number(BigInt.asUintN(32, packed));
  const answer = JSON.parse(new TextDecoder().decode(new Uint8Array(exports.memory.buffer, pointer, length)));
  assertEquals([answer.decision, answer.status], ["block", 503]);

  for (const [block, size] of taken.reverse()) exports.dealloc(block, size);
  exports.dealloc(room, 1024);
  assertEquals(host.request("/").decision, "allow");
});

const strange = [
  { pointer: 0, length: 0 },
  { pointer: -1, length: 100 },
  { pointer: 1024, length: -5 },
  { pointer: 0x7fffffff, length: 0x7fffffff },
];

Deno.test.each(strange)("examples/rust-security does not trap on input $pointer, $length", ({ pointer, length }) => {
  const host = GuestHost.load(MODULE);
  assert(host.exports.on_request_headers(pointer, length) !== 0n);
  assertEquals(host.request("/").decision, "allow");
});

Deno.test("examples/rust-security gives separate blocks to a host that holds several", () => {
  const { exports } = GuestHost.load(MODULE);
  const pointers = [100, 100, 100].map((size) => exports.alloc(size));
  pointers.sort((a, b) => a - b);
  for (let index = 1; index < pointers.length; index++) {
    assert((pointers[index] ?? 0) - (pointers[index - 1] ?? 0) >= 100);
  }
});

Deno.test("examples/rust-security keeps its memory over 200,000 calls", () => {
  const host = GuestHost.load(MODULE);
  const inputs = [requestJson("/api/users?page=1", BROWSER), requestJson("/q?s=\\<script>%41", BROWSER), "{"];
  for (const input of inputs) host.callText("on_request_headers", input);
  const before = host.memoryBytes;
  for (let call = 0; call < 200_000; call++) {
    host.callText("on_request_headers", inputs[call % inputs.length] ?? "");
  }
  assertEquals(host.memoryBytes, before);
});
