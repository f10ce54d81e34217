/**
 * What `new` can begin: a folder for each language, from the files in `starters/` and those that it shares with the examples.
 *
 * @module
 */

import type { LANGUAGE_WORDS } from "../rows/new.ts";
import { FILES } from "./files.ts";
import { readme } from "./readme.ts";

/** A language that a module can be begun in. */
export interface Language {
  /** Its name, for people. */
  readonly title: string;
  /** What a build takes. */
  readonly needs: string;
  /** Path of the file that decides. */
  readonly source: string;
  /** Path of the file that hides the ABI. */
  readonly helper: string;
  /** Text by path, without what all languages have. */
  readonly files: Readonly<Record<string, string>>;
}

/** Every language, by the word that `new` takes for it. */
export const LANGUAGES: Readonly<Record<typeof LANGUAGE_WORDS[number], Language>> = {
  rust: {
    title: "Rust",
    needs: "Rust: rustup target add wasm32-unknown-unknown",
    source: "src/lib.rs",
    helper: "src/sentinel.rs",
    files: {
      "src/lib.rs": FILES["starters/rust/src/lib.rs"],
      "src/sentinel.rs": FILES["examples/rust/src/sentinel.rs"],
      "Cargo.toml": FILES["examples/rust/Cargo.toml"],
      "Cargo.lock": FILES["examples/rust/Cargo.lock"],
      "build": FILES["examples/rust/build"],
      ".gitignore": "target/\n",
    },
  },
  go: {
    title: "Go",
    needs: "Go 1.24 or newer",
    source: "main.go",
    helper: "sentinel/sentinel.go",
    files: {
      "main.go": FILES["starters/go/main.go"],
      "sentinel/sentinel.go": FILES["examples/go/sentinel/sentinel.go"],
      "go.mod": FILES["examples/go/go.mod"],
      "build": FILES["examples/go/build"],
    },
  },
  c: {
    title: "C",
    needs: "clang 14 or newer, with lld",
    source: "policy.c",
    helper: "sentinel.h",
    files: {
      "policy.c": FILES["starters/c/policy.c"],
      "sentinel.h": FILES["examples/c/sentinel.h"],
      "build": FILES["examples/c/build"],
    },
  },
  assemblyscript: {
    title: "AssemblyScript",
    needs: "npm: npm install, or else npx fetches the compiler",
    source: "assembly/index.ts",
    helper: "assembly/sentinel.ts",
    files: {
      "assembly/index.ts": FILES["starters/assemblyscript/assembly/index.ts"],
      "assembly/sentinel.ts": FILES["examples/assemblyscript/assembly/sentinel.ts"],
      "package.json": FILES["examples/assemblyscript/package.json"],
      "tsconfig.json": FILES["examples/assemblyscript/tsconfig.json"],
      "build": FILES["examples/assemblyscript/build"],
      ".gitignore": "node_modules/\n",
    },
  },
  zig: {
    title: "Zig",
    needs: "Zig 0.17, also that of pip install ziglang==0.17.1",
    source: "src/policy.zig",
    helper: "src/sentinel.zig",
    files: {
      "src/policy.zig": FILES["starters/zig/src/policy.zig"],
      "src/sentinel.zig": FILES["examples/zig/src/sentinel.zig"],
      "build": FILES["examples/zig/build"],
      ".gitignore": ".zig-cache/\n",
    },
  },
};

/** Path of the script, which is to be executable. */
export const BUILD = "build";

/** All of a language's files, text by path. */
export function filesOf(language: Language): Readonly<Record<string, string>> {
  return {
    ...language.files,
    "cases.yaml": FILES["starters/cases.yaml"],
    "cases.schema.json": FILES["docs/cases.schema.json"],
    "README.md": readme(language),
  };
}
