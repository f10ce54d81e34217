/**
 * Generates modules near and over each bound of what V8's compilers may have to do, and runs each in an agent of its
 * own, see `judge.ts`.
 *
 *     deno task hostile --minutes 60
 *     deno task hostile --seed 7 --family calls --modules 1
 *
 * The size of a module lies between half of the largest that is accepted and a fifth above it. A module depends on its
 * seed alone, which is printed; one that fails is kept.
 *
 * @module
 */

import { ModuleError } from "../../src/errors.ts";
import { instrumentModule } from "../../src/wasm/mod.ts";
import { FAMILIES, type Family } from "./families/mod.ts";
import { guestOf } from "./guest.ts";
import { judge } from "./judge.ts";
import { Mix } from "./mix.ts";
import { Random } from "./random.ts";

const DEFAULT_MINUTES = 2;
const MAX_SIZE = 4_000_000;
/** After doubling: each halves what is not known of the largest size. */
const HALVINGS = 4;
/** The limits of the options' defaults. */
const OPTIONS = { maxMemoryPages: 2048, maxTableEntries: 200_000, allowGc: false };

interface Hostile {
  readonly what: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly isRefused: boolean;
}

/** The module of a seed: with the same seed always the same. */
function hostileOf(family: Family, seed: number): Hostile {
  const random = new Random(seed);
  const copies = random.of([1, 1, 1, 2, 5]);
  const memories = random.of([2, 2, 5, 90]);
  const buildSeed = random.next();
  let mix = "";
  const build = (size: number): Uint8Array<ArrayBuffer> => {
    const again = new Random(buildSeed);
    const mixed = new Mix(again);
    mix = mixed.name;
    return guestOf(family.build(size, again, mixed), copies, memories);
  };
  const most = largestAccepted(build);
  const size = Math.max(1, Math.round(most * (0.5 + random.below(700) / 1000)));
  const bytes = build(size);
  const what = `${family.name}, ${size} of at most some ${most}, ${copies} times, ${memories} memories, ${mix}, ` +
    `${bytes.length >> 10} KiB`;
  return { what, bytes, isRefused: !isAccepted(bytes) };
}

function largestAccepted(build: (size: number) => Uint8Array<ArrayBuffer>): number {
  let low = 1;
  let high = 2;
  while (high < MAX_SIZE && isAccepted(build(high))) [low, high] = [high, 2 * high];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = Math.round((low + high) / 2);
    if (isAccepted(build(middle))) low = middle;
    else high = middle;
  }
  return low;
}

/** @throws {Error} for a module that is refused otherwise than for its size: then the family is wrong. */
function isAccepted(bytes: Uint8Array<ArrayBuffer>): boolean {
  try {
    instrumentModule(bytes, OPTIONS);
    return true;
  } catch (error) {
    if (error instanceof ModuleError && error.code.endsWith("_TOO_LARGE")) return false;
    throw error;
  }
}

/** A module does the same each time; what other programs do to the machine for a moment does not count. */
async function judgeTwice({ bytes, isRefused, what }: Hostile): Promise<string> {
  try {
    return await judge(bytes, isRefused);
  } catch (error) {
    console.log(`once more: ${what}: ${error instanceof Error ? error.message : error}`);
    return await judge(bytes, isRefused);
  }
}

function option(name: string): string | undefined {
  const at = Deno.args.indexOf(name);
  return at < 0 ? undefined : Deno.args[at + 1];
}

async function main(): Promise<number> {
  const [minutes, seed, modules, family] = ["--minutes", "--seed", "--modules", "--family"].map(option);
  const families = FAMILIES.filter(({ name }) => family === undefined || name === family);
  if (families.length === 0) throw new Error(`no family "${family}": ${FAMILIES.map(({ name }) => name).join(", ")}`);
  const until = performance.now() + Number(minutes ?? DEFAULT_MINUTES) * 60_000;
  const first = seed === undefined ? Math.floor(Math.random() * 1e6) : Number(seed);
  // Another family begins each time, as a short run does not come to all of them.
  const offset = family === undefined ? first : 0;
  let passed = 0;
  let failed = 0;
  for (let i = 0; i < Number(modules ?? Infinity) && performance.now() < until; i++) {
    const row = families[(offset + i) % families.length];
    if (row === undefined) break;
    const hostile = hostileOf(row, first + i);
    try {
      console.log(`ok ${hostile.what}: ${await judgeTwice(hostile)}`);
      passed++;
    } catch (error) {
      failed++;
      const kept = Deno.makeTempFileSync({ prefix: "hostile-", suffix: ".wasm" });
      Deno.writeFileSync(kept, hostile.bytes);
      console.log(`FAILED ${hostile.what}: ${error instanceof Error ? error.message : error}`);
      console.log(`  deno task hostile --seed ${first + i} --family "${row.name}" --modules 1; the module: ${kept}`);
    }
  }
  console.log(`hostile modules from seed ${first}: ${passed} passed, ${failed} failed`);
  return failed;
}

if (import.meta.main) Deno.exit(await main() === 0 ? 0 : 1);
