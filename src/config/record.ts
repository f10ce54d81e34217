/**
 * What is recorded, and what of it is hidden.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { quoted } from "../escape.ts";

/** Where events are recorded. */
export interface RecordConfig {
  /** The file that lines are appended to. A full one becomes `PATH.1`, in the place of the one before. */
  readonly path: string;
  /** Most bytes of both files together. */
  readonly maxBytes: number;
  /** Headers whose values are hidden, in lower case. */
  readonly headers: readonly string[];
  /** Parameters of the query whose values are hidden, in lower case. */
  readonly parameters: readonly string[];
}

/** Headers that usually have secrets. */
const HEADERS = [
  "authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
  "api-key",
  "apikey",
  "x-api-key",
  "x-access-token",
  "x-auth-token",
  "x-csrf-token",
  "x-xsrf-token",
  "x-amz-security-token",
  "x-forwarded-access-token",
  "x-forwarded-client-cert",
] as const;

/** Parameters that usually have secrets. */
const PARAMETERS = [
  "access_token",
  "api_key",
  "apikey",
  "code",
  "id_token",
  "password",
  "refresh_token",
  "secret",
  "sig",
  "signature",
  "token",
  "x-amz-security-token",
  "x-amz-signature",
] as const;

const KEEP = "-", OF_QUERY = "?";
const NAME = /^-?\??[a-z0-9_][a-z0-9!#$%&'*+.^_`|~-]*$/;
const BYTES_PER_MB = 1024 * 1024;

/**
 * What is to be recorded.
 *
 * @param path Nothing is recorded if it is empty.
 * @param maxMb Of both files together.
 * @param names What is hidden besides, with commas between: `x-session` a header, `?sid` a parameter of the query; `-cookie` and `-?code`
 * are recorded after all.
 * @throws {ConfigError} `USAGE_BAD_VALUE`
 */
export function parseRecord(path: string, maxMb: number, names: string): RecordConfig | undefined {
  if (path === "") return undefined;
  const hidden = new Set([...HEADERS, ...PARAMETERS.map((name) => OF_QUERY + name)].map(String));
  for (const name of names.split(",").map((each) => each.trim().toLowerCase())) {
    if (name === "") continue;
    if (!NAME.test(name)) {
      throw new ConfigError(
        "USAGE_BAD_VALUE",
        `Cannot read "--record-redact" as it must be names of headers, of parameters as ?NAME, and -NAME for what is ` +
          `recorded, with commas between: received ${quoted(name)}`,
      );
    }
    if (name.startsWith(KEEP)) hidden.delete(name.slice(KEEP.length));
    else hidden.add(name);
  }
  const isParameter = (name: string) => name.startsWith(OF_QUERY);
  return {
    path,
    maxBytes: maxMb * BYTES_PER_MB,
    headers: [...hidden].filter((name) => !isParameter(name)),
    parameters: [...hidden].filter(isParameter).map((name) => name.slice(OF_QUERY.length)),
  };
}

/** The file that a full one becomes. */
export function olderRecord(path: string): string {
  return `${path}.1`;
}
