/**
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

/** The configuration as JSON, also for who has no `configure`. */
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
  /** The rest: `request_id`, `server_name`, `protocol`, `tls_version`, `tls_cipher`, `route_id`, `traceparent`... */
  more: Map<string, string> = new Map();

  /** The uri without its query. */
  get path(): string {
    const end = this.uri.indexOf("?");
    return end < 0 ? this.uri : this.uri.substring(0, end);
  }

  /** One of `more`; empty where the proxy does not tell it. */
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
 * What is to happen. Made by `allow`, `block`, `redirect` or `challenge`, and added to: `Decision.allow().tag("seen")`.
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

  /** A field of the audit log; `json` is any JSON, a text by `quote(text)`. */
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
    json += text.substring(start, at) + "\\" + escaped;
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
      if (escape == 0x6e) text += "\n";
      else if (escape == 0x74) text += "\t";
      else if (escape == 0x72) text += "\r";
      else if (escape == 0x62) text += "\b";
      else if (escape == 0x66) text += "\f";
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

/** Part of a number, `true`, `false` or `null`. */
function isPlain(unit: i32): bool {
  return unit > 0x2c && unit != 0x5d && unit != 0x7d || unit == 0x2b;
}

/** The input of `on_request_headers`. */
export function readRequest(pointer: usize, length: i32): Request {
  return new Reader(String.UTF8.decodeUnsafe(pointer, length)).request();
}

/** The input of `on_response_headers`. */
export function readResponse(pointer: usize, length: i32): Response {
  return new Reader(String.UTF8.decodeUnsafe(pointer, length)).response();
}

/** The input of `configure`: an object's texts, and its other values as JSON. Null for what is no object. */
export function readConfig(pointer: usize, length: i32): Map<string, string> | null {
  return new Reader(String.UTF8.decodeUnsafe(pointer, length)).members();
}

/** Hands a decision over. */
export function give(decision: Decision): i64 {
  return handOver(decision.toString());
}

/** Pointer and length in one number. The agent calls `dealloc` with both. */
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
