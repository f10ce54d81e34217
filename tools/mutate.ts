/**
 * Makes small changes to `src/`, one at a time and in a copy, and tells which of them no unit test notices.
 *
 *     deno task mutate [--seed N] [--count N] [--minutes N] [PATH...]
 *
 * What survives is a branch or a limit that no test shows, or a change that makes no difference: a person has to look.
 *
 * @module
 */

import { dirname, join } from "@std/path";
import { findMutations, mutate, type Mutation } from "./mutations.ts";
import { exists } from "./exists.ts";

const DEFAULT_COUNT = 40;
const DEFAULT_MINUTES = 10;
const UNIT = "tests/unit";
/** A test that runs longer has met a loop without an end: the change is noticed. */
const MAX_TEST_MS = 90_000;
/** What a copy needs for its unit tests. */
const COPIED = ["deno.json", "deno.lock", "main.ts", "src", "tests", "tools", "examples", "docs", "README.md"];

/** Whole numbers below `limit`, the same for the same seed (xorshift). */
function numbers(seed: number): (limit: number) => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

function* sources(path: string): Generator<string> {
  if (Deno.statSync(path).isFile) {
    if (path.endsWith(".ts")) yield path;
    return;
  }
  for (const { name } of [...Deno.readDirSync(path)].sort((a, b) => a.name < b.name ? -1 : 1)) {
    yield* sources(join(path, name));
  }
}

/** Where the tests of a source are, the nearest first: a file of its own, its folder, the folders around that. */
function testsOf(source: string): string[] {
  const unit = source.replace(/^src\//, `${UNIT}/`);
  const places = [unit.replace(/\.ts$/, "_test.ts")];
  for (let folder = dirname(unit); folder !== UNIT && folder !== "."; folder = dirname(folder)) places.push(folder);
  return places.filter(exists);
}

/** True if all tests there pass. */
async function passes(copy: string, tests: string): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["test", "--allow-all", "--no-check", "--quiet", "--fail-fast"],
      ...["--frozen", "--lock=deno.lock", "--v8-flags=--no-wasm-lazy-compilation", tests],
    ],
    cwd: copy,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    signal: AbortSignal.timeout(MAX_TEST_MS),
  }).output();
  return success;
}

function lineOf(source: string, at: number): number {
  return source.slice(0, at).split("\n").length;
}

/** One of the changes that a source allows, each kind of them as likely as another. */
function choose(mutations: readonly Mutation[], below: (limit: number) => number): Mutation | undefined {
  const kinds = [...new Set(mutations.map(({ kind }) => kind))];
  const kind = kinds[below(kinds.length)];
  const some = mutations.filter((mutation) => mutation.kind === kind);
  return some[below(some.length)];
}

/** Which of some changes no test in the copy notices; reports each as it is found. */
class Survivors {
  noticed = 0;
  survived = 0;
  readonly #copy: string;
  /** Whether the tests at a place pass without a change. */
  readonly #sound = new Map<string, boolean>();

  constructor(copy: string) {
    this.#copy = copy;
  }

  /** Places whose tests fail without a change, and so notice nothing. */
  get unsound(): string[] {
    return [...this.#sound].filter(([, passed]) => !passed).map(([tests]) => tests);
  }

  async try(file: string, source: string, mutation: Mutation): Promise<void> {
    for (const tests of testsOf(file)) {
      if (await this.#notices(tests, file, source, mutation)) {
        this.noticed++;
        return;
      }
    }
    this.survived++;
    const line = lineOf(source, mutation.at);
    console.log(`\n${file}:${line}: ${mutation.kind}, ${mutation.before} became ${mutation.after || "nothing"}`);
    console.log(`  ${source.split("\n")[line - 1]?.trim()}`);
  }

  async #notices(tests: string, file: string, source: string, mutation: Mutation): Promise<boolean> {
    const path = join(this.#copy, file);
    if (!this.#sound.has(tests)) this.#sound.set(tests, await passes(this.#copy, tests));
    if (this.#sound.get(tests) === false) return false;
    Deno.writeTextFileSync(path, mutate(source, mutation));
    const noticed = !await passes(this.#copy, tests);
    Deno.writeTextFileSync(path, source);
    return noticed;
  }
}

interface Options {
  readonly seed: number;
  readonly count: number;
  readonly minutes: number;
  readonly paths: readonly string[];
}

/** What the words of the command line ask for; undefined for what is none of it. */
function parseOptions(words: readonly string[]): Options | undefined {
  const paths: string[] = [];
  const numbers = { seed: Math.floor(Math.random() * 1_000_000), count: DEFAULT_COUNT, minutes: DEFAULT_MINUTES };
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (!word.startsWith("--")) {
      paths.push(word);
      continue;
    }
    const name = word.slice(2);
    const value = Number(words[++at] ?? NaN);
    if ((name !== "seed" && name !== "count" && name !== "minutes") || !(value >= 0)) return undefined;
    numbers[name] = value;
  }
  return { ...numbers, paths: paths.length === 0 ? ["src"] : paths };
}

async function run({ seed, count, minutes, paths }: Options, copy: string): Promise<void> {
  const until = Date.now() + minutes * 60_000;
  const below = numbers(seed);
  const files = paths.flatMap((path) => [...sources(path)]).filter((file) =>
    testsOf(file).length > 0 && findMutations(Deno.readTextFileSync(file)).length > 0
  );
  console.log(`seed ${seed}: ${count} changes to ${files.length} files, ${minutes} minutes at most`);
  const survivors = new Survivors(copy);
  const tried = new Set<string>();
  // The same change is not made twice, so there may be fewer than were asked for.
  for (let turn = 0; tried.size < count && turn < 10 * count && Date.now() < until; turn++) {
    const file = files[below(files.length)];
    if (file === undefined) break;
    const source = Deno.readTextFileSync(file);
    const mutation = choose(findMutations(source), below);
    if (mutation === undefined || tried.has(`${file}:${mutation.at}`)) continue;
    tried.add(`${file}:${mutation.at}`);
    await survivors.try(file, source, mutation);
  }
  for (const tests of survivors.unsound) console.log(`\nnot asked, because it fails without a change: ${tests}`);
  console.log(`\n${tried.size} changes: ${survivors.noticed} noticed, ${survivors.survived} not`);
}

const options = parseOptions(Deno.args);
if (options === undefined) {
  console.error("Usage: deno task mutate [--seed N] [--count N] [--minutes N] [PATH...]");
  Deno.exit(2);
}
const copy = Deno.makeTempDirSync({ prefix: "mutate-" });
try {
  const { success } = await new Deno.Command("cp", { args: ["-r", ...COPIED, copy] }).output();
  if (!success) {
    throw new Error(`Cannot copy the sources as they must be in the working directory: received ${Deno.cwd()}`);
  }
  await run(options, copy);
} finally {
  Deno.removeSync(copy, { recursive: true });
}
