/**
 * What a module is that was made for another host, or is no library at all: a refusal says so, and what would be right.
 *
 * @module
 */

import type { ModuleInfo } from "../wasm/mod.ts";

/** What can be told from a module's declarations. */
interface Traits {
  /** True if an export, or an import as `module.name`, or a custom section has such a name. */
  readonly exports: (pattern: RegExp) => boolean;
  readonly imports: (pattern: RegExp) => boolean;
  readonly sections: (pattern: RegExp) => boolean;
  /** True if the producers section names this language. */
  readonly language: (name: string) => boolean;
}

interface Lookalike {
  readonly what: string;
  readonly advice: string;
  readonly is: (module: Traits) => boolean;
}

const OTHER_HOST = "it needs another host, or to be written for this one: export alloc, dealloc and on_request_headers";
const isCommand = ({ exports }: Traits) => exports(/^_start$/) && !exports(/^_initialize$/);

/** The first that fits is told. */
const LOOKALIKES: readonly Lookalike[] = [
  {
    what: "a proxy-wasm module",
    advice: OTHER_HOST,
    is: ({ exports, imports }) => exports(/^proxy_(abi_version|on)_/) || imports(/^env\.proxy_/),
  },
  {
    what: "an http-wasm module",
    advice: OTHER_HOST,
    is: ({ exports, imports }) => imports(/^http_handler\./) || exports(/^handle_(request|response)$/),
  },
  {
    what: "an Extism plugin",
    advice: OTHER_HOST,
    is: ({ imports }) => imports(/^extism:|^env\.extism_/),
  },
  {
    what: "an Open Policy Agent policy",
    advice: OTHER_HOST,
    is: ({ exports, imports }) => exports(/^opa_(eval|malloc|wasm_abi)/) || imports(/^env\.opa_/),
  },
  {
    what: "a waPC module",
    advice: OTHER_HOST,
    is: ({ exports, imports }) => imports(/^wapc\./) || exports(/^__guest_call$/),
  },
  {
    what: "the core of a component",
    advice: "build it without WIT bindings: a target of WASI preview 1, not preview 2",
    is: ({ exports, imports }) => imports(/^[a-z][\w-]*:[\w-]+\/|^cm32p2/) || exports(/^cabi_|^cm32p2/),
  },
  {
    what: "a module for wasm-bindgen, which needs JavaScript",
    advice: "build it for wasm32-unknown-unknown without wasm-bindgen",
    is: ({ exports, imports }) => imports(/^(wbg|__wbindgen_\w+)\./) || exports(/^__wbindgen_/),
  },
  {
    what: "a Go program for a browser",
    advice: "build it with GOOS=wasip1 and -buildmode=c-shared",
    is: ({ imports }) => imports(/^(gojs|go)\./),
  },
  {
    what: "a Go program, a command made to run once",
    advice: "build it with -buildmode=c-shared, as a WASI reactor",
    is: (module) => isCommand(module) && (module.language("Go") || module.sections(/^go[:.]buildid$/)),
  },
  {
    what: "a Rust program, a command made to run once",
    advice: 'build a library instead, crate-type "cdylib", a WASI reactor',
    is: (module) => isCommand(module) && module.language("Rust"),
  },
  {
    what: "a command, made to run once",
    advice: 'build a library instead, a WASI reactor: Rust crate-type "cdylib", Go -buildmode=c-shared, ' +
      "C -mexec-model=reactor",
    is: (module) => isCommand(module) || module.exports(/^(main|__main_void|__main_argc_argv)$/),
  },
  {
    what: "an object file",
    advice: "link it first, with wasm-ld",
    is: ({ imports, sections }) => sections(/^(linking|reloc\.)/) || imports(/^env\.__linear_memory$/),
  },
  {
    what: "a dynamic library",
    advice: "link it as a whole module",
    is: ({ sections }) => sections(/^dylink/),
  },
  {
    what: "an Emscripten module that needs its JavaScript",
    advice: "build it with -sSTANDALONE_WASM --no-entry",
    is: ({ imports }) =>
      imports(/^env\.(emscripten_(?!notify)|_?_emscripten|__syscall|invoke_|__cxa_)|^a\.[a-zA-Z]{1,2}$/),
  },
  {
    what: "a module for a JavaScript engine",
    advice: "build it for a host without JavaScript",
    is: ({ imports }) => imports(/^(wasm:js-string|js_code|dart2wasm|JsConsole)\b/),
  },
];

/** ` (this looks like ...: what would be right)`, or nothing for a module that looks like none of them. */
export function lookalike(info: ModuleInfo): string {
  const someOf = (names: readonly string[]) => (pattern: RegExp) => names.some((name) => pattern.test(name));
  const traits: Traits = {
    exports: someOf(info.exports.map(({ name }) => name)),
    imports: someOf(info.imports.map(({ module, name }) => `${module}.${name}`)),
    sections: someOf(info.customSections.map(({ name }) => name)),
    language: (name) => info.producers.some((each) => each.startsWith(`language ${name}`)),
  };
  const found = LOOKALIKES.find(({ is }) => is(traits));
  return found === undefined ? "" : ` (this looks like ${found.what}: ${found.advice})`;
}
