import { ModuleError } from "../../src/errors.ts";
import { instrumentModule } from "../../src/wasm/mod.ts";

/** What became of the mutants: how many V8 takes, and how the rewrite refused some of those. */
export interface MutationReport {
  readonly mutants: number;
  readonly valid: number;
  readonly refused: ReadonlyMap<string, number>;
}

const OPTIONS = { maxMemoryPages: 65_536, maxTableEntries: 10_000_000, allowGc: true };

/** The same numbers for the same seed (xorshift), which must not be 0. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/**
 * Changes one to three bytes of a module at a time and rewrites the result.
 *
 * Throws with the mutant's bytes if the rewrite accepts what V8 does not, makes something that V8 does not take, or fails
 * otherwise than with a ModuleError.
 */
export function mutate(modules: readonly Uint8Array<ArrayBuffer>[], mutants: number, seed: number): MutationReport {
  const random = generator(seed);
  const refused = new Map<string, number>();
  let valid = 0;
  for (let i = 0; i < mutants; i++) {
    const bytes = modules[random(modules.length)]?.slice() ?? new Uint8Array();
    for (let changes = 1 + random(3); changes > 0; changes--) change(bytes, random);
    const isValid = WebAssembly.validate(bytes);
    if (isValid) valid++;
    const outcome = attempt(bytes);
    if (outcome === "rewritten" ? !isValid : outcome.startsWith("!")) {
      throw new Error(`Mutant ${i} of seed ${seed}: ${outcome}, ${isValid ? "valid" : "invalid"}: ${toHex(bytes)}`);
    }
    if (isValid && outcome !== "rewritten") refused.set(outcome, (refused.get(outcome) ?? 0) + 1);
  }
  return { mutants, valid, refused };
}

function change(bytes: Uint8Array<ArrayBuffer>, random: (below: number) => number): void {
  const at = 8 + random(Math.max(1, bytes.length - 8));
  const old = bytes[at] ?? 0;
  bytes[at] = [old ^ (1 << random(8)), random(256), old + 1, old | 0x80][random(4)] ?? 0;
}

function attempt(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    return WebAssembly.validate(instrumentModule(bytes, OPTIONS).bytes) ? "rewritten" : "!the output is invalid";
  } catch (error) {
    return error instanceof ModuleError ? error.code : `!${error}`;
  }
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
