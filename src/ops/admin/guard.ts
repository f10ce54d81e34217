/**
 * Refuses requests that a web page in somebody's browser may send here: pages of other sites, and of names that were made to lead here
 * (DNS rebinding).
 *
 * @module
 */

/** Whom the endpoint answers. */
export interface GuardOptions {
  /** True for a unix socket, which no browser reaches. */
  readonly unix: boolean;
  /** True if others than this machine may ask, by whatever name. */
  readonly allowRemote: boolean;
}

/** Why a request is refused; undefined if it is not. */
export function refusalOf(request: Request, { unix, allowRemote }: GuardOptions): string | undefined {
  if (unix) return undefined;
  const { headers } = request;
  const host = headers.get("host") ?? "";
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  const fromBrowser = origin !== null || site !== null;
  // A page can make its own name lead here, but not an address.
  if (!isAddress(host) && (fromBrowser || !allowRemote)) {
    return "the Host header must be an address or localhost: a name may have been made to lead here";
  }
  if (request.method === "GET" || request.method === "HEAD") return undefined;
  if (site !== null && site !== "same-origin" && site !== "none") return "a page of another site asks";
  if (origin !== null && origin !== `http://${host}`) return "a page of another origin asks";
}

/** True for `127.0.0.1:9464`, `[::1]:9464`, `localhost:9464`, each with or without a port. */
function isAddress(host: string): boolean {
  return /^(?:localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/i.test(host);
}
