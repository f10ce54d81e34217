/** Two versions of a site, A and B: a visitor's cookie says which, and one without a cookie is given one for good. */

import { Decision, give, readConfig, readRequest, readResponse, refuse, Request, Response } from "./sentinel";

export { agent_abi_version, alloc, dealloc } from "./sentinel";

/** `{"percent": 10, "cookie": "variant"}`: of a hundred new visitors so many get version B. */
let percent: i32 = 50;
let cookie: string = "variant";

export function configure(pointer: usize, length: i32): i64 {
  const config = readConfig(pointer, length);
  if (config === null) return refuse("the configuration must be an object");
  const share = config.has("percent") ? parseFloat(config.get("percent")) : 50;
  const name = config.has("cookie") ? config.get("cookie") : "variant";
  if (!(share >= 0 && share <= 100)) return refuse('"percent" must be 0 to 100: received ' + config.get("percent"));
  if (!isCookieName(name)) return refuse('"cookie" must be of letters, digits, "-" and "_": received ' + name);
  percent = i32(share);
  cookie = name;
  return 0;
}

export function on_request_headers(pointer: usize, length: i32): i64 {
  return give(route(readRequest(pointer, length)));
}

export function on_response_headers(pointer: usize, length: i32): i64 {
  return give(remember(readResponse(pointer, length)));
}

/** The backend, or a route of the proxy, reads the version in `x-variant`. */
function route(request: Request): Decision {
  let variant = variantOf(request);
  if (variant != "a" && variant != "b") variant = bucket(request.clientIp) < percent ? "b" : "a";
  return Decision.allow().setRequestHeader("x-variant", variant).tag("variant-" + variant);
}

/** The backend says in `x-variant` which version it served; the visitor keeps it beside all other cookies. */
function remember(response: Response): Decision {
  const variant = response.header("x-variant");
  if (variant != "a" && variant != "b") return Decision.allow();
  const kept = cookie + "=" + variant + "; Path=/; Max-Age=2592000; SameSite=Lax";
  return Decision.allow().addResponseHeader("set-cookie", kept);
}

/** What the visitor's cookie says. HTTP/2 may send each cookie in a header of its own. */
function variantOf(request: Request): string {
  const pairs = request.values("cookie").join(";").split(";");
  for (let index = 0; index < pairs.length; index++) {
    const pair = pairs[index].trim();
    if (pair.startsWith(cookie + "=")) return pair.substring(cookie.length + 1);
  }
  return "";
}

/** 0 to 99, the same for the same address: FNV-1a. */
function bucket(address: string): i32 {
  let hash: u32 = 0x811c9dc5;
  for (let at = 0; at < address.length; at++) hash = (hash ^ address.charCodeAt(at)) * 0x01000193;
  return i32(hash % 100);
}

function isCookieName(name: string): bool {
  for (let at = 0; at < name.length; at++) {
    if (!"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_".includes(name.charAt(at))) return false;
  }
  return name.length > 0;
}
