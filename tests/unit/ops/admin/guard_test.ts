import { assertEquals } from "@std/assert";
import { refusalOf } from "../../../../src/ops/admin/guard.ts";

interface Case {
  readonly name: string;
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly unix?: boolean;
  readonly allowRemote?: boolean;
  readonly refused: boolean;
}

const HERE = { host: "127.0.0.1:9464" };
const EVIL = { host: "evil.example:9464" };

const CASES: readonly Case[] = [
  { name: "a scrape by address", headers: HERE, refused: false },
  { name: "a scrape by IPv6 address", headers: { host: "[::1]:9464" }, refused: false },
  { name: "a scrape by localhost", headers: { host: "localhost" }, refused: false },
  { name: "a scrape by a name that leads here", headers: EVIL, refused: true },
  {
    name: "a scrape by a name that begins like an address",
    headers: { host: "127.0.0.1.evil.example" },
    refused: true,
  },
  { name: "no host at all", headers: {}, refused: true },
  { name: "a scrape by name where others may ask", headers: EVIL, allowRemote: true, refused: false },
  {
    name: "a page by name where others may ask",
    headers: { ...EVIL, "sec-fetch-site": "same-origin" },
    allowRemote: true,
    refused: true,
  },
  { name: "any name over a unix socket", headers: { host: "agent" }, unix: true, method: "POST", refused: false },
  { name: "a POST of curl", headers: HERE, method: "POST", refused: false },
  {
    name: "a POST of our own page",
    headers: { ...HERE, origin: "http://127.0.0.1:9464", "sec-fetch-site": "same-origin" },
    method: "POST",
    refused: false,
  },
  {
    name: "a POST of another site",
    headers: { ...HERE, "sec-fetch-site": "cross-site" },
    method: "POST",
    refused: true,
  },
  {
    name: "a POST of another port of this machine",
    headers: { ...HERE, origin: "http://127.0.0.1:8080", "sec-fetch-site": "same-site" },
    method: "POST",
    refused: true,
  },
  {
    name: "a POST of an old browser",
    headers: { ...HERE, origin: "http://evil.example" },
    method: "POST",
    refused: true,
  },
  { name: "a POST of a file or a sandbox", headers: { ...HERE, origin: "null" }, method: "POST", refused: true },
  {
    name: "a POST of a page whose name leads here",
    headers: { ...EVIL, origin: "http://evil.example:9464", "sec-fetch-site": "same-origin" },
    method: "POST",
    refused: true,
  },
];

for (const { name, method = "GET", headers, unix = false, allowRemote = false, refused } of CASES) {
  Deno.test(`refusalOf() ${refused ? "refuses" : "lets through"} ${name}`, () => {
    const request = new Request("http://x/", { method, headers });
    assertEquals(refusalOf(request, { unix, allowRemote }) !== undefined, refused);
  });
}
