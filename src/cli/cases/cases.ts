/**
 * A file of cases, in YAML, JSON or JSON lines: requests and responses, and what a module has to answer.
 *
 * `docs/cases.schema.json` says the same for editors; a test compares both.
 *
 * @module
 */

import { ConfigError } from "../../errors.ts";
import { escapeText, listed, MAX_NAME_SHOWN, quoted } from "../../escape.ts";
import { type WireEvent, wireEvent } from "../../lanes/mod.ts";
import { likelyName } from "../../likely.ts";
import { EXPECTED } from "./expected.ts";
import { JsonLines } from "./json_lines.ts";
import type { Place } from "./update.ts";
import { type Located, type Path, YamlFault, YamlText } from "./yaml.ts";

/** JSON by key. */
export type Fields = Readonly<Record<string, unknown>>;

/** An event, and what must be in its answer. */
export interface Case {
  readonly name: string;
  /** Where it stands in its file, from 1 on. */
  readonly line: number;
  readonly event: WireEvent;
  /** Values by key of an answer, `null` for a key that must not be there; undefined if nothing is expected yet. */
  readonly expect: Fields | undefined;
  /** True if the agent has recorded it: what is expected is all that came, in the JSON of ABI 2. */
  readonly recorded?: boolean;
  /** Where the expectation stands, or would stand. */
  readonly place: Place | undefined;
}

/** A whole file. */
export interface Cases {
  /** The module's configuration; undefined if the file says none. */
  readonly config: Fields | undefined;
  readonly cases: readonly Case[];
}

/** Largest file taken, in bytes. */
export const MAX_CASES_BYTES: number = 16 * 1024 * 1024;

/** Names of files that have JSON lines, the older ones of a recording among them. */
const JSON_LINES = /\.(?:jsonl|ndjson)(?:\.\d+)?$/;

const FILE_KEYS = ["$schema", "config", "cases"];
const CASE_KEYS = ["name", "request", "response", "expect"];
/** Of a line that the agent has recorded. */
const RECORDED_KEYS = [...CASE_KEYS, "recorded"];

/**
 * The cases of a text.
 *
 * @param file Name of the file, for messages; from it comes, too, whether it has JSON lines.
 * @param unfinished True if cases need not expect anything yet.
 * @throws {ConfigError} `CASES_UNREADABLE`, `EVENT_UNREADABLE`, with the line and the case.
 */
export function parseCases(text: string, file: string, unfinished = false): Cases {
  return new Reader(file, text, unfinished).read();
}

class Reader {
  readonly #file: string;
  readonly #yaml: Located;
  readonly #unfinished: boolean;
  readonly #isJsonLines: boolean;

  constructor(file: string, text: string, unfinished: boolean) {
    this.#file = file;
    this.#unfinished = unfinished;
    this.#isJsonLines = JSON_LINES.test(file);
    try {
      this.#yaml = this.#isJsonLines ? new JsonLines(text) : new YamlText(text);
    } catch (cause) {
      if (!(cause instanceof YamlFault)) throw cause;
      const received = `"${escapeText(cause.message, 200)}"`;
      throw unreadable(`${file}, line ${cause.line}`, "be YAML or JSON", received, cause);
    }
  }

  read(): Cases {
    const { config, cases } = this.#fields(this.#yaml.value, [], "the file", FILE_KEYS);
    if (!Array.isArray(cases) || cases.length === 0) {
      throw this.#fault(["cases"], '"cases" must be a list of some', cases);
    }
    const seen = new Map<string, number>();
    return {
      config: config === undefined || config === null ? undefined : this.#fields(config, ["config"], '"config"'),
      cases: cases.map((value: unknown, index) => {
        const found = this.#case(value, ["cases", index]);
        const before = seen.get(found.name);
        if (before !== undefined) {
          throw this.#fault(["cases", index], `its name must be its own, and line ${before} has it too`, found.name);
        }
        seen.set(found.name, found.line);
        return found;
      }),
    };
  }

  #case(value: unknown, path: Path): Case {
    const { name, request, response, expect, recorded } = this.#fields(
      value,
      path,
      "a case",
      this.#isJsonLines ? RECORDED_KEYS : CASE_KEYS,
    );
    if (typeof name !== "string" || name === "") throw this.#fault(path, '"name" must be a text', name);
    const where = `${this.#place(path)}, case ${quoted(name)}`;
    if ((request === undefined) === (response === undefined)) {
      throw unreadable(where, 'have a "request" or a "response"', request === undefined ? "none" : "both");
    }
    const described = request === undefined ? { response: response ?? {} } : { request: request ?? {} };
    return {
      name,
      line: this.#yaml.lineOf(path),
      event: wireEvent(described, where).event,
      // Of a failure nothing is expected but that there is none any more.
      expect: expect === undefined && recorded !== undefined && !this.#unfinished
        ? {}
        : this.#expectation(expect, [...path, "expect"], where),
      recorded: recorded !== undefined,
      place: this.#yaml.placeOf(path, "expect"),
    };
  }

  #expectation(value: unknown, path: Path, where: string): Fields | undefined {
    if (this.#unfinished && (value === undefined || value === null)) return undefined;
    if (value === undefined) throw unreadable(where, 'have an "expect" (--update writes one)', "none");
    const fields = this.#fields(value, path, '"expect"', Object.keys(EXPECTED));
    if (Object.keys(fields).length === 0) throw unreadable(where, "expect something (--update writes it)", "{}");
    for (const [key, expected] of Object.entries(fields)) {
      const kind = EXPECTED[key];
      if (expected === null || kind === undefined || kind.fits(expected)) continue;
      throw this.#fault([...path, key], `${quoted(key)} must be ${kind.must}, or null`, expected);
    }
    return fields;
  }

  /** The members of a mapping. */
  #fields(value: unknown, path: Path, what: string, known?: readonly string[]): Fields {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw this.#fault(path, `${what} must be a mapping`, value);
    }
    const unknown = known === undefined ? undefined : Object.keys(value).find((key) => !known.includes(key));
    if (known !== undefined && unknown !== undefined) {
      const meant = likelyName(unknown.replaceAll("_", "-"), known.map((key) => key.replaceAll("_", "-")));
      const hint = meant === undefined ? "" : `, did you mean "${meant.replaceAll("-", "_")}"?`;
      const must = `a key of ${what} must be one of ${listed(known)}`;
      throw new ConfigError(
        "CASES_UNREADABLE",
        `Cannot read cases (${this.#place([...path, unknown])}) as ${must}: received ${quoted(unknown)}${hint}`,
      );
    }
    return { ...value };
  }

  #place(path: Path): string {
    return `${this.#file}, line ${this.#yaml.lineOf(path)}`;
  }

  #fault(path: Path, must: string, received: unknown): ConfigError {
    const came = received === undefined ? "none" : escapeText(JSON.stringify(received) ?? "", MAX_NAME_SHOWN);
    return new ConfigError("CASES_UNREADABLE", `Cannot read cases (${this.#place(path)}) as ${must}: received ${came}`);
  }
}

function unreadable(where: string, must: string, received: string, cause?: unknown): ConfigError {
  return new ConfigError(
    "CASES_UNREADABLE",
    `Cannot read cases (${where}) as they must ${must}: received ${received}`,
    {
      cause,
    },
  );
}
