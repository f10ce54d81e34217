/**
 * Secrets in what is recorded, hidden by the names of headers and of the query's parameters.
 *
 * @module
 */

import { REDACTED } from "./recorded.ts";

/** Names in lower case. */
export interface Hidden {
  readonly headers: readonly string[];
  readonly parameters: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Headers whose values are URLs. */
const URL_HEADERS: readonly string[] = ["referer", "location"];
/** Members of a described event or decision that are URLs. */
const URLS: readonly string[] = ["uri", "url"];
/** Members that are headers by name. */
const HEADERS = /(^|_)headers$/;
const QUERY = "?";

/** Hides what one configuration wants hidden. */
export class Redaction {
  readonly #headers: ReadonlySet<string>;
  readonly #parameters: ReadonlySet<string>;

  /** Names in lower case. */
  constructor({ headers, parameters }: Hidden) {
    this.#headers = new Set(headers);
    this.#parameters = new Set(parameters);
  }

  /** A described event or decision with {@linkcode REDACTED} for each secret. Other members stay as they are. */
  fields(fields: Fields): Fields {
    const shown: Record<string, unknown> = { ...fields };
    for (const [key, value] of Object.entries(fields)) {
      if (URLS.includes(key) && typeof value === "string") shown[key] = this.url(value);
      else if (HEADERS.test(key) && isFields(value)) shown[key] = this.#headersOf(value);
    }
    return shown;
  }

  /** A URL, or the path and query of one. */
  url(url: string): string {
    const start = url.indexOf(QUERY);
    if (start < 0) return url;
    const fragment = url.indexOf("#", start);
    const end = fragment < 0 ? url.length : fragment;
    const query = url.slice(start + 1, end).split("&").map((pair) => this.#pair(pair)).join("&");
    return url.slice(0, start + 1) + query + url.slice(end);
  }

  #headersOf(headers: Fields): Fields {
    // Not by assignment, because a header may be called `__proto__`.
    return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, this.#header(name, value)]));
  }

  #header(name: string, value: unknown): unknown {
    if (Array.isArray(value)) return value.map((each) => this.#header(name, each));
    const key = name.toLowerCase();
    if (this.#headers.has(key)) return REDACTED;
    return URL_HEADERS.includes(key) && typeof value === "string" ? this.url(value) : value;
  }

  #pair(pair: string): string {
    const equals = pair.indexOf("=");
    if (equals < 0) return pair;
    const name = pair.slice(0, equals);
    return this.#parameters.has(decoded(name).toLowerCase()) ? `${name}=${REDACTED}` : pair;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
