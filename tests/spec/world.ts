import { ModuleError } from "../../src/errors.ts";
import { inspectModule, START_EXPORT } from "../../src/wasm/mod.ts";
import type { SuiteAction, SuiteValue } from "./suite.ts";
import { bitsOf, describeBits, describeJs, toJs } from "./values.ts";
import { Wrapper } from "./wrapper.ts";

/** What a command did, as text that two worlds can be compared by. */
export type Outcome =
  | { readonly kind: "values"; readonly values: readonly string[] }
  | { readonly kind: "trap" | "exhaustion" | "exception" | "link" | "refused" | "error"; readonly text: string };

interface Instance {
  readonly exports: WebAssembly.Exports;
  readonly info: ReturnType<typeof inspectModule>;
  readonly wrappers: Map<string, Wrapper | undefined>;
}

/** The instances of one suite file, all of them as they are or all of them rewritten. */
export class World {
  readonly #rewrite?: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
  readonly #imports: Record<string, WebAssembly.ModuleImports> = { spectest: spectest() };
  readonly #named = new Map<string, Instance>();
  readonly #definitions = new Map<string, { module: WebAssembly.Module; info: Instance["info"] }>();
  #current?: Instance;

  constructor(rewrite?: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>) {
    this.#rewrite = rewrite;
  }

  /** Compiles; the outcome is `refused` if the module is, and `error` if what the rewrite made of it is. */
  define(bytes: Uint8Array<ArrayBuffer>, name = ""): Outcome {
    let rewritten = bytes;
    if (this.#rewrite) {
      try {
        rewritten = this.#rewrite(bytes);
      } catch (error) {
        if (error instanceof ModuleError) return { kind: "refused", text: "" };
        throw error;
      }
    }
    return observe(this.#rewrite ? "error" : "refused", () => {
      this.#definitions.set(name, { module: new WebAssembly.Module(rewritten), info: inspectModule(bytes) });
      return [];
    });
  }

  /** Instantiates what was defined under `definition`. */
  instantiate(definition = "", name?: string): Outcome {
    this.#current = undefined;
    return observe("link", () => {
      const found = this.#definitions.get(definition);
      if (found === undefined) throw new Error(`No module "${definition}"`);
      const { exports } = new WebAssembly.Instance(found.module, this.#imports);
      // The rewrite leaves the start function to the host.
      const start = exports[START_EXPORT];
      if (typeof start === "function") start();
      this.#current = { exports, info: found.info, wrappers: new Map() };
      if (name !== undefined) this.#named.set(name, this.#current);
      return [];
    });
  }

  register(as: string, name?: string): Outcome {
    const { exports } = this.#instance(name);
    this.#imports[as] = { ...exports };
    return { kind: "values", values: [] };
  }

  act(action: SuiteAction): Outcome {
    return observe("error", () => {
      const instance = this.#instance(action.module);
      const target = instance.exports[action.field];
      const type = instance.info.exports.find(({ name }) => name === action.field)?.type;
      if (target === undefined || type === undefined) throw new Error(`No export "${action.field}"`);
      if (type.kind === "global" && target instanceof WebAssembly.Global) {
        return [describeJs(target.value, type.valueType)];
      }
      if (type.kind !== "function" || typeof target !== "function") throw new Error(`"${action.field}" is no function`);
      if (!instance.wrappers.has(action.field)) {
        instance.wrappers.set(action.field, Wrapper.create(type, target));
      }
      const wrapper = instance.wrappers.get(action.field);
      const args: readonly SuiteValue[] = action.args ?? [];
      if (wrapper) return wrapper.call(args.map(bitsOf)).map((bits, i) => describeBits(bits, type.results[i] ?? ""));
      const result: unknown = target(...args.map(toJs));
      const results: unknown[] = type.results.length > 1 && Array.isArray(result) ? result : [result];
      return type.results.map((resultType, i) => describeJs(results[i], resultType));
    });
  }

  #instance(name?: string): Instance {
    const found = name === undefined ? this.#current : this.#named.get(name);
    if (found === undefined) throw new Error(`No instance "${name ?? "current"}"`);
    return found;
  }
}

function observe(otherwise: "link" | "refused" | "error", run: () => string[]): Outcome {
  try {
    return { kind: "values", values: run() };
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return { kind: "trap", text: error.message };
    if (error instanceof RangeError && /call stack/.test(error.message)) return { kind: "exhaustion", text: "" };
    if (isWasmException(error)) return { kind: "exception", text: "" };
    if (otherwise === "refused") return { kind: "refused", text: "" };
    // Positions in messages differ between the worlds; the class does not.
    return { kind: otherwise, text: error instanceof Error ? error.name : String(error) };
  }
}

/** TypeScript's library does not know `WebAssembly.Exception`. */
function isWasmException(error: unknown): boolean {
  return Object.prototype.toString.call(error) === "[object WebAssembly.Exception]";
}

function spectest(): WebAssembly.ModuleImports {
  return {
    print() {},
    print_i32() {},
    print_i64() {},
    print_i32_f32() {},
    print_f64_f64() {},
    print_f32() {},
    print_f64() {},
    global_i32: new WebAssembly.Global({ value: "i32" }, 666),
    global_i64: new WebAssembly.Global({ value: "i64" }, 666n),
    global_f32: new WebAssembly.Global({ value: "f32" }, 666.6),
    global_f64: new WebAssembly.Global({ value: "f64" }, 666.6),
    table: new WebAssembly.Table({ element: "anyfunc", initial: 10, maximum: 20 }),
    table64: table64(),
    memory: new WebAssembly.Memory({ initial: 1, maximum: 2 }),
  };
}

/** A 64-bit table, made by a module as the types of the JS constructor do not know `address` yet. */
function table64(): WebAssembly.ExportValue {
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const module = new WebAssembly.Module(
    new Uint8Array([...header, 4, 5, 1, 0x70, 5, 10, 20, 7, 5, 1, 1, 0x74, 1, 0]),
  );
  const { t } = new WebAssembly.Instance(module).exports;
  if (t === undefined) throw new Error("Cannot happen");
  return t;
}
