/**
 * As much of JSON Schema as `docs/cases.schema.json` uses; any other keyword is an error, so that none is passed over.
 *
 * @see https://json-schema.org/draft-07
 * @module
 */

type Fields = Readonly<Record<string, unknown>>;

const SILENT = new Set(["$schema", "title", "description", "definitions", "type", "items", "properties"]);

/** A schema, and what does not fit it. */
export class JsonSchema {
  readonly #root: Fields;

  constructor(root: Fields) {
    this.#root = root;
  }

  /** Where `value` does not fit; undefined if it does. */
  faultOf(value: unknown, schema: Fields = this.#root, path = "$"): string | undefined {
    if (typeof schema.$ref === "string") return this.faultOf(value, this.#definition(schema.$ref), path);
    if (schema.type !== undefined && ![schema.type].flat().some((type) => isOf(value, String(type)))) return path;
    for (const [keyword, argument] of Object.entries(schema)) {
      const fault = SILENT.has(keyword) ? undefined : this.#check(keyword, argument, value, schema, path);
      if (fault !== undefined) return fault;
    }
    if (Array.isArray(value)) {
      return first(value, (item, index) => this.faultOf(item, fieldsOf(schema.items), `${path}[${index}]`));
    }
    if (!isFields(value)) return undefined;
    const { properties = {}, additionalProperties = true } = schema;
    return first(Object.entries(value), ([key, inner]) => {
      const known = fieldsOf(properties)[key];
      if (known !== undefined) return this.faultOf(inner, fieldsOf(known), `${path}.${key}`);
      if (additionalProperties === false) return `${path}.${key}`;
      return isFields(additionalProperties) ? this.faultOf(inner, additionalProperties, `${path}.${key}`) : undefined;
    });
  }

  #definition(reference: string): Fields {
    return fieldsOf(fieldsOf(this.#root.definitions)[reference.replace("#/definitions/", "")]);
  }

  #check(keyword: string, argument: unknown, value: unknown, schema: Fields, path: string): string | undefined {
    const fits = (): boolean => {
      switch (keyword) {
        case "additionalProperties":
          return true;
        case "enum":
          return Array.isArray(argument) && argument.includes(value);
        case "required":
          return !isFields(value) || (Array.isArray(argument) && argument.every((key) => Object.hasOwn(value, key)));
        case "oneOf":
          return Array.isArray(argument) &&
            argument.filter((each) => this.faultOf(value, fieldsOf(each), path) === undefined).length === 1;
        case "minItems":
          return !Array.isArray(value) || value.length >= Number(argument);
        case "minLength":
          return typeof value !== "string" || value.length >= Number(argument);
        case "minProperties":
          return !isFields(value) || Object.keys(value).length >= Number(argument);
        case "minimum":
          return typeof value !== "number" || value >= Number(argument);
        case "maximum":
          return typeof value !== "number" || value <= Number(argument);
      }
      throw new Error(
        `Cannot check a schema as each keyword must be known: received "${keyword}" in ${JSON.stringify(schema)}`,
      );
    };
    return fits() ? undefined : path;
  }
}

function first<T>(items: readonly T[], faultOf: (item: T, index: number) => string | undefined): string | undefined {
  for (const [index, item] of items.entries()) {
    const fault = faultOf(item, index);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function isOf(value: unknown, type: string): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isFields(value);
    case "integer":
      return Number.isInteger(value);
    case "string":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
  }
  throw new Error(`Cannot check a schema as each type must be known: received "${type}"`);
}
