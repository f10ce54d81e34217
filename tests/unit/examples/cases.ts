/**
 * An example's `cases.yaml`: requests and responses, and what the module has to answer.
 *
 * @module
 */

import { parse } from "@std/yaml";
import { exampleUrl, type GuestHost, type Handler } from "./guest_host.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A request or response, and fields that its answer must have, or not if they are null; others may be there. */
export interface Case {
  readonly name: string;
  readonly handler: Handler;
  readonly event: Fields;
  readonly expect: Fields;
}

export interface Cases {
  /** What `configure` gets; undefined if it is not to be called. */
  readonly config: unknown;
  readonly cases: readonly Case[];
}

const HANDLERS: Readonly<Record<string, Handler>> = {
  request: "on_request_headers",
  response: "on_response_headers",
};

/** @throws {Error} for a key that means nothing: a case misspelt would hold whatever the module does. */
export function readCases(example: string): Cases {
  return parseCases(Deno.readTextFileSync(exampleUrl(`${example}/cases.yaml`)));
}

/** @throws {Error} as {@linkcode readCases} does. */
export function parseCases(text: string): Cases {
  const { config, cases = [], ...others } = fieldsOf(parse(text), "the file");
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new Error(`Cannot use the file as each key must mean something: received "${unknown}"`);
  }
  if (!Array.isArray(cases) || cases.length === 0) throw new Error("Cannot use cases as there must be some");
  return { config, cases: cases.map(caseOf) };
}

function caseOf(value: unknown): Case {
  const { name, expect, ...events } = fieldsOf(value, "a case");
  if (typeof name !== "string") throw new Error(`Cannot use a case as it must have a name: received ${name}`);
  const [[kind, event] = ["", undefined], ...others] = Object.entries(events);
  const handler = HANDLERS[kind];
  if (handler === undefined || others.length > 0) {
    const keys = Object.keys(events).join(", ");
    throw new Error(`Cannot use "${name}" as it must have a request or a response, and nothing else: received ${keys}`);
  }
  const expected = fieldsOf(expect, `"${name}"`);
  if (Object.keys(expected).length === 0) throw new Error(`Cannot use "${name}" as it must expect something`);
  return { name, handler, event: fieldsOf(event, `"${name}"`), expect: expected };
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new Error(`Cannot use ${what} as it must be a mapping: received ${JSON.stringify(value)}`);
}

/** What of the answer the case looks at, beside what it expects: equal if it holds. */
export function compare({ handler, event, expect }: Case, host: GuestHost): { actual: Fields; expected: Fields } {
  const answer: Fields = { ...host.ask(handler, event) };
  const keys = Object.keys(expect);
  const of = (fields: Fields) => Object.fromEntries(keys.map((key) => [key, plain(fields[key] ?? null)]));
  return { actual: of(answer), expected: of(expect) };
}

/** An object with each list of one as the value alone, for in headers both mean the same; others as they are. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    return [key, Array.isArray(inner) && inner.length === 1 ? inner[0] : inner];
  });
  return Object.fromEntries(entries);
}
