/**
 * Which requests a module is asked about, by rules on their heads.
 *
 * What cannot be told counts as matched, because a module that is asked too often does no harm where it is to keep something out.
 *
 * @module
 */

import { type Head, metadataOf } from "../protocol/mod.ts";

/** Rules on a request's head: each that is given must hold, and holds if one of its values does. */
export interface MatchRules {
  /** Beginnings of the path, compared as text: `/api` holds for `/apis`, too. */
  readonly pathPrefixes?: readonly string[];
  /** Compared with regard to case, as methods are. */
  readonly methods?: readonly string[];
  /** Names without a port in lower case; `*.example.com` stands for all below `example.com`, and not for itself. */
  readonly hosts?: readonly string[];
  /** By names in lower case: values of which one must be the header's or in its list, true if any will do, or false if there must be none. */
  readonly headers?: Readonly<Record<string, boolean | readonly string[]>>;
}

/** True if a head is one that the rules are about. */
export type Match = (head: Head) => boolean;

/** The rules as a question to a request's head. */
export function matcher({ pathPrefixes, methods, hosts, headers }: MatchRules): Match {
  const rules: Match[] = [];
  if (methods !== undefined) rules.push((head) => methods.includes(head.method()));
  if (pathPrefixes !== undefined) rules.push((head) => beginsWith(head.uri(), pathPrefixes));
  if (hosts !== undefined) rules.push((head) => hostsOf(head).some((host) => isOneOf(host, hosts)));
  for (const [name, values] of Object.entries(headers ?? {})) {
    rules.push((head) => {
      const value = head.header(name);
      if (typeof values === "boolean") return (value !== undefined) === values;
      return value !== undefined && (values.includes(value) || parts(value).some((part) => values.includes(part)));
    });
  }
  return (head) => rules.every((rule) => rule(head));
}

/** True if the path, as sent or as most servers understand it, begins with one of `prefixes`. */
function beginsWith(uri: string, prefixes: readonly string[]): boolean {
  if (prefixes.some((prefix) => uri.startsWith(prefix))) return true;
  const path = understood(uri);
  return path !== uri && prefixes.some((prefix) => path.startsWith(prefix));
}

const UNUSUAL = /[%\\]|\/\/|\/\.|^[^/]/;

/**
 * The path as a server may understand it: without scheme, host and query, escapes decoded, dot segments and doubled slashes gone.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2
 */
function understood(uri: string): string {
  const [whole = ""] = uri.split(/[?#]/, 1);
  const path = whole.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, "");
  if (!UNUSUAL.test(path)) return path;
  const decoded = path.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  const segments: string[] = [];
  const all = decoded.replaceAll("\\", "/").split("/");
  for (const segment of all) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  const end = /^(?:\.{0,2})$/.test(all.at(-1) ?? "") && segments.length > 0 ? "/" : "";
  return `/${segments.join("/")}${end}`;
}

function isOneOf(host: string | undefined, hosts: readonly string[]): boolean {
  if (host === undefined) return true;
  return hosts.some((each) => each.startsWith("*.") ? host.endsWith(each.slice(1)) : host === each);
}

/** Without port, in lower case; undefined where the proxy tells none. Whom a server takes of several nobody knows. */
function hostsOf(head: Head): readonly (string | undefined)[] {
  // HTTP/2 has a pseudo header in its place, which no module gets, but the proxy tells what it has read there.
  const host = head.header("host") ?? serverName(head);
  return host === undefined
    ? [undefined]
    : parts(host).map((each) => each.toLowerCase().replace(/:[0-9]*$/, "").replace(/\.$/, ""));
}

/** Values of one header as each was sent, or as items of a list in one of them: the two mean the same. */
function parts(value: string): readonly string[] {
  return value.includes(",") ? value.split(",").map((part) => part.trim()) : [value];
}

function serverName(head: Head): string | undefined {
  const { server_name: name } = metadataOf(head);
  return typeof name === "string" ? name : undefined;
}
