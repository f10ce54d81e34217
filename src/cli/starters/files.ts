/**
 * Texts that `new` writes, by their paths in the project. Made by `deno task starters`.
 *
 * @module
 */

/** Text by path. */
export const FILES = {
  "docs/cases.schema.json": `{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "title": "Cases of a module of sentinel-wasm-agent",
  "description": "Requests and responses, and what the module has to answer: sentinel-wasm-agent test MODULE CASES",
  "type": "object",
  "additionalProperties": false,
  "required": ["cases"],
  "properties": {
    "$schema": { "type": "string" },
    "config": { "type": ["object", "null"], "description": "The module's configuration; --module-config wins" },
    "cases": { "type": "array", "minItems": 1, "items": { "$ref": "#/definitions/case" } }
  },
  "definitions": {
    "case": {
      "type": "object",
      "additionalProperties": false,
      "required": ["name", "expect"],
      "oneOf": [{ "required": ["request"] }, { "required": ["response"] }],
      "properties": {
        "name": { "type": "string", "minLength": 1, "description": "What holds, as a sentence; each has its own" },
        "request": { "$ref": "#/definitions/request" },
        "response": { "$ref": "#/definitions/response" },
        "expect": { "$ref": "#/definitions/expect" }
      }
    },
    "request": {
      "description": "A request's head; what is left out has a usual value, or the proxy does not tell it",
      "type": ["object", "null"],
      "additionalProperties": false,
      "properties": {
        "method": { "$ref": "#/definitions/text", "description": "GET where nothing is said" },
        "uri": { "$ref": "#/definitions/text", "description": "Path and query, / where nothing is said" },
        "client_ip": { "$ref": "#/definitions/text", "description": "127.0.0.1 where nothing is said" },
        "client_port": { "type": ["integer", "null"], "minimum": 0, "maximum": 65535 },
        "headers": { "$ref": "#/definitions/headers" },
        "body": {
          "$ref": "#/definitions/text",
          "description": "Only its length reaches the module, in content-length"
        },
        "correlation_id": { "$ref": "#/definitions/text", "description": "request-1 where nothing is said" },
        "request_id": { "$ref": "#/definitions/text" },
        "server_name": { "$ref": "#/definitions/text" },
        "protocol": { "$ref": "#/definitions/text" },
        "tls_version": { "$ref": "#/definitions/text" },
        "tls_cipher": { "$ref": "#/definitions/text" },
        "route_id": { "$ref": "#/definitions/text" },
        "upstream_id": { "$ref": "#/definitions/text" },
        "timestamp": { "$ref": "#/definitions/text" },
        "traceparent": { "$ref": "#/definitions/text" }
      }
    },
    "response": {
      "description": "A response's head",
      "type": ["object", "null"],
      "additionalProperties": false,
      "properties": {
        "status": {
          "type": ["integer", "null"],
          "minimum": 100,
          "maximum": 999,
          "description": "200 where nothing is said"
        },
        "headers": { "$ref": "#/definitions/headers" },
        "body": {
          "$ref": "#/definitions/text",
          "description": "Only its length reaches the module, in content-length"
        },
        "correlation_id": { "$ref": "#/definitions/text", "description": "That of its request" }
      }
    },
    "expect": {
      "description": "Keys of the answer and their values; null for one that must not be there. Others are not looked at",
      "type": "object",
      "additionalProperties": false,
      "minProperties": 1,
      "properties": {
        "decision": { "enum": ["allow", "block", "redirect", "challenge", null] },
        "status": { "type": ["integer", "null"], "description": "Of a block or redirect" },
        "body": {
          "$ref": "#/definitions/text",
          "description": "Of a block; in ABI version 1 the URL of a redirect, too"
        },
        "url": { "$ref": "#/definitions/text", "description": "Of a redirect" },
        "headers": { "$ref": "#/definitions/headers", "description": "Of the block or redirect itself" },
        "challenge": {
          "type": ["object", "null"],
          "description": "What the client has to prove first",
          "properties": { "type": { "type": "string" }, "params": { "type": "object" } }
        },
        "remove_request_headers": { "$ref": "#/definitions/texts" },
        "set_request_headers": { "$ref": "#/definitions/headers" },
        "add_request_headers": { "$ref": "#/definitions/headers" },
        "remove_response_headers": { "$ref": "#/definitions/texts" },
        "set_response_headers": { "$ref": "#/definitions/headers" },
        "add_response_headers": { "$ref": "#/definitions/headers" },
        "tags": { "$ref": "#/definitions/texts" },
        "rule_ids": { "$ref": "#/definitions/texts" },
        "reason_codes": { "$ref": "#/definitions/texts" },
        "confidence": { "type": ["number", "null"], "minimum": 0, "maximum": 1 },
        "routing_metadata": { "type": ["object", "null"], "additionalProperties": { "type": "string" } },
        "audit": { "type": ["object", "null"] },
        "failure": {
          "$ref": "#/definitions/text",
          "description": "Code of the error that the module is to fail with, such as GUEST_TRAPPED; the rest is the fail mode's"
        }
      }
    },
    "text": { "type": ["string", "null"] },
    "texts": { "type": ["array", "null"], "items": { "type": "string" } },
    "headers": {
      "type": ["object", "null"],
      "additionalProperties": { "type": ["string", "array"], "items": { "type": "string" } }
    }
  }
}
`,
  "examples/assemblyscript/assembly/sentinel.ts": `/**
 * The agent's side of a module, hidden behind a typed request and decision: ABI version 2.
 * Copy this file as it is. An instance has one call at a time, so what it keeps between calls needs no lock.
 */

// What the agent offers.
// @ts-ignore: decorator
@external("sentinel", "log") declare function hostLog(level: i32, pointer: usize, length: i32): void;
// @ts-ignore: decorator
@external("sentinel", "now_ms") declare function hostNowMs(): i64;
// @ts-ignore: decorator
@external("sentinel", "random") declare function hostRandom(pointer: usize, length: i32): void;
// @ts-ignore: decorator
@external("sentinel", "config") declare function hostConfig(pointer: usize, capacity: i32): i32;
// @ts-ignore: decorator
@external("sentinel", "metric_add") declare function hostMetricAdd(pointer: usize, length: i32, value: f64): void;

/** How much a line of the log matters. */
export enum Level {
  error,
  warning,
  info,
  debug,
}

/** Writes a line of the agent's log. */
export function log(level: Level, text: string): void {
  const bytes = String.UTF8.encode(text);
  hostLog(level, changetype<usize>(bytes), bytes.byteLength);
}

/** Milliseconds since 1970. */
export function nowMs(): i64 {
  return hostNowMs();
}

/** Random bytes, fit for secrets. */
export function random(length: i32): Uint8Array {
  const bytes = new Uint8Array(length);
  hostRandom(bytes.dataStart, length);
  return bytes;
}

/** The configuration as JSON, also for who has no \`configure\`. */
export function config(): string {
  const bytes = new Uint8Array(hostConfig(0, 0));
  hostConfig(bytes.dataStart, bytes.length);
  return String.UTF8.decodeUnsafe(bytes.dataStart, bytes.length);
}

/** Adds to a counter of the module's own, which the agent shows. */
export function metricAdd(name: string, value: f64): void {
  const bytes = String.UTF8.encode(name);
  hostMetricAdd(changetype<usize>(bytes), bytes.byteLength, value);
}

/** Header names in lower case, each with all of its values in order. */
export type Headers = Map<string, string[]>;

/** A request's head. What the proxy does not tell is empty. */
export class Request {
  method: string = "";
  /** Path and query. */
  uri: string = "";
  clientIp: string = "";
  clientPort: i32 = 0;
  /** The same for all events of a request. */
  correlationId: string = "";
  headers: Headers = new Map();
  /** The rest: \`request_id\`, \`server_name\`, \`protocol\`, \`tls_version\`, \`tls_cipher\`, \`route_id\`, \`traceparent\`... */
  more: Map<string, string> = new Map();

  /** The uri without its query. */
  get path(): string {
    const end = this.uri.indexOf("?");
    return end < 0 ? this.uri : this.uri.substring(0, end);
  }

  /** One of \`more\`; empty where the proxy does not tell it. */
  field(name: string): string {
    return this.more.has(name) ? this.more.get(name) : "";
  }

  /** The first value of a header by its name in lower case; empty where there is none. */
  header(name: string): string {
    return first(this.headers, name);
  }

  /** All values of a header by its name in lower case. */
  values(name: string): string[] {
    return this.headers.has(name) ? this.headers.get(name) : [];
  }
}

/** A response's head. */
export class Response {
  status: i32 = 0;
  correlationId: string = "";
  headers: Headers = new Map();

  /** The first value of a header by its name in lower case; empty where there is none. */
  header(name: string): string {
    return first(this.headers, name);
  }
}

function first(headers: Headers, name: string): string {
  return headers.has(name) && headers.get(name).length > 0 ? headers.get(name)[0] : "";
}

/**
 * What is to happen. Made by \`allow\`, \`block\`, \`redirect\` or \`challenge\`, and added to: \`Decision.allow().tag("seen")\`.
 * The agent removes headers first, then sets, then adds.
 */
export class Decision {
  /** Key of the answer to the names in its list, as JSON. */
  private lists: Map<string, string[]> = new Map();
  /** Key of the answer to its members: name to JSON of its values. */
  private objects: Map<string, Map<string, string[]>> = new Map();

  private constructor(private fields: string) {}

  /** The request or response goes on. */
  static allow(): Decision {
    return new Decision('"decision":"allow"');
  }

  /** The client gets this status, 200 to 599, and body. */
  static block(status: i32, body: string): Decision {
    return new Decision('"decision":"block","status":' + status.toString() + ',"body":' + quote(body));
  }

  /** The client is sent elsewhere, with a status of 300 to 399. */
  static redirect(status: i32, url: string): Decision {
    return new Decision('"decision":"redirect","status":' + status.toString() + ',"url":' + quote(url));
  }

  /** The client has to prove something first. Proxies up to 0.6.50 let such a request through. */
  static challenge(type: string, params: Map<string, string>): Decision {
    const names = params.keys();
    const members: string[] = [];
    for (let index = 0; index < names.length; index++) {
      members.push(quote(names[index]) + ":" + quote(params.get(names[index])));
    }
    const challenge = '{"type":' + quote(type) + ',"params":{' + members.join(",") + "}}";
    return new Decision('"decision":"challenge","challenge":' + challenge);
  }

  /** A header of the block or redirect itself. */
  header(name: string, value: string): Decision {
    return this.member("headers", name, quote(value));
  }

  /** The backend does not get this header. */
  removeRequestHeader(name: string): Decision {
    return this.item("remove_request_headers", name);
  }

  /** The backend gets this header, in the place of what the client sent. Called again: a further value. */
  setRequestHeader(name: string, value: string): Decision {
    return this.member("set_request_headers", name, quote(value));
  }

  /** The backend gets this header, beside what the client sent. */
  addRequestHeader(name: string, value: string): Decision {
    return this.member("add_request_headers", name, quote(value));
  }

  /** The client does not get this header. */
  removeResponseHeader(name: string): Decision {
    return this.item("remove_response_headers", name);
  }

  /** The client gets this header, in the place of what the backend sent. Called again: a further value. */
  setResponseHeader(name: string, value: string): Decision {
    return this.member("set_response_headers", name, quote(value));
  }

  /** The client gets this header, beside what the backend sent. */
  addResponseHeader(name: string, value: string): Decision {
    return this.member("add_response_headers", name, quote(value));
  }

  /** A word for the audit log. */
  tag(word: string): Decision {
    return this.item("tags", word);
  }

  /** Which rule decided. */
  ruleId(id: string): Decision {
    return this.item("rule_ids", id);
  }

  /** Why it decided so, as a code. */
  reasonCode(code: string): Decision {
    return this.item("reason_codes", code);
  }

  /** How sure it is, 0 to 1. */
  confidence(sure: f64): Decision {
    this.fields += ',"confidence":' + sure.toString();
    return this;
  }

  /** What the proxy may route by. */
  routingMetadata(name: string, value: string): Decision {
    return this.member("routing_metadata", name, quote(value));
  }

  /** A field of the audit log; \`json\` is any JSON, a text by \`quote(text)\`. */
  audit(name: string, json: string): Decision {
    return this.member("audit", name, json);
  }

  private item(key: string, value: string): Decision {
    if (!this.lists.has(key)) this.lists.set(key, []);
    this.lists.get(key).push(quote(value));
    return this;
  }

  private member(key: string, name: string, json: string): Decision {
    if (!this.objects.has(key)) this.objects.set(key, new Map());
    const object = this.objects.get(key);
    if (!object.has(name)) object.set(name, []);
    object.get(name).push(json);
    return this;
  }

  toString(): string {
    let json = "{" + this.fields;
    const lists = this.lists.keys();
    for (let at = 0; at < lists.length; at++) {
      json += "," + quote(lists[at]) + ":[" + this.lists.get(lists[at]).join(",") + "]";
    }
    const objects = this.objects.keys();
    for (let at = 0; at < objects.length; at++) {
      json += "," + quote(objects[at]) + ":{" + members(this.objects.get(objects[at])) + "}";
    }
    return json + "}";
  }
}

/** One value stands as it is, several as a list. */
function members(object: Map<string, string[]>): string {
  const names = object.keys();
  const json: string[] = [];
  for (let at = 0; at < names.length; at++) {
    const values = object.get(names[at]);
    json.push(quote(names[at]) + ":" + (values.length == 1 ? values[0] : "[" + values.join(",") + "]"));
  }
  return json.join(",");
}

/** A text as JSON. */
export function quote(text: string): string {
  let json = '"';
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit != 0x22 && unit != 0x5c && unit >= 0x20) continue;
    const escaped = unit < 0x20 ? "u" + unit.toString(16).padStart(4, "0") : text.charAt(at);
    json += text.substring(start, at) + "\\\\" + escaped;
    start = at + 1;
  }
  return json + text.substring(start) + '"';
}

/** Reads the JSON that the agent gives; skips what it does not know. */
class Reader {
  private at: i32 = 0;

  constructor(private text: string) {}

  request(): Request {
    const request = new Request();
    this.expect(0x7b);
    while (this.more(0x7d)) {
      const key = this.key();
      if (key == "method") request.method = this.string();
      else if (key == "uri") request.uri = this.string();
      else if (key == "client_ip") request.clientIp = this.string();
      else if (key == "correlation_id") request.correlationId = this.string();
      else if (key == "client_port") request.clientPort = this.integer();
      else if (key == "headers") request.headers = this.headers();
      else if (this.peek() == 0x22) request.more.set(key, this.string());
      else this.skip();
    }
    return request;
  }

  response(): Response {
    const response = new Response();
    this.expect(0x7b);
    while (this.more(0x7d)) {
      const key = this.key();
      if (key == "status") response.status = this.integer();
      else if (key == "correlation_id") response.correlationId = this.string();
      else if (key == "headers") response.headers = this.headers();
      else this.skip();
    }
    return response;
  }

  /** An object's texts without their quotes, and its other values as they stand. Null for what is no object. */
  members(): Map<string, string> | null {
    if (this.peek() != 0x7b) return null;
    const members = new Map<string, string>();
    this.expect(0x7b);
    while (this.more(0x7d)) {
      const key = this.key();
      if (this.peek() == 0x22) {
        members.set(key, this.string());
        continue;
      }
      const start = this.at;
      this.skip();
      members.set(key, this.text.substring(start, this.at));
    }
    return members;
  }

  private headers(): Headers {
    const headers: Headers = new Map();
    this.expect(0x7b);
    while (this.more(0x7d)) {
      const name = this.key();
      const values: string[] = [];
      this.expect(0x5b);
      while (this.more(0x5d)) values.push(this.string());
      headers.set(name, values);
    }
    return headers;
  }

  private key(): string {
    const key = this.string();
    this.expect(0x3a);
    return key;
  }

  private peek(): i32 {
    while (this.at < this.text.length && this.text.charCodeAt(this.at) <= 0x20) this.at++;
    assert(this.at < this.text.length, "JSON must not end early");
    return this.text.charCodeAt(this.at);
  }

  private expect(unit: i32): void {
    assert(this.peek() == unit, "JSON must be as the agent writes it");
    this.at++;
  }

  /** False at the end of a list or object, which it then leaves. */
  private more(end: i32): bool {
    if (this.peek() == 0x2c) this.at++;
    if (this.peek() != end) return true;
    this.at++;
    return false;
  }

  private integer(): i32 {
    let value = 0;
    for (this.peek(); isDigit(this.text.charCodeAt(this.at)); this.at++) value = value * 10 + this.text.charCodeAt(this.at) - 0x30;
    return value;
  }

  private string(): string {
    this.expect(0x22);
    let text = "";
    while (true) {
      const start = this.at;
      while (this.text.charCodeAt(this.at) != 0x22 && this.text.charCodeAt(this.at) != 0x5c) {
        assert(this.at++ < this.text.length, "JSON must not end early");
      }
      const piece = this.text.substring(start, this.at);
      // Most texts are of one piece.
      text = text.length == 0 ? piece : text + piece;
      if (this.text.charCodeAt(this.at++) == 0x22) return text;
      const escape = this.text.charCodeAt(this.at++);
      if (escape == 0x6e) text += "\\n";
      else if (escape == 0x74) text += "\\t";
      else if (escape == 0x72) text += "\\r";
      else if (escape == 0x62) text += "\\b";
      else if (escape == 0x66) text += "\\f";
      else if (escape == 0x75) {
        text += String.fromCharCode(i32(parseInt(this.text.substring(this.at, this.at + 4), 16)));
        this.at += 4;
      } else text += String.fromCharCode(escape);
    }
  }

  private skip(): void {
    const unit = this.peek();
    if (unit == 0x22) this.string();
    else if (unit == 0x5b) {
      this.at++;
      while (this.more(0x5d)) this.skip();
    } else if (unit == 0x7b) {
      this.at++;
      while (this.more(0x7d)) {
        this.key();
        this.skip();
      }
    } else {
      while (isPlain(this.text.charCodeAt(this.at))) this.at++;
    }
  }
}

function isDigit(unit: i32): bool {
  return unit >= 0x30 && unit <= 0x39;
}

/** Part of a number, \`true\`, \`false\` or \`null\`. */
function isPlain(unit: i32): bool {
  return unit > 0x2c && unit != 0x5d && unit != 0x7d || unit == 0x2b;
}

/** The input of \`on_request_headers\`. */
export function readRequest(pointer: usize, length: i32): Request {
  return new Reader(String.UTF8.decodeUnsafe(pointer, length)).request();
}

/** The input of \`on_response_headers\`. */
export function readResponse(pointer: usize, length: i32): Response {
  return new Reader(String.UTF8.decodeUnsafe(pointer, length)).response();
}

/** The input of \`configure\`: an object's texts, and its other values as JSON. Null for what is no object. */
export function readConfig(pointer: usize, length: i32): Map<string, string> | null {
  return new Reader(String.UTF8.decodeUnsafe(pointer, length)).members();
}

/** Hands a decision over. */
export function give(decision: Decision): i64 {
  return handOver(decision.toString());
}

/** Pointer and length in one number. The agent calls \`dealloc\` with both. */
function handOver(json: string): i64 {
  const length = String.UTF8.byteLength(json);
  const pointer = heap.alloc(length);
  String.UTF8.encodeUnsafe(changetype<usize>(json), json.length, pointer);
  return (i64(pointer) << 32) | i64(length);
}

/** Says why a configuration is refused; the operator sees it. */
export function refuse(error: string): i64 {
  return handOver('{"error":' + quote(error) + "}");
}

export function agent_abi_version(): i32 {
  return 2;
}

export function alloc(size: i32): usize {
  return heap.alloc(size);
}

export function dealloc(pointer: usize, size: i32): void {
  heap.free(pointer);
}
`,
  "examples/assemblyscript/build": `#!/bin/sh
# Builds policy.wasm with AssemblyScript 0.28: the asc of node_modules or on PATH, else the one that npx fetches.
set -eu
cd "$(dirname "$0")"
PATH=$PWD/node_modules/.bin:$PATH
if command -v asc >/dev/null; then
  asc=asc
elif command -v npx >/dev/null; then
  asc="npx --yes --package assemblyscript@0.28.20 asc"
else
  echo "no AssemblyScript: 'npm install assemblyscript@0.28.20', which takes Node.js" >&2
  exit 1
fi
$asc assembly/index.ts --outFile policy.wasm --optimizeLevel 3 --shrinkLevel 1 --converge --debug
ls -l policy.wasm
`,
  "examples/assemblyscript/package.json": `{
  "name": "policy",
  "private": true,
  "scripts": { "build": "./build" },
  "devDependencies": { "assemblyscript": "0.28.20" }
}
`,
  "examples/assemblyscript/tsconfig.json": `{
  "extends": "assemblyscript/std/assembly.json",
  "include": ["assembly/**/*.ts"]
}
`,
  "examples/c/build": `#!/bin/sh
# Builds policy.wasm with clang and lld, any version from 14 on: the first of these that is there, or CC=clang-18 ./build
set -eu
cd "$(dirname "$0")"

fail() { echo "$1" >&2; exit 1; }
# The path of the first that is there.
first() { for each; do if command -v "$each"; then return; fi; done; return 1; }

cc=$(first \${CC:-clang-14 clang clang-15 clang-16 clang-17 clang-18 clang-19 clang-20 clang-21 clang-22}) ||
  fail "no \${CC:-clang}: install clang and lld, which are Debian's packages of the same names"
"$cc" --print-targets 2>/dev/null | grep -q wasm32 ||
  fail "no WebAssembly from $cc: take a clang of LLVM's own, as in CC=/opt/llvm/bin/clang ./build"

# Distributions give their linker a version at the end of its name, which clang does not look for.
ld=$(first "$("$cc" --print-prog-name=wasm-ld)" \\
  wasm-ld-22 wasm-ld-21 wasm-ld-20 wasm-ld-19 wasm-ld-18 wasm-ld-17 wasm-ld-16 wasm-ld-15 wasm-ld-14) ||
  fail "no wasm-ld: install lld, which is Debian's package of the same name"

"$cc" --target=wasm32 -fuse-ld="$ld" -std=c11 -Oz -Wall -Wextra -nostdlib -ffreestanding \\
  -Wl,--no-entry -Wl,--strip-debug -Wl,-z,stack-size=8192 -o policy.wasm policy.c
ls -l policy.wasm
`,
  "examples/c/sentinel.h":
    `/* The agent's side of a module, hidden behind a typed request and decision: ABI version 2, without any library.
 *
 * Copy this file as it is, and include it in one source file. An instance has one call at a time, so one input and one
 * answer in memory suffice. A call for which there is no room says so in the log and traps: the agent then takes its
 * fail mode.
 *
 *     SENTINEL_EXPORT("on_request_headers") long long on_request_headers(char *json, int length) {
 *       sentinel_value request = sentinel_event(json, length);
 *       if (sentinel_same(sentinel_path(request), "/private")) {
 *         sentinel_block(403, "Private\\n");
 *         sentinel_tag("private");
 *       }
 *       return sentinel_give();
 *     }
 */
#ifndef SENTINEL_H
#define SENTINEL_H

#define SENTINEL_EXPORT(name) __attribute__((export_name(name)))

enum {
  SENTINEL_INPUT_BYTES = 128 * 1024,
  SENTINEL_DECODED_BYTES = SENTINEL_INPUT_BYTES, /* enough to read every text with escapes once */
  SENTINEL_ANSWER_BYTES = 16 * 1024,
  SENTINEL_MAX_ENTRIES = 64
};

/* Bytes in UTF-8, not ended by a zero. A length of -1: there is none. */
typedef struct {
  const char *at;
  int length;
} sentinel_text;

/* A value as it stands in the JSON. A length of -1: there is none. */
typedef struct {
  const char *at;
  int length;
} sentinel_value;

/* ---- what the agent offers ---- */

#define SENTINEL_IMPORT(name) __attribute__((import_module("sentinel"), import_name(name)))

SENTINEL_IMPORT("log") void sentinel_host_log(int level, const char *at, int length);
SENTINEL_IMPORT("metric_add") void sentinel_host_metric_add(const char *at, int length, double value);

/* Milliseconds since 1970. */
SENTINEL_IMPORT("now_ms") long long sentinel_now_ms(void);
/* Fills memory with random bytes, fit for secrets. */
SENTINEL_IMPORT("random") void sentinel_random(void *at, int length);
/* Copies what fits of the configuration, JSON, also for who has no configure; its whole length. */
SENTINEL_IMPORT("config") int sentinel_config(char *at, int capacity);

enum sentinel_level { SENTINEL_ERROR, SENTINEL_WARNING, SENTINEL_INFO, SENTINEL_DEBUG };

/* Writes a line of the agent's log. */
#define sentinel_log(level, text) sentinel_log_text(level, SENTINEL_TEXT(text))
/* Adds to a counter of the module's own, which the agent shows. */
#define sentinel_metric_add(name, value) sentinel_metric_add_text(SENTINEL_TEXT(name), value)

static char sentinel_input[SENTINEL_INPUT_BYTES];
static char sentinel_decoded[SENTINEL_DECODED_BYTES];
static char sentinel_answer[SENTINEL_ANSWER_BYTES];
static int sentinel_input_taken, sentinel_decoded_bytes, sentinel_answer_bytes;

SENTINEL_EXPORT("agent_abi_version") int sentinel_abi_version(void) { return 2; }

SENTINEL_EXPORT("alloc") char *sentinel_alloc(int size) {
  if (sentinel_input_taken || size <= 0 || size > SENTINEL_INPUT_BYTES) return 0;
  sentinel_input_taken = 1;
  return sentinel_input;
}

SENTINEL_EXPORT("dealloc") void sentinel_dealloc(char *pointer, int size) {
  (void)size;
  if (pointer == sentinel_input) sentinel_input_taken = 0;
}

/* ---- texts ---- */

static inline sentinel_text sentinel_text_of(const char *ended_by_zero) {
  sentinel_text text = {ended_by_zero, 0};
  while (ended_by_zero[text.length]) text.length++;
  return text;
}

static inline sentinel_text sentinel_text_itself(sentinel_text text) { return text; }

/* Takes a sentinel_text as well as a C string. */
#define SENTINEL_TEXT(text) \\
  _Generic((text), sentinel_text: sentinel_text_itself, char *: sentinel_text_of, const char *: sentinel_text_of)(text)

static inline void sentinel_log_text(enum sentinel_level level, sentinel_text text) {
  sentinel_host_log(level, text.at, text.length);
}

static inline void sentinel_metric_add_text(sentinel_text name, double value) {
  sentinel_host_metric_add(name.at, name.length, value);
}

/* Ends the call; the log says why. */
static inline void sentinel_no_room(const char *what) {
  sentinel_log(SENTINEL_ERROR, what);
  __builtin_trap();
}

static inline char sentinel_lower(char letter) { return letter >= 'A' && letter <= 'Z' ? letter + 32 : letter; }

static inline int sentinel_same_texts(sentinel_text a, sentinel_text b) {
  if (a.length != b.length) return 0;
  for (int at = 0; at < a.length; at++)
    if (a.at[at] != b.at[at]) return 0;
  return 1;
}

/* True if both are there and have the same bytes. */
#define sentinel_same(a, b) sentinel_same_texts(SENTINEL_TEXT(a), SENTINEL_TEXT(b))

/* True if \`needle\`, in lower case, stands anywhere in the text, in whatever case. */
static inline int sentinel_contains(sentinel_text hay, const char *needle) {
  for (int from = 0; from < hay.length; from++) {
    int at = 0;
    while (needle[at] && from + at < hay.length && sentinel_lower(hay.at[from + at]) == needle[at]) at++;
    if (!needle[at]) return 1;
  }
  return 0;
}

/* The text before the first \`mark\`, or all of it. */
static inline sentinel_text sentinel_before(sentinel_text text, char mark) {
  for (int at = 0; at < text.length; at++)
    if (text.at[at] == mark) return (sentinel_text){text.at, at};
  return text;
}

/* ---- reading ---- */

static inline const char *sentinel_space(const char *at, const char *end) {
  while (at < end && (*at == ' ' || *at == '\\n' || *at == '\\r' || *at == '\\t')) at++;
  return at;
}

/* The place behind the value that stands at \`at\`. */
static inline const char *sentinel_skip(const char *at, const char *end) {
  int depth = 0;
  while (at < end) {
    char letter = *at++;
    if (letter == '"') {
      while (at < end && *at != '"') at += *at == '\\\\' ? 2 : 1;
      at = at < end ? at + 1 : end;
    } else if (letter == '{' || letter == '[') depth++;
    else if (letter == '}' || letter == ']') depth--;
    if (depth > 0 || at >= end) continue;
    if (letter == '"' || letter == '}' || letter == ']') return at;
    if (*at == ',' || *at == '}' || *at == ']' || sentinel_space(at, end) != at) return at;
  }
  return end;
}

/* The next member of a list or object from \`at\` on; \`at\` moves behind it. \`key\` is null for a list. */
static inline int sentinel_next(const char **at, const char *end, sentinel_value *key, sentinel_value *value) {
  sentinel_value *parts[2] = {key, value};
  *at = sentinel_space(*at, end);
  if (*at < end && *(*at) == ',') *at = sentinel_space(*at + 1, end);
  for (int part = key ? 0 : 1; part < 2; part++) {
    if (*at >= end || *(*at) == '}' || *(*at) == ']') return 0;
    parts[part]->at = *at;
    *at = sentinel_skip(*at, end);
    parts[part]->length = (int)(*at - parts[part]->at);
    *at = sentinel_space(*at, end);
    if (part == 0) *at = sentinel_space(*at + 1, end);
  }
  return 1;
}

static inline int sentinel_hex(const char *at) {
  int code = 0;
  for (int digit = 0; digit < 4; digit++) {
    char letter = sentinel_lower(at[digit]);
    code = code * 16 + (letter <= '9' ? letter - '0' : letter - 'a' + 10);
  }
  return code;
}

static inline void sentinel_put_decoded(int byte) {
  if (sentinel_decoded_bytes == SENTINEL_DECODED_BYTES) sentinel_no_room("no room to decode: SENTINEL_DECODED_BYTES");
  sentinel_decoded[sentinel_decoded_bytes++] = (char)byte;
}

static inline void sentinel_put_code(int code) {
  if (code < 0x80) {
    sentinel_put_decoded(code);
    return;
  }
  int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  sentinel_put_decoded((0xf0 << (3 - more) & 0xf0) | (code >> 6 * more));
  while (more-- > 0) sentinel_put_decoded(0x80 | (code >> 6 * more & 0x3f));
}

/* The text of a JSON string; there is none for another value. It holds until the answer is given. */
static inline sentinel_text sentinel_string(sentinel_value value) {
  if (value.length < 2 || *value.at != '"') return (sentinel_text){0, -1};
  const char *at = value.at + 1, *end = value.at + value.length - 1;
  sentinel_text whole = {at, (int)(end - at)};
  // Most have no escape, and stay where they are.
  if (sentinel_before(whole, '\\\\').length == whole.length) return whole;
  const char *start = sentinel_decoded + sentinel_decoded_bytes;
  while (at < end) {
    if (*at != '\\\\') {
      sentinel_put_decoded(*at++);
      continue;
    }
    char letter = at[1];
    at += 2;
    if (letter == 'u') {
      int code = sentinel_hex(at);
      at += 4;
      if (code >= 0xd800 && code < 0xdc00 && at + 6 <= end && at[0] == '\\\\' && at[1] == 'u') {
        code = 0x10000 + ((code - 0xd800) << 10) + (sentinel_hex(at + 2) - 0xdc00);
        at += 6;
      }
      sentinel_put_code(code);
    } else {
      static const char letters[] = "ntrbf", meant[] = "\\n\\t\\r\\b\\f";
      for (int known = 0; letters[known]; known++)
        if (letter == letters[known]) letter = meant[known];
      // What else may be escaped means itself.
      sentinel_put_decoded(letter);
    }
  }
  return (sentinel_text){start, (int)(sentinel_decoded + sentinel_decoded_bytes - start)};
}

/* Member of an object by its name. */
static inline sentinel_value sentinel_member(sentinel_value object, const char *name) {
  sentinel_value key, value;
  if (object.length < 2 || *object.at != '{') return (sentinel_value){0, -1};
  const char *at = object.at + 1, *end = object.at + object.length;
  while (sentinel_next(&at, end, &key, &value))
    if (sentinel_same(sentinel_string(key), name)) return value;
  return (sentinel_value){0, -1};
}

/* Item of a list by its place, from 0 on. */
static inline sentinel_value sentinel_item(sentinel_value list, int place) {
  sentinel_value value;
  if (list.length < 2 || *list.at != '[') return (sentinel_value){0, -1};
  const char *at = list.at + 1, *end = list.at + list.length;
  while (sentinel_next(&at, end, 0, &value))
    if (place-- == 0) return value;
  return (sentinel_value){0, -1};
}

/* A whole number that is not negative, or -1. */
static inline int sentinel_integer(sentinel_value value) {
  int number = value.length > 0 ? 0 : -1;
  for (int at = 0; at < value.length; at++) {
    if (value.at[at] < '0' || value.at[at] > '9' || number > 99999999) return -1;
    number = number * 10 + value.at[at] - '0';
  }
  return number;
}

/* A text of the request or response: "method", "uri", "client_ip", "correlation_id", "request_id", "server_name",
 * "protocol", "tls_version", "tls_cipher", "route_id", "upstream_id", "timestamp", "traceparent". */
static inline sentinel_text sentinel_field(sentinel_value event, const char *name) {
  return sentinel_string(sentinel_member(event, name));
}

/* The uri without its query. */
static inline sentinel_text sentinel_path(sentinel_value request) {
  return sentinel_before(sentinel_field(request, "uri"), '?');
}

/* One of a header's values, by its name in lower case, from 0 on. */
static inline sentinel_text sentinel_header_at(sentinel_value event, const char *name, int place) {
  return sentinel_string(sentinel_item(sentinel_member(sentinel_member(event, "headers"), name), place));
}

/* The first value of a header, by its name in lower case. */
static inline sentinel_text sentinel_header(sentinel_value event, const char *name) {
  return sentinel_header_at(event, name, 0);
}

/* Of a response. */
static inline int sentinel_status(sentinel_value response) { return sentinel_integer(sentinel_member(response, "status")); }

/* ---- deciding ---- */

enum sentinel_list {
  SENTINEL_HEADERS,
  SENTINEL_REMOVE_REQUEST,
  SENTINEL_SET_REQUEST,
  SENTINEL_ADD_REQUEST,
  SENTINEL_REMOVE_RESPONSE,
  SENTINEL_SET_RESPONSE,
  SENTINEL_ADD_RESPONSE,
  SENTINEL_TAGS,
  SENTINEL_RULE_IDS,
  SENTINEL_REASON_CODES,
  SENTINEL_ROUTING,
  SENTINEL_AUDIT,
  SENTINEL_LISTS
};

/* Key in the answer; and how its entries stand there: a list of names, an object of values, or one of lists of values. */
static const struct {
  const char *key;
  enum { SENTINEL_NAMES, SENTINEL_VALUES, SENTINEL_VALUE_LISTS } shape;
} SENTINEL_SHAPES[SENTINEL_LISTS] = {
    {"headers", SENTINEL_VALUE_LISTS},
    {"remove_request_headers", SENTINEL_NAMES},
    {"set_request_headers", SENTINEL_VALUE_LISTS},
    {"add_request_headers", SENTINEL_VALUE_LISTS},
    {"remove_response_headers", SENTINEL_NAMES},
    {"set_response_headers", SENTINEL_VALUE_LISTS},
    {"add_response_headers", SENTINEL_VALUE_LISTS},
    {"tags", SENTINEL_NAMES},
    {"rule_ids", SENTINEL_NAMES},
    {"reason_codes", SENTINEL_NAMES},
    {"routing_metadata", SENTINEL_VALUES},
    {"audit", SENTINEL_VALUES},
};

static struct {
  const char *kind;
  int status;      /* 0: none */
  int percent;     /* how sure, 0 to 100; -1: none */
  sentinel_text text, param, param_value;
} sentinel_decision;

static struct {
  enum sentinel_list list;
  sentinel_text name, value;
} sentinel_entries[SENTINEL_MAX_ENTRIES];
static int sentinel_entry_count;

static inline void sentinel_decide(const char *kind, int status, sentinel_text text) {
  sentinel_decision.kind = kind;
  sentinel_decision.status = status;
  sentinel_decision.text = text;
}

/* Begins an event: what is given to a handler as a value. Until something else is decided it is allowed. */
static inline sentinel_value sentinel_event(const char *json, int length) {
  sentinel_decoded_bytes = sentinel_answer_bytes = sentinel_entry_count = 0;
  sentinel_decide("allow", 0, (sentinel_text){0, -1});
  sentinel_decision.percent = -1;
  const char *end = json + length;
  json = sentinel_space(json, end);
  return (sentinel_value){json, (int)(sentinel_skip(json, end) - json)};
}

static inline void sentinel_entry(enum sentinel_list list, sentinel_text name, sentinel_text value) {
  if (sentinel_entry_count == SENTINEL_MAX_ENTRIES) sentinel_no_room("too much to decide: SENTINEL_MAX_ENTRIES");
  sentinel_entries[sentinel_entry_count].list = list;
  sentinel_entries[sentinel_entry_count].name = name;
  sentinel_entries[sentinel_entry_count++].value = value;
}

/* The request or response goes on. */
#define sentinel_allow() sentinel_decide("allow", 0, (sentinel_text){0, -1})
/* The client gets this status, 200 to 599, and body. */
#define sentinel_block(status, body) sentinel_decide("block", status, SENTINEL_TEXT(body))
/* The client is sent elsewhere, with a status of 300 to 399. */
#define sentinel_redirect(status, url) sentinel_decide("redirect", status, SENTINEL_TEXT(url))
/* The client has to prove something first; with one parameter. Proxies up to 0.6.50 let such a request through. */
#define sentinel_challenge(type, name, value) \\
  (sentinel_decide("challenge", 0, SENTINEL_TEXT(type)), sentinel_decision.param = SENTINEL_TEXT(name), \\
   sentinel_decision.param_value = SENTINEL_TEXT(value))

#define SENTINEL_NAME(list, name) sentinel_entry(list, SENTINEL_TEXT(name), (sentinel_text){0, -1})
#define SENTINEL_PAIR(list, name, value) sentinel_entry(list, SENTINEL_TEXT(name), SENTINEL_TEXT(value))

/* A header of the block or redirect itself. */
#define sentinel_own_header(name, value) SENTINEL_PAIR(SENTINEL_HEADERS, name, value)
/* What the backend gets: removed first, then set in the place of what the client sent, then added beside it. */
#define sentinel_remove_request_header(name) SENTINEL_NAME(SENTINEL_REMOVE_REQUEST, name)
#define sentinel_set_request_header(name, value) SENTINEL_PAIR(SENTINEL_SET_REQUEST, name, value)
#define sentinel_add_request_header(name, value) SENTINEL_PAIR(SENTINEL_ADD_REQUEST, name, value)
/* What the client gets: removed first, then set in the place of what the backend sent, then added beside it. */
#define sentinel_remove_response_header(name) SENTINEL_NAME(SENTINEL_REMOVE_RESPONSE, name)
#define sentinel_set_response_header(name, value) SENTINEL_PAIR(SENTINEL_SET_RESPONSE, name, value)
#define sentinel_add_response_header(name, value) SENTINEL_PAIR(SENTINEL_ADD_RESPONSE, name, value)
/* For the audit log: a word, the rule that decided, a code that says why, a field; and how sure, 0 to 100. */
#define sentinel_tag(word) SENTINEL_NAME(SENTINEL_TAGS, word)
#define sentinel_rule_id(id) SENTINEL_NAME(SENTINEL_RULE_IDS, id)
#define sentinel_reason_code(code) SENTINEL_NAME(SENTINEL_REASON_CODES, code)
#define sentinel_audit(name, value) SENTINEL_PAIR(SENTINEL_AUDIT, name, value)
#define sentinel_confidence(percents) ((void)(sentinel_decision.percent = (percents)))
/* What the proxy may route by. */
#define sentinel_routing_metadata(name, value) SENTINEL_PAIR(SENTINEL_ROUTING, name, value)

/* ---- answering ---- */

static inline void sentinel_put_byte(char byte) {
  if (sentinel_answer_bytes == SENTINEL_ANSWER_BYTES) sentinel_no_room("no room for the answer: SENTINEL_ANSWER_BYTES");
  sentinel_answer[sentinel_answer_bytes++] = byte;
}

static inline void sentinel_put(const char *piece) {
  while (*piece) sentinel_put_byte(*piece++);
}

static inline void sentinel_put_number(int number) {
  if (number >= 10) sentinel_put_number(number / 10);
  sentinel_put_byte((char)('0' + number % 10));
}

static inline void sentinel_put_string(sentinel_text text) {
  static const char digits[] = "0123456789abcdef";
  sentinel_put_byte('"');
  for (int at = 0; at < text.length; at++) {
    unsigned char letter = (unsigned char)text.at[at];
    if (letter == '"' || letter == '\\\\') sentinel_put_byte('\\\\');
    if (letter >= ' ') sentinel_put_byte((char)letter);
    else sentinel_put("\\\\u00"), sentinel_put_byte(digits[letter >> 4]), sentinel_put_byte(digits[letter & 15]);
  }
  sentinel_put_byte('"');
}

/* ,"key":"text" */
static inline void sentinel_put_text(const char *key, sentinel_text text) {
  sentinel_put(",\\"");
  sentinel_put(key);
  sentinel_put("\\":");
  sentinel_put_string(text);
}

/* The first entry of the same list and name. */
static inline int sentinel_first(int of) {
  int index = 0;
  while (sentinel_entries[index].list != sentinel_entries[of].list ||
         !sentinel_same(sentinel_entries[index].name, sentinel_entries[of].name))
    index++;
  return index;
}

static inline void sentinel_put_values(int first) {
  for (int index = first; index < sentinel_entry_count; index++) {
    if (sentinel_first(index) != first) continue;
    sentinel_put_byte(index == first ? '[' : ',');
    sentinel_put_string(sentinel_entries[index].value);
  }
  sentinel_put_byte(']');
}

static inline void sentinel_put_list(enum sentinel_list list) {
  int written = 0, shape = SENTINEL_SHAPES[list].shape;
  for (int index = 0; index < sentinel_entry_count; index++) {
    if (sentinel_entries[index].list != list || sentinel_first(index) != index) continue;
    if (!written++) {
      sentinel_put(",\\"");
      sentinel_put(SENTINEL_SHAPES[list].key);
      sentinel_put(shape == SENTINEL_NAMES ? "\\":[" : "\\":{");
    } else sentinel_put_byte(',');
    sentinel_put_string(sentinel_entries[index].name);
    if (shape != SENTINEL_NAMES) sentinel_put_byte(':');
    if (shape == SENTINEL_VALUES) sentinel_put_string(sentinel_entries[index].value);
    if (shape == SENTINEL_VALUE_LISTS) sentinel_put_values(index);
  }
  if (written) sentinel_put_byte(shape == SENTINEL_NAMES ? ']' : '}');
}

/* Pointer and length in one number. */
static inline long long sentinel_packed(void) { return (long long)(int)sentinel_answer << 32 | sentinel_answer_bytes; }

/* Hands over what was decided. */
static inline long long sentinel_give(void) {
  char kind = *sentinel_decision.kind;
  sentinel_put("{\\"decision\\":\\"");
  sentinel_put(sentinel_decision.kind);
  sentinel_put_byte('"');
  if (sentinel_decision.status) sentinel_put(",\\"status\\":"), sentinel_put_number(sentinel_decision.status);
  if (kind == 'b') sentinel_put_text("body", sentinel_decision.text);
  if (kind == 'r') sentinel_put_text("url", sentinel_decision.text);
  if (kind == 'c') {
    sentinel_put(",\\"challenge\\":{\\"type\\":");
    sentinel_put_string(sentinel_decision.text);
    sentinel_put(",\\"params\\":{");
    sentinel_put_string(sentinel_decision.param);
    sentinel_put_byte(':');
    sentinel_put_string(sentinel_decision.param_value);
    sentinel_put("}}");
  }
  for (int list = 0; list < SENTINEL_LISTS; list++) sentinel_put_list((enum sentinel_list)list);
  if (sentinel_decision.percent >= 100) sentinel_put(",\\"confidence\\":1");
  else if (sentinel_decision.percent >= 0) {
    sentinel_put(",\\"confidence\\":0.");
    if (sentinel_decision.percent < 10) sentinel_put_byte('0');
    sentinel_put_number(sentinel_decision.percent);
  }
  sentinel_put_byte('}');
  return sentinel_packed();
}

/* Refuses a configuration; the operator sees why. To take it, \`configure\` returns 0. */
static inline long long sentinel_refuse(const char *why) {
  sentinel_put("{\\"error\\":");
  sentinel_put_string(sentinel_text_of(why));
  sentinel_put_byte('}');
  return sentinel_packed();
}

#endif
`,
  "examples/go/build": `#!/bin/sh
# Builds policy.wasm with Go 1.24 or newer.
set -eu
cd "$(dirname "$0")"
command -v go >/dev/null || { echo "no Go: install 1.24 or newer, see https://go.dev/dl" >&2; exit 1; }
GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -buildvcs=false -ldflags=-w -o policy.wasm .
ls -l policy.wasm
`,
  "examples/go/go.mod": `module policy

go 1.24
`,
  "examples/go/sentinel/sentinel.go":
    `// Package sentinel is the agent's side of a module, hidden behind a typed request and decision: ABI version 2.
// Copy this folder as it is. An instance has one call at a time, so what it keeps between calls needs no lock.
package sentinel

import (
	"bytes"
	"encoding/json"
	"strings"
	"unsafe"
)

// Headers has header names in lower case, each with all of its values in order.
type Headers map[string][]string

// First is the first value of a header, empty where there is none.
func (h Headers) First(name string) string {
	if values := h[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// Add puts a further value behind those of a header.
func (h *Headers) Add(name, value string) {
	if *h == nil {
		*h = Headers{}
	}
	(*h)[name] = append((*h)[name], value)
}

// Request is a request's head. What the proxy does not tell is empty.
type Request struct {
	Method        string  \`json:"method"\`
	URI           string  \`json:"uri"\` // path and query
	ClientIP      string  \`json:"client_ip"\`
	ClientPort    int     \`json:"client_port"\`
	CorrelationID string  \`json:"correlation_id"\` // the same for all events of a request
	RequestID     string  \`json:"request_id"\`
	ServerName    string  \`json:"server_name"\`
	Protocol      string  \`json:"protocol"\`
	TLSVersion    string  \`json:"tls_version"\`
	TLSCipher     string  \`json:"tls_cipher"\`
	RouteID       string  \`json:"route_id"\`
	UpstreamID    string  \`json:"upstream_id"\`
	Timestamp     string  \`json:"timestamp"\`
	Traceparent   string  \`json:"traceparent"\`
	Headers       Headers \`json:"headers"\`
}

// Path is the uri without its query.
func (r *Request) Path() string {
	path, _, _ := strings.Cut(r.URI, "?")
	return path
}

// Response is a response's head.
type Response struct {
	Status        int     \`json:"status"\`
	CorrelationID string  \`json:"correlation_id"\`
	Headers       Headers \`json:"headers"\`
}

// Decision is what is to happen. A field that is empty does not go to the agent.
// The agent removes headers first, then sets, then adds.
type Decision struct {
	Decision              string            \`json:"decision"\`         // allow, block, redirect or challenge
	Status                int               \`json:"status,omitempty"\` // 200 to 599 for a block, 300 to 399 for a redirect
	Body                  string            \`json:"body,omitempty"\`
	URL                   string            \`json:"url,omitempty"\`
	Challenge             *ChallengeTo      \`json:"challenge,omitempty"\`
	Headers               Headers           \`json:"headers,omitempty"\` // of the block or redirect
	RemoveRequestHeaders  []string          \`json:"remove_request_headers,omitempty"\`
	SetRequestHeaders     Headers           \`json:"set_request_headers,omitempty"\`
	AddRequestHeaders     Headers           \`json:"add_request_headers,omitempty"\`
	RemoveResponseHeaders []string          \`json:"remove_response_headers,omitempty"\`
	SetResponseHeaders    Headers           \`json:"set_response_headers,omitempty"\`
	AddResponseHeaders    Headers           \`json:"add_response_headers,omitempty"\`
	Tags                  []string          \`json:"tags,omitempty"\` // words for the audit log
	RuleIDs               []string          \`json:"rule_ids,omitempty"\`
	ReasonCodes           []string          \`json:"reason_codes,omitempty"\`
	Confidence            *float64          \`json:"confidence,omitempty"\` // 0 to 1
	RoutingMetadata       map[string]string \`json:"routing_metadata,omitempty"\`
	Audit                 map[string]any    \`json:"audit,omitempty"\` // fields of the audit log
}

// ChallengeTo is what a client has to prove first.
type ChallengeTo struct {
	Type   string            \`json:"type"\`
	Params map[string]string \`json:"params,omitempty"\`
}

// Allow lets the request or response go on.
func Allow(tags ...string) Decision { return Decision{Decision: "allow", Tags: tags} }

// Block gives the client a status, 200 to 599, and a body.
func Block(status int, body string, tags ...string) Decision {
	return Decision{Decision: "block", Status: status, Body: body, Tags: tags}
}

// Redirect sends the client elsewhere, with a status of 300 to 399.
func Redirect(status int, url string, tags ...string) Decision {
	return Decision{Decision: "redirect", Status: status, URL: url, Tags: tags}
}

// Challenge has the client prove something first. Proxies up to 0.6.50 let such a request through.
func Challenge(kind string, params map[string]string, tags ...string) Decision {
	return Decision{Decision: "challenge", Challenge: &ChallengeTo{kind, params}, Tags: tags}
}

// Strict reads JSON into a value, and takes a field that the value does not have for an error.
func Strict(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// What the agent offers.

//go:wasmimport sentinel log
func hostLog(level int32, text string)

//go:wasmimport sentinel now_ms
func hostNowMs() int64

//go:wasmimport sentinel random
func hostRandom(pointer unsafe.Pointer, length int32)

//go:wasmimport sentinel config
func hostConfig(pointer unsafe.Pointer, capacity int32) int32

//go:wasmimport sentinel metric_add
func hostMetricAdd(name string, value float64)

// Level is how much a line of the log matters.
type Level int32

const (
	LevelError Level = iota
	LevelWarning
	LevelInfo
	LevelDebug
)

// Log writes a line of the agent's log.
func Log(level Level, text string) { hostLog(int32(level), text) }

// NowMs is the time in milliseconds since 1970.
func NowMs() int64 { return hostNowMs() }

// Random fills a slice with random bytes, fit for secrets.
func Random(into []byte) { hostRandom(unsafe.Pointer(unsafe.SliceData(into)), int32(len(into))) }

// Config is the configuration as JSON, also for who has no configure.
func Config() []byte {
	text := make([]byte, hostConfig(nil, 0))
	hostConfig(unsafe.Pointer(unsafe.SliceData(text)), int32(len(text)))
	return text
}

// MetricAdd adds to a counter of the module's own, which the agent shows.
func MetricAdd(name string, value float64) { hostMetricAdd(name, value) }

// Blocks that the host holds: the collector must leave them alone until dealloc.
var held = map[*byte][]byte{}

//go:wasmexport agent_abi_version
func abiVersion() int32 { return 2 }

//go:wasmexport alloc
func alloc(size int32) *byte {
	if size <= 0 {
		return nil
	}
	block := make([]byte, size)
	held[&block[0]] = block
	return &block[0]
}

//go:wasmexport dealloc
func dealloc(pointer *byte, _ int32) { delete(held, pointer) }

// Answer reads a handler's input, decides, and hands the answer over.
func Answer[Input Request | Response](pointer *byte, length int32, decide func(*Input) Decision) int64 {
	var input Input
	// Input that does not fit the type is an error of this file: the call traps, and the agent takes its fail mode.
	if err := json.Unmarshal(unsafe.Slice(pointer, length), &input); err != nil {
		panic(err)
	}
	return give(decide(&input))
}

// Configured hands the configuration over, as JSON; an error refuses it, and its text is shown to the operator.
func Configured(pointer *byte, length int32, take func(config []byte) error) int64 {
	if err := take(unsafe.Slice(pointer, length)); err != nil {
		return give(map[string]string{"error": err.Error()})
	}
	return 0
}

// give hands a value over as JSON: pointer and length in one number. The agent calls dealloc with both.
func give(value any) int64 {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	held[&text[0]] = text
	return int64(uintptr(unsafe.Pointer(&text[0])))<<32 | int64(len(text))
}
`,
  "examples/rust/Cargo.lock": `# This file is automatically @generated by Cargo.
# It is not intended for manual editing.
version = 3

[[package]]
name = "itoa"
version = "1.0.15"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "4a5f13b858c8d314ee3e8f639011f7ccefe71f97f96e50151fb991f267928e2c"

[[package]]
name = "memchr"
version = "2.8.3"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "cf8baf1c55e62ffcace7a9f06f4bd9cd3f0c4beb022d3b367256b91b87513d98"

[[package]]
name = "policy"
version = "0.1.0"
dependencies = [
 "serde",
 "serde_json",
]

[[package]]
name = "proc-macro2"
version = "1.0.103"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "5ee95bc4ef87b8d5ba32e8b7714ccc834865276eab0aed5c9958d00ec45f49e8"
dependencies = [
 "unicode-ident",
]

[[package]]
name = "quote"
version = "1.0.41"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "ce25767e7b499d1b604768e7cde645d14cc8584231ea6b295e9c9eb22c02e1d1"
dependencies = [
 "proc-macro2",
]

[[package]]
name = "ryu"
version = "1.0.20"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "28d3b2b1366ec20994f1fd18c3c594f05c5dd4bc44d8bb0c1c632c8d6829481f"

[[package]]
name = "serde"
version = "1.0.219"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "5f0e2c6ed6606019b4e29e69dbaba95b11854410e5347d525002456dbbb786b6"
dependencies = [
 "serde_derive",
]

[[package]]
name = "serde_derive"
version = "1.0.219"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "5b0276cf7f2c73365f7157c8123c21cd9a50fbbd844757af28ca1f5925fc2a00"
dependencies = [
 "proc-macro2",
 "quote",
 "syn",
]

[[package]]
name = "serde_json"
version = "1.0.143"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "d401abef1d108fbd9cbaebc3e46611f4b1021f714a0597a71f41ee463f5f4a5a"
dependencies = [
 "itoa",
 "memchr",
 "ryu",
 "serde",
]

[[package]]
name = "syn"
version = "2.0.106"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "ede7c438028d4436d71104916910f5bb611972c5cfd7f89b8300a8186e6fada6"
dependencies = [
 "proc-macro2",
 "quote",
 "unicode-ident",
]

[[package]]
name = "unicode-ident"
version = "1.0.22"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "9312f7c4f6ff9069b165498234ce8be658059c6728633667c526e27dc2cf1df5"
`,
  "examples/rust/Cargo.toml": `[package]
name = "policy"
version = "0.1.0"
edition = "2021"
rust-version = "1.63"
license = "MIT OR Apache-2.0"
publish = false

[lib]
crate-type = ["cdylib"]

[dependencies]
serde = { version = ">=1.0.200, <1.0.220", features = ["derive"] }
serde_json = ">=1.0.110, <1.0.144"

[profile.release]
opt-level = 3
lto = true
codegen-units = 1
panic = "abort"
strip = "debuginfo"

# A package of its own, also when it lies inside another workspace.
[workspace]
`,
  "examples/rust/build": `#!/bin/sh
# Builds policy.wasm with the first Rust on PATH that has the wasm32 target: that of rustup, or Debian's packages
# cargo, rustc, libstd-rust-dev-wasm32 and lld.
set -eu
cd "$(dirname "$0")"
target=wasm32-unknown-unknown

fail() { echo "$1" >&2; exit 1; }

bin= others= IFS=:
for each in $PATH; do
  [ -x "$each/rustc" ] || continue
  sysroot=$("$each/rustc" --print sysroot 2>/dev/null) || continue
  if [ -d "$sysroot/lib/rustlib/$target/lib" ]; then bin=$each; break; fi
  others=$each/rustc
done
unset IFS
if [ -z "$bin" ]; then
  [ -n "$others" ] || fail "no Rust: install it from https://rustup.rs, then 'rustup target add $target'"
  fail "no target $target in $others: run 'rustup target add $target', or install Debian's libstd-rust-dev-wasm32"
fi
[ -x "$bin/cargo" ] || fail "no cargo beside $bin/rustc: install it, which is Debian's package cargo"
export RUSTC="$bin/rustc"

# The Rust of rustup brings its linker along, that of a system takes the one of lld.
if ! ls "$sysroot"/lib/rustlib/*/bin/rust-lld >/dev/null 2>&1; then
  for each in wasm-ld wasm-ld-22 wasm-ld-21 wasm-ld-20 wasm-ld-19 wasm-ld-18 wasm-ld-17 wasm-ld-16 wasm-ld-15 wasm-ld-14; do
    if command -v "$each" >/dev/null; then WASM_LD=\${WASM_LD:-$each}; fi
  done
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="\${WASM_LD:-}"
  [ -n "\${WASM_LD:-}" ] || fail "no wasm-ld: install lld, which is Debian's package of the same name"
fi

# Debian's cargo 1.65 cannot read the index of today's registry: where PATH has another one first, that one fetches.
if [ "$bin/cargo" != "$(command -v cargo)" ]; then
  mkdir -p target
  cargo vendor --quiet --locked target/vendor >/dev/null
  set -- --offline --config 'source.crates-io.replace-with="vendored"' --config 'source.vendored.directory="target/vendor"'
fi

# The remapping keeps this machine's paths out. 32 KiB of stack instead of Rust's 1 MiB.
export RUSTFLAGS="-C link-arg=-zstack-size=32768 --remap-path-prefix=$PWD=policy \\
--remap-path-prefix=\${CARGO_HOME:-$HOME/.cargo}=cargo"
"$bin/cargo" build --release --locked --target "$target" --target-dir target "$@"
cp "target/$target/release/policy.wasm" policy.wasm
ls -l policy.wasm
`,
  "examples/rust/src/sentinel.rs":
    `//! The agent's side of a module, hidden behind a typed request and decision: ABI version 2.
//!
//! Copy this file as it is. An instance has one call at a time, so what it keeps between calls needs no lock.

#![allow(dead_code)]

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::alloc::{alloc as allocate, dealloc as release, Layout};
use std::collections::BTreeMap;

/// Header names in lower case, each with all of its values in order.
pub type Headers = BTreeMap<String, Vec<String>>;

/// A request's head. What the proxy does not tell is empty or \`None\`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Request {
    pub method: String,
    /// Path and query.
    pub uri: String,
    pub client_ip: String,
    pub client_port: Option<u16>,
    /// The same for all events of a request.
    pub correlation_id: String,
    pub request_id: Option<String>,
    pub server_name: Option<String>,
    pub protocol: Option<String>,
    pub tls_version: Option<String>,
    pub tls_cipher: Option<String>,
    pub route_id: Option<String>,
    pub upstream_id: Option<String>,
    pub timestamp: Option<String>,
    pub traceparent: Option<String>,
    pub headers: Headers,
}

impl Request {
    /// The uri without its query.
    pub fn path(&self) -> &str {
        self.uri.split('?').next().unwrap_or("")
    }

    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }
}

/// A response's head.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Response {
    pub status: u16,
    pub correlation_id: String,
    pub headers: Headers,
}

impl Response {
    /// The first value of a header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }
}

fn first<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    headers.get(name)?.first().map(String::as_str)
}

/// What is to happen. Made by \`allow\`, \`block\`, \`redirect\` or \`challenge\`, and added to: \`Decision::allow().tag("seen")\`.
/// The agent removes headers first, then sets, then adds.
#[derive(Serialize, Default)]
pub struct Decision {
    decision: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<Challenge>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: Headers,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remove_request_headers: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    set_request_headers: Headers,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    add_request_headers: Headers,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remove_response_headers: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    set_response_headers: Headers,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    add_response_headers: Headers,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rule_ids: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reason_codes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<f64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    routing_metadata: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    audit: BTreeMap<String, serde_json::Value>,
}

#[derive(Serialize)]
struct Challenge {
    #[serde(rename = "type")]
    kind: String,
    params: BTreeMap<String, String>,
}

impl Decision {
    /// The request or response goes on.
    pub fn allow() -> Self {
        Decision { decision: "allow", ..Default::default() }
    }

    /// The client gets this status, 200 to 599, and body.
    pub fn block(status: u16, body: &str) -> Self {
        Decision { decision: "block", status: Some(status), body: Some(body.into()), ..Default::default() }
    }

    /// The client is sent elsewhere, with a status of 300 to 399.
    pub fn redirect(status: u16, url: &str) -> Self {
        Decision { decision: "redirect", status: Some(status), url: Some(url.into()), ..Default::default() }
    }

    /// The client has to prove something first. Proxies up to 0.6.50 let such a request through.
    pub fn challenge(kind: &str, params: &[(&str, &str)]) -> Self {
        let params = params.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        Decision {
            decision: "challenge",
            challenge: Some(Challenge { kind: kind.into(), params }),
            ..Default::default()
        }
    }

    /// A header of the block or redirect itself.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        push(&mut self.headers, name, value);
        self
    }

    /// The backend does not get this header.
    pub fn remove_request_header(mut self, name: &str) -> Self {
        self.remove_request_headers.push(name.into());
        self
    }

    /// The backend gets this header, in the place of what the client sent. Called again: a further value.
    pub fn set_request_header(mut self, name: &str, value: &str) -> Self {
        push(&mut self.set_request_headers, name, value);
        self
    }

    /// The backend gets this header, beside what the client sent.
    pub fn add_request_header(mut self, name: &str, value: &str) -> Self {
        push(&mut self.add_request_headers, name, value);
        self
    }

    /// The client does not get this header.
    pub fn remove_response_header(mut self, name: &str) -> Self {
        self.remove_response_headers.push(name.into());
        self
    }

    /// The client gets this header, in the place of what the backend sent. Called again: a further value.
    pub fn set_response_header(mut self, name: &str, value: &str) -> Self {
        push(&mut self.set_response_headers, name, value);
        self
    }

    /// The client gets this header, beside what the backend sent.
    pub fn add_response_header(mut self, name: &str, value: &str) -> Self {
        push(&mut self.add_response_headers, name, value);
        self
    }

    /// A word for the audit log.
    pub fn tag(mut self, tag: &str) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// Which rule decided.
    pub fn rule_id(mut self, id: &str) -> Self {
        self.rule_ids.push(id.into());
        self
    }

    /// Why it decided so, as a code.
    pub fn reason_code(mut self, code: &str) -> Self {
        self.reason_codes.push(code.into());
        self
    }

    /// How sure it is, 0 to 1.
    pub fn confidence(mut self, confidence: f64) -> Self {
        self.confidence = Some(confidence);
        self
    }

    /// What the proxy may route by.
    pub fn routing_metadata(mut self, name: &str, value: &str) -> Self {
        self.routing_metadata.insert(name.into(), value.into());
        self
    }

    /// A field of the audit log.
    pub fn audit(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.audit.insert(name.into(), value.into());
        self
    }
}

fn push(headers: &mut Headers, name: &str, value: &str) {
    headers.entry(name.into()).or_default().push(value.into());
}

/// Reads a handler's input, decides, and hands the answer over.
pub fn answer<I: DeserializeOwned>(pointer: *const u8, length: usize, decide: impl FnOnce(I) -> Decision) -> i64 {
    // Input that does not fit the type is an error of this file: the call traps, and the agent takes its fail mode.
    let input = serde_json::from_slice(bytes(pointer, length)).unwrap();
    give(serde_json::to_vec(&decide(input)).unwrap())
}

/// Reads the configuration; an \`Err\` refuses it, and its text is shown to the operator.
pub fn configured<C: DeserializeOwned>(
    pointer: *const u8,
    length: usize,
    take: impl FnOnce(C) -> Result<(), String>,
) -> i64 {
    let config = serde_json::from_slice(bytes(pointer, length)).map_err(|error| error.to_string());
    match config.and_then(take) {
        Ok(()) => 0,
        Err(error) => give(serde_json::to_vec(&BTreeMap::from([("error", error)])).unwrap()),
    }
}

fn bytes<'a>(pointer: *const u8, length: usize) -> &'a [u8] {
    unsafe { std::slice::from_raw_parts(pointer, length) }
}

/// Pointer and length in one number. The agent calls \`dealloc\` with both.
fn give(answer: Vec<u8>) -> i64 {
    let answer = answer.into_boxed_slice();
    let length = answer.len() as i64;
    (Box::into_raw(answer) as *mut u8 as i64) << 32 | length
}

/// What the agent offers.
mod host {
    #[link(wasm_import_module = "sentinel")]
    extern "C" {
        pub fn log(level: u32, pointer: *const u8, length: usize);
        pub fn now_ms() -> i64;
        pub fn random(pointer: *mut u8, length: usize);
        pub fn config(pointer: *mut u8, capacity: usize) -> usize;
        pub fn metric_add(pointer: *const u8, length: usize, value: f64);
    }
}

/// How much a line of the log matters.
pub enum Level {
    Error,
    Warning,
    Info,
    Debug,
}

/// Writes a line of the agent's log.
pub fn log(level: Level, text: &str) {
    unsafe { host::log(level as u32, text.as_ptr(), text.len()) }
}

/// Milliseconds since 1970.
pub fn now_ms() -> i64 {
    unsafe { host::now_ms() }
}

/// Random bytes, fit for secrets.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    unsafe { host::random(bytes.as_mut_ptr(), N) };
    bytes
}

/// The configuration as JSON, also for who has no \`configure\`.
pub fn config() -> Vec<u8> {
    let mut text = vec![0; unsafe { host::config(std::ptr::null_mut(), 0) }];
    unsafe { host::config(text.as_mut_ptr(), text.len()) };
    text
}

/// Adds to a counter of the module's own, which the agent shows.
pub fn metric_add(name: &str, value: f64) {
    unsafe { host::metric_add(name.as_ptr(), name.len(), value) }
}

/// Called once an instance, before all else.
#[no_mangle]
extern "C" fn agent_abi_version() -> i32 {
    // What a panic says would be lost otherwise: all that the agent sees of it is a trap.
    std::panic::set_hook(Box::new(|info| log(Level::Error, &info.to_string())));
    2
}

#[no_mangle]
extern "C" fn alloc(size: usize) -> *mut u8 {
    match Layout::from_size_align(size.max(1), 1) {
        Ok(layout) => unsafe { allocate(layout) },
        Err(_) => std::ptr::null_mut(),
    }
}

#[no_mangle]
extern "C" fn dealloc(pointer: *mut u8, size: usize) {
    if let Ok(layout) = Layout::from_size_align(size.max(1), 1) {
        unsafe { release(pointer, layout) }
    }
}
`,
  "examples/zig/build": `#!/bin/sh
# Builds policy.wasm with Zig 0.17: the one on PATH, or that of Python's package ziglang.
set -eu
cd "$(dirname "$0")"
if command -v zig >/dev/null; then
  zig=zig
elif command -v python3 >/dev/null && python3 -c "import ziglang" 2>/dev/null; then
  zig="python3 -m ziglang"
else
  echo "no Zig: install 0.17, or 'pip install ziglang==0.17.1'" >&2
  exit 1
fi

# In two steps, which keep the functions' names and leave out what a debugger takes: eight times the code. ReleaseSafe, as
# what a module does beyond the end of a list must be an error, and no decision.
object=.zig-cache/policy.o
mkdir -p .zig-cache
$zig build-obj -target wasm32-freestanding -mcpu=baseline -O ReleaseSafe -fstrip -fcompiler-rt -femit-bin="$object" \\
  src/policy.zig
$zig wasm-ld --strip-debug --stack-first --no-entry --export-dynamic --export-memory -z stack-size=65536 \\
  -o policy.wasm "$object"
ls -l policy.wasm
`,
  "examples/zig/src/sentinel.zig":
    `//! The agent's side of a module, hidden behind a typed request and decision: ABI version 2.
//! Copy this file as it is. An instance has one call at a time, so what it keeps between calls needs no lock.

const std = @import("std");
const json = std.json;
const Allocator = std.mem.Allocator;

/// For what lives longer than a call.
pub const gpa = std.heap.wasm_allocator;

/// What the agent offers.
const host = struct {
    extern "sentinel" fn log(level: u32, pointer: [*]const u8, length: usize) void;
    extern "sentinel" fn now_ms() i64;
    extern "sentinel" fn random(pointer: [*]u8, length: usize) void;
    extern "sentinel" fn config(pointer: ?[*]u8, capacity: usize) usize;
    extern "sentinel" fn metric_add(pointer: [*]const u8, length: usize, value: f64) void;
};

/// How much a line of the log matters.
pub const Level = enum(u32) { err, warning, info, debug };

/// Writes a line of the agent's log.
pub fn log(level: Level, text: []const u8) void {
    host.log(@intFromEnum(level), text.ptr, text.len);
}

/// Milliseconds since 1970.
pub fn nowMs() i64 {
    return host.now_ms();
}

/// Fills with random bytes, fit for secrets.
pub fn random(bytes: []u8) void {
    host.random(bytes.ptr, bytes.len);
}

/// The configuration as JSON, also for who has no \`configure\`.
pub fn configuration(arena: Allocator) ![]const u8 {
    const text = try arena.alloc(u8, host.config(null, 0));
    _ = host.config(text.ptr, text.len);
    return text;
}

/// Adds to a counter of the module's own, which the agent shows.
pub fn metricAdd(name: []const u8, value: f64) void {
    host.metric_add(name.ptr, name.len, value);
}

/// Says in the log what a panic says, of which the agent sees nothing but a trap. The root file takes it up:
/// \`pub const panic = sentinel.panic;\`
pub const panic = std.debug.FullPanic(fail);

fn fail(text: []const u8, _: ?usize) noreturn {
    log(.err, text);
    @trap();
}

/// Header names in lower case, each with all of its values in order.
pub const Headers = json.ArrayHashMap([]const []const u8);

/// A request's head. What the proxy does not tell is empty.
pub const Request = struct {
    method: []const u8 = "",
    /// Path and query.
    uri: []const u8 = "",
    client_ip: []const u8 = "",
    client_port: u16 = 0,
    /// The same for all events of a request.
    correlation_id: []const u8 = "",
    request_id: []const u8 = "",
    server_name: []const u8 = "",
    protocol: []const u8 = "",
    tls_version: []const u8 = "",
    tls_cipher: []const u8 = "",
    route_id: []const u8 = "",
    upstream_id: []const u8 = "",
    timestamp: []const u8 = "",
    traceparent: []const u8 = "",
    headers: Headers = .{},

    /// The uri without its query.
    pub fn path(self: Request) []const u8 {
        return std.mem.sliceTo(self.uri, '?');
    }

    /// The first value of a header, by its name in lower case.
    pub fn header(self: Request, name: []const u8) ?[]const u8 {
        return first(self.headers, name);
    }
};

/// A response's head.
pub const Response = struct {
    status: u16 = 0,
    correlation_id: []const u8 = "",
    headers: Headers = .{},

    /// The first value of a header, by its name in lower case.
    pub fn header(self: Response, name: []const u8) ?[]const u8 {
        return first(self.headers, name);
    }
};

fn first(headers: Headers, name: []const u8) ?[]const u8 {
    const values = headers.map.get(name) orelse return null;
    return if (values.len > 0) values[0] else null;
}

pub const Names = std.ArrayList([]const u8);
pub const Texts = json.ArrayHashMap([]const u8);

/// Headers to set or to add, each with one value or several.
pub const Values = struct {
    map: std.StringArrayHashMapUnmanaged(Names) = .empty,

    /// A further value of a header.
    pub fn add(self: *Values, arena: Allocator, name: []const u8, value: []const u8) !void {
        const entry = try self.map.getOrPutValue(arena, name, .empty);
        try entry.value_ptr.append(arena, value);
    }

    pub fn jsonStringify(self: Values, out: anytype) !void {
        try out.beginObject();
        for (self.map.keys(), self.map.values()) |name, values| {
            try out.objectField(name);
            try out.write(values.items);
        }
        try out.endObject();
    }
};

/// What the client has to prove first.
pub const Challenge = struct { type: []const u8, params: Texts = .{} };

/// What is to happen. What is null or empty does not go to the agent, which removes headers first, then sets, then adds.
pub const Decision = struct {
    /// \`challenge\`: proxies up to 0.6.50 let such a request through.
    decision: enum { allow, block, redirect, challenge } = .allow,
    /// 200 to 599 for a block, 300 to 399 for a redirect
    status: ?u16 = null,
    /// of a block
    body: ?[]const u8 = null,
    /// of a redirect
    url: ?[]const u8 = null,
    challenge: ?Challenge = null,
    /// of a block or redirect
    headers: Values = .{},
    remove_request_headers: Names = .empty,
    set_request_headers: Values = .{},
    add_request_headers: Values = .{},
    remove_response_headers: Names = .empty,
    set_response_headers: Values = .{},
    add_response_headers: Values = .{},
    /// words for the audit log
    tags: Names = .empty,
    rule_ids: Names = .empty,
    reason_codes: Names = .empty,
    /// 0 to 1
    confidence: ?f64 = null,
    routing_metadata: Texts = .{},
    /// fields of the audit log
    audit: json.ArrayHashMap(json.Value) = .{},

    pub fn jsonStringify(self: Decision, out: anytype) !void {
        try out.beginObject();
        inline for (comptime std.meta.fieldNames(Decision)) |name| {
            const value = @field(self, name);
            const given = switch (@TypeOf(value)) {
                Names => value.items.len > 0,
                Values, Texts, json.ArrayHashMap(json.Value) => value.map.count() > 0,
                else => |T| @typeInfo(T) != .optional or value != null,
            };
            if (given) {
                try out.objectField(name);
                try out.write(if (@TypeOf(value) == Names) value.items else value);
            }
        }
        try out.endObject();
    }
};

/// Reads a handler's input, decides, and hands the answer over. What \`decide\` allocates lives until it has been written.
/// Input that does not fit, memory that runs out, an error of \`decide\`: its name is logged, the call traps,
/// and the agent takes its fail mode.
pub fn answer(
    comptime Input: type,
    pointer: [*]const u8,
    length: usize,
    decide: fn (Allocator, Input) anyerror!Decision,
) i64 {
    var arena = std.heap.ArenaAllocator.init(gpa);
    defer arena.deinit();
    const options = json.ParseOptions{ .ignore_unknown_fields = true };
    const input = json.parseFromSliceLeaky(Input, arena.allocator(), pointer[0..length], options) catch |fault| fail(@errorName(fault), null);
    return give(decide(arena.allocator(), input) catch |fault| fail(@errorName(fault), null));
}

/// Refuses a configuration; the operator sees why. To take it, \`configure\` returns 0.
pub fn refuse(why: []const u8) i64 {
    return give(.{ .@"error" = why });
}

/// Hands a value over as JSON: pointer and length in one number. The agent calls \`dealloc\` with both.
fn give(value: anytype) i64 {
    const text = json.Stringify.valueAlloc(gpa, value, .{}) catch |fault| fail(@errorName(fault), null);
    return @bitCast(@as(u64, @intFromPtr(text.ptr)) << 32 | text.len);
}

export fn agent_abi_version() i32 {
    return 2;
}

export fn alloc(size: usize) ?[*]u8 {
    const block = gpa.alloc(u8, size) catch return null;
    return block.ptr;
}

export fn dealloc(pointer: [*]u8, size: usize) void {
    gpa.free(pointer[0..size]);
}
`,
  "starters/assemblyscript/assembly/index.ts":
    `/** Nobody gets to what is private; the backend sees which requests were looked at. */

import { Decision, give, Level, log, readConfig, readRequest, readResponse, refuse, Request, Response } from "./sentinel";

export { agent_abi_version, alloc, dealloc } from "./sentinel";

/** The configuration, \`{"private": "/private"}\`: a path that is blocked with what lies below. */
let privatePath: string = "/private";

function decide(request: Request): Decision {
  if (liesBelow(request.path, privatePath)) {
    log(Level.info, request.clientIp + " was turned away from " + request.path);
    return Decision.block(403, "Private\\n").tag("private");
  }
  return Decision.allow().setRequestHeader("x-policy", "passed");
}

function liesBelow(path: string, folder: string): bool {
  return path == folder || path.startsWith(folder + "/");
}

function decideResponse(response: Response): Decision {
  return Decision.allow().removeResponseHeader("server");
}

export function configure(pointer: usize, length: i32): i64 {
  const config = readConfig(pointer, length);
  if (config === null) return refuse("the configuration must be an object");
  const path = config.has("private") ? config.get("private") : "/private";
  if (!path.startsWith("/")) return refuse('"private" must begin with a slash: received ' + path);
  privatePath = path;
  return 0;
}

export function on_request_headers(pointer: usize, length: i32): i64 {
  return give(decide(readRequest(pointer, length)));
}

export function on_response_headers(pointer: usize, length: i32): i64 {
  return give(decideResponse(readResponse(pointer, length)));
}
`,
  "starters/c/policy.c": `/* Nobody gets to what is private; the backend sees which requests were looked at. */
#include "sentinel.h"

enum { MAX_PATH_BYTES = 256 };

/* The configuration: {"private": "/private"}, a path that is blocked with what lies below. */
static char private_path[MAX_PATH_BYTES] = "/private";
static int private_length = 8;

static int is_private(sentinel_text path) {
  if (path.length < private_length) return 0;
  for (int at = 0; at < private_length; at++)
    if (path.at[at] != private_path[at]) return 0;
  return path.length == private_length || path.at[private_length] == '/';
}

SENTINEL_EXPORT("configure") long long configure(const char *json, int length) {
  sentinel_value given = sentinel_member(sentinel_event(json, length), "private");
  if (given.length < 0) return 0;
  sentinel_text path = sentinel_string(given);
  if (path.length < 1 || path.length > MAX_PATH_BYTES || path.at[0] != '/')
    return sentinel_refuse("\\"private\\" must be a path of at most 256 bytes that begins with a slash");
  for (int at = 0; at < path.length; at++) private_path[at] = path.at[at];
  private_length = path.length;
  return 0;
}

SENTINEL_EXPORT("on_request_headers") long long on_request_headers(const char *json, int length) {
  sentinel_value request = sentinel_event(json, length);
  if (is_private(sentinel_path(request))) {
    sentinel_log(SENTINEL_INFO, "turned away from what is private");
    sentinel_block(403, "Private\\n");
    sentinel_tag("private");
  } else sentinel_set_request_header("x-policy", "passed");
  return sentinel_give();
}

SENTINEL_EXPORT("on_response_headers") long long on_response_headers(const char *json, int length) {
  sentinel_event(json, length);
  sentinel_remove_response_header("server");
  return sentinel_give();
}
`,
  "starters/cases.yaml": `# yaml-language-server: $schema=cases.schema.json
config: { private: /private }
cases:
  - name: a request goes on, and the backend sees that it was looked at
    request: { method: GET, uri: "/?page=2", headers: { user-agent: Mozilla/5.0 } }
    expect: { decision: allow, set_request_headers: { x-policy: passed } }
  - name: nobody gets to what is private
    request: { method: GET, uri: /private/report }
    expect: { decision: block, status: 403, body: "Private\\n", tags: [private] }
  - name: a response does not tell what the backend runs on
    response: { status: 200, headers: { server: nginx, content-type: text/html } }
    expect: { decision: allow, remove_response_headers: [server] }
`,
  "starters/go/main.go": `// Nobody gets to what is private; the backend sees which requests were looked at.
package main

import (
	"fmt"
	"strings"

	"policy/sentinel"
)

// settings is the configuration: {"private": "/private"}
type settings struct {
	Private string \`json:"private"\` // a path: it and what lies below are blocked
}

var config = settings{Private: "/private"}

func decide(request *sentinel.Request) sentinel.Decision {
	if liesBelow(request.Path(), config.Private) {
		sentinel.Log(sentinel.LevelInfo, request.ClientIP+" was turned away from "+request.Path())
		return sentinel.Block(403, "Private\\n", "private")
	}
	decision := sentinel.Allow()
	decision.SetRequestHeaders.Add("x-policy", "passed")
	return decision
}

func liesBelow(path, folder string) bool {
	rest, found := strings.CutPrefix(path, folder)
	return found && (rest == "" || rest[0] == '/')
}

func decideResponse(*sentinel.Response) sentinel.Decision {
	decision := sentinel.Allow()
	decision.RemoveResponseHeaders = []string{"server"}
	return decision
}

// take takes all of the configuration or nothing.
func take(text []byte) error {
	given := settings{Private: "/private"}
	if err := sentinel.Strict(text, &given); err != nil {
		return err
	}
	if !strings.HasPrefix(given.Private, "/") {
		return fmt.Errorf(\`"private" must begin with a slash: received %q\`, given.Private)
	}
	config = given
	return nil
}

//go:wasmexport configure
func configure(pointer *byte, length int32) int64 { return sentinel.Configured(pointer, length, take) }

//go:wasmexport on_request_headers
func onRequestHeaders(pointer *byte, length int32) int64 {
	return sentinel.Answer(pointer, length, decide)
}

//go:wasmexport on_response_headers
func onResponseHeaders(pointer *byte, length int32) int64 {
	return sentinel.Answer(pointer, length, decideResponse)
}

func main() {}
`,
  "starters/rust/src/lib.rs": `//! Nobody gets to what is private; the backend sees which requests were looked at.

mod sentinel;

use sentinel::{answer, configured, log, Decision, Level, Request, Response};
use serde::Deserialize;
use std::cell::RefCell;

/// The configuration: \`{"private": "/private"}\`
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    /// A path: it and what lies below are blocked.
    private: String,
}

impl Default for Config {
    fn default() -> Self {
        Config { private: "/private".into() }
    }
}

thread_local!(static CONFIG: RefCell<Config> = RefCell::default());

fn decide(request: Request) -> Decision {
    if CONFIG.with(|config| lies_below(request.path(), &config.borrow().private)) {
        log(Level::Info, &format!("{} was turned away from {}", request.client_ip, request.path()));
        return Decision::block(403, "Private\\n").tag("private");
    }
    Decision::allow().set_request_header("x-policy", "passed")
}

fn lies_below(path: &str, folder: &str) -> bool {
    matches!(path.strip_prefix(folder), Some(rest) if rest.is_empty() || rest.starts_with('/'))
}

#[no_mangle]
extern "C" fn configure(pointer: *const u8, length: usize) -> i64 {
    configured(pointer, length, |config: Config| {
        if !config.private.starts_with('/') {
            return Err(format!("\\"private\\" must begin with a slash: received {:?}", config.private));
        }
        CONFIG.with(|known| *known.borrow_mut() = config);
        Ok(())
    })
}

#[no_mangle]
extern "C" fn on_request_headers(pointer: *const u8, length: usize) -> i64 {
    answer(pointer, length, decide)
}

#[no_mangle]
extern "C" fn on_response_headers(pointer: *const u8, length: usize) -> i64 {
    answer(pointer, length, |_: Response| Decision::allow().remove_response_header("server"))
}
`,
  "starters/zig/src/policy.zig": `//! Nobody gets to what is private; the backend sees which requests were looked at.

const std = @import("std");
const sentinel = @import("sentinel.zig");

pub const panic = sentinel.panic;

/// The configuration: {"private": "/private"}
const Config = struct {
    /// A path: it and what lies below are blocked.
    private: []const u8 = "/private",
};

var config = Config{};
/// Holds the texts of the configuration until another one is taken.
var config_arena = std.heap.ArenaAllocator.init(sentinel.gpa);

fn decide(arena: std.mem.Allocator, request: sentinel.Request) !sentinel.Decision {
    var decision = sentinel.Decision{};
    if (liesBelow(request.path(), config.private)) {
        sentinel.log(.info, try std.mem.concat(arena, u8, &.{ request.client_ip, " was turned away from ", request.path() }));
        decision = .{ .decision = .block, .status = 403, .body = "Private\\n" };
        try decision.tags.append(arena, "private");
    } else try decision.set_request_headers.add(arena, "x-policy", "passed");
    return decision;
}

fn liesBelow(path: []const u8, folder: []const u8) bool {
    if (!std.mem.startsWith(u8, path, folder)) return false;
    return path.len == folder.len or path[folder.len] == '/';
}

fn decideResponse(arena: std.mem.Allocator, _: sentinel.Response) !sentinel.Decision {
    var decision = sentinel.Decision{};
    try decision.remove_response_headers.append(arena, "server");
    return decision;
}

export fn configure(pointer: [*]const u8, length: usize) i64 {
    var arena = std.heap.ArenaAllocator.init(sentinel.gpa);
    const given = std.json.parseFromSliceLeaky(Config, arena.allocator(), pointer[0..length], .{ .allocate = .alloc_always }) catch |fault| {
        arena.deinit();
        return sentinel.refuse(@errorName(fault));
    };
    if (!std.mem.startsWith(u8, given.private, "/")) {
        arena.deinit();
        return sentinel.refuse("\\"private\\" must begin with a slash");
    }
    config_arena.deinit();
    config_arena = arena;
    config = given;
    return 0;
}

export fn on_request_headers(pointer: [*]const u8, length: usize) i64 {
    return sentinel.answer(sentinel.Request, pointer, length, decide);
}

export fn on_response_headers(pointer: [*]const u8, length: usize) i64 {
    return sentinel.answer(sentinel.Response, pointer, length, decideResponse);
}
`,
} as const;
