/**
 * A configuration file's values against the schema: each thing that is not as it must be, and where.
 *
 * @module
 */

import { Ajv, type ErrorObject } from "ajv";
import { escapeText, MAX_NAME_SHOWN, quoted } from "../escape.ts";
import { likelyName } from "../likely.ts";
import type { Mistake, ParsedFile, Path } from "./parsed_file.ts";

/** A JSON schema, as far as its words are used here. @see https://json-schema.org/draft-07 */
export interface Schema {
  /** One type, or several. */
  readonly type?: string | readonly string[];
  /** What a value means, for editors. */
  readonly description?: string;
  /** All values that may be. */
  readonly enum?: readonly string[];
  /** Of a number. */
  readonly minimum?: number;
  /** Of a number. */
  readonly maximum?: number;
  /** Of what editors say, too, where `pattern` does not hold. */
  readonly patternErrorMessage?: string;
  /** Of each item of a list. */
  readonly items?: Schema;
  /** Of the values of a table. */
  readonly properties?: Readonly<Record<string, Schema>>;
  /** Whatever else schemas have. */
  readonly [word: string]: unknown;
}

/** What is wrong with the values, one mistake for each. */
export function mistakesIn(file: ParsedFile, schema: Schema): readonly Mistake[] {
  // Annotations for editors are no words of the schema's, and types are lists of several here.
  const ajv = new Ajv({ allErrors: true, verbose: true, strict: false });
  const validate = ajv.compile(schema);
  if (validate(file.value)) return [];
  const told = new Set<string>();
  const mistakes: Mistake[] = [];
  for (const error of validate.errors ?? []) {
    const path = pathOf(error.instancePath, file.value);
    if (error.keyword === "required" && file.isGap(path)) continue;
    // What is wrong with the name is told besides.
    if (error.keyword === "propertyNames") continue;
    const mistake = described(error, path, file);
    const key = `${mistake.line}:${mistake.column}`;
    // A value of another type is not within the limits either.
    if (!told.has(key)) mistakes.push(mistake);
    told.add(key);
  }
  return mistakes;
}

function described(error: ErrorObject, path: Path, file: ParsedFile): Mistake {
  const schema: Schema = error.parentSchema ?? {};
  const params: Readonly<Record<string, unknown>> = error.params;
  if (error.keyword === "additionalProperties") {
    const name = String(params.additionalProperty);
    const nearest = likelyName(name, Object.keys(schema.properties ?? {}));
    const hint = nearest === undefined ? "" : `, did you mean ${quoted(nearest)}?`;
    return {
      ...file.place([...path, name], "key"),
      message: `Cannot use ${quoted(shown([...path, name]))} as a setting must be known: received another${hint}`,
    };
  }
  if (error.propertyName !== undefined) {
    const named = [...path, error.propertyName];
    return {
      ...mistakeAt(file, named, expected(schema, error.keyword), error.propertyName),
      ...file.place(named, "key"),
    };
  }
  if (error.keyword === "required") {
    const name = String(params.missingProperty);
    return {
      ...file.place(path, "key"),
      message: `Cannot use ${quoted(shown(path))} as it must have ${quoted(name)}: received none`,
    };
  }
  return mistakeAt(file, path, expected(schema, error.keyword), error.data);
}

/** The mistake of a value that must be another one. */
export function mistakeAt(file: ParsedFile, path: Path, must: string, received: unknown): Mistake {
  return {
    ...file.place(path, "value"),
    message: `Cannot use ${quoted(shown(path))} as it must be ${must}: received ${showValue(received)}`,
  };
}

/** What a value must be, in words. */
function expected(schema: Schema, keyword: string): string {
  const { enum: choices, minimum, maximum, patternErrorMessage, type, items } = schema;
  if (patternErrorMessage !== undefined && (keyword === "pattern" || type === "string")) return patternErrorMessage;
  if (choices !== undefined) return `one of ${choices.join(", ")}`;
  switch (type) {
    case "integer":
      return `a whole number, ${minimum} to ${maximum}`;
    case "boolean":
      return "true or false";
    case "object":
      return "a table";
    case "array":
      return `a list, not empty, of ${
        items?.enum?.join(", ") ?? (items?.type === "object" ? "tables" : "texts")
      }, each once`;
    case "string":
      return "a text, not empty";
  }
  return Array.isArray(type) && type.includes("boolean")
    ? "a text, a list of texts, true for any, or false for none"
    : "a text, or a list of texts, not empty";
}

/** `modules[1].match.host` */
export function shown(path: Path): string {
  const name = path.map((part) => typeof part === "number" ? `[${part}]` : `.${part}`).join("");
  return name === "" ? "the file" : name.replace(/^\./, "");
}

function showValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "object" && value !== null && !(value instanceof Date)) {
    return Array.isArray(value) ? `a list of ${value.length}` : "a table";
  }
  return typeof value === "string" ? quoted(value) : escapeText(String(value), MAX_NAME_SHOWN);
}

/** A JSON pointer as a path; what leads into a list is a number. @see https://www.rfc-editor.org/rfc/rfc6901 */
function pathOf(pointer: string, root: unknown): Path {
  let value = root;
  return pointer.split("/").slice(1).map((escaped) => {
    const name = escaped.replaceAll("~1", "/").replaceAll("~0", "~");
    const part = Array.isArray(value) ? Number(name) : name;
    value = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
    return part;
  });
}
