/**
 * What a configuration file may say, as a JSON schema: made from the table of options, so that a file can say all that flags can.
 *
 * @module
 */

import { MAX_MODULES } from "../agent/mod.ts";
import type { Schema } from "../config/mod.ts";
import { type Option, OPTIONS } from "./options.ts";

/** Options that a file has no setting for: where it is, and what it says of modules in another way. */
const FLAGS_ONLY: readonly string[] = ["config", "module", "module-config"];

const TEXT: Schema = { type: "string", minLength: 1 };
const TEXTS: Schema = { type: ["string", "array"], minLength: 1, minItems: 1, uniqueItems: true, items: TEXT };

/** Texts that all look alike: a rule that no request can meet would keep its module out of everything. */
function textsLike(pattern: string, patternErrorMessage: string, description: string): Schema {
  return { ...TEXTS, pattern, patternErrorMessage, items: { ...TEXT, pattern, patternErrorMessage }, description };
}

const MATCH: Schema = {
  type: "object",
  additionalProperties: false,
  description: "Requests that the module is asked about: all rules that are given must hold",
  properties: {
    "path-prefix": textsLike("^/", "the beginning of a path, with a / first", "The path begins with one of these"),
    "method": textsLike("^[!#$%&'*+.^_`|~0-9A-Z-]+$", "a method in upper case, like GET", "The method is one of these"),
    "host": textsLike(
      "^(\\*\\.)?[^:*/\\s\\[\\]]*[^.:*/\\s\\[\\]]$|^\\[[0-9a-fA-F:.]+\\]$",
      "a host without scheme, port or path, like example.com, or *.example.com",
      "The host, without port, is one of these; *.example.com is all below example.com",
    ),
    "header": {
      type: "object",
      description: "Each of these headers has one of the values, or any (true), or is not there (false)",
      propertyNames: { pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", patternErrorMessage: "the name of a header" },
      additionalProperties: { ...TEXTS, type: ["string", "array", "boolean"] },
    },
  },
};

const OWN: Readonly<Record<string, Schema>> = {
  "name": { ...TEXT, description: "For logs and metrics; the file's name if not given" },
  "path": { ...TEXT, description: "Wasm module file (.wasm), from the configuration file's folder" },
  "sha256": {
    type: "string",
    pattern: "^[0-9a-fA-F]{64}$",
    patternErrorMessage: "64 hexadecimal digits",
    description: "What the file's SHA-256 must be",
  },
  "config": { type: "object", description: "The module's configuration" },
  "config-file": {
    ...TEXT,
    description: "The module's configuration as a JSON file, from the configuration file's folder",
  },
  "phases": {
    type: "array",
    minItems: 1,
    uniqueItems: true,
    items: { type: "string", enum: ["request_headers", "response_headers"] },
    description: "What the module is asked about, of what it handles; all of it if not given",
  },
  "match": MATCH,
};

/** The schema of a whole file. */
export function configSchema(): Schema {
  const settings = Object.entries<Option>(OPTIONS).filter(([name]) => !FLAGS_ONLY.includes(name));
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Configuration of sentinel-wasm-agent",
    type: "object",
    additionalProperties: false,
    properties: {
      // What editors find the schema by.
      $schema: TEXT,
      ...schemasOf(settings),
      modules: {
        type: "array",
        minItems: 1,
        maxItems: MAX_MODULES,
        description: "Asked in this order, until one does not allow",
        items: {
          type: "object",
          required: ["path"],
          additionalProperties: false,
          properties: { ...OWN, ...schemasOf(settings.filter(([, { perModule }]) => perModule)) },
        },
      },
    },
  };
}

function schemasOf(settings: readonly (readonly [string, Option])[]): Readonly<Record<string, Schema>> {
  return Object.fromEntries(settings.map(([name, option]) => [name, schemaOf(option)]));
}

function schemaOf(option: Option): Schema {
  const { help: description } = option;
  switch (option.type) {
    case "integer":
      return { type: "integer", minimum: option.min, maximum: option.max, default: option.default, description };
    case "boolean":
      return { type: "boolean", default: option.default, description };
    case "choice":
      return { type: "string", enum: option.choices, default: option.default, description };
    case "mode":
      return {
        type: "string",
        pattern: "^0?[0-7]{3}$",
        patternErrorMessage: "a file mode in octal, like 0660, as a text",
        default: option.default.toString(8).padStart(4, "0"),
        description,
      };
    case "list":
      return { type: "array", items: TEXT, default: option.default, description };
    case "path":
    case "text":
      return { ...TEXT, default: option.default, description };
  }
}
