/** Nobody gets to what is private; the backend sees which requests were looked at. */

import { Decision, give, Level, log, readConfig, readRequest, readResponse, refuse, Request, Response } from "./sentinel";

export { agent_abi_version, alloc, dealloc } from "./sentinel";

/** The configuration, `{"private": "/private"}`: a path that is blocked with what lies below. */
let privatePath: string = "/private";

function decide(request: Request): Decision {
  if (liesBelow(request.path, privatePath)) {
    log(Level.info, request.clientIp + " was turned away from " + request.path);
    return Decision.block(403, "Private\n").tag("private");
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
