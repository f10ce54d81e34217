/**
 * The small guests of this folder, each named by what it does, as Wasm.
 *
 * A file that does not begin with `(module` gets `prelude.wat` behind it: memory, `alloc`, `dealloc` and a handler that allows all
 * requests but those with a `!` in them; these it hands to the file's function `$misbehave`.
 *
 * @module
 */

import wabt from "wabt";

let toolkit: ReturnType<typeof wabt> | undefined;

const FEATURES = {
  bulk_memory: true,
  multi_memory: true,
  exceptions: true,
  mutable_globals: true,
  sign_extension: true,
  simd: true,
};

/**
 * Wasm of a module's text.
 *
 * @param names Whether it gets a name section.
 * @throws {Error} naming line and column if the text is wrong.
 */
export async function assemble(name: string, text: string, names = false): Promise<Uint8Array<ArrayBuffer>> {
  const { parseWat } = await (toolkit ??= wabt());
  const module = parseWat(name, text, FEATURES);
  try {
    return new Uint8Array(module.toBinary({ write_debug_names: names }).buffer);
  } finally {
    module.destroy();
  }
}

/** Wasm of `NAME.wat` in this folder. */
export async function buildGuest(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return await assembleGuest(name, await read(`${name}.wat`));
}

/** Wasm of a guest's text, with the prelude if it is no whole module, and a name section if it is to have one. */
export async function assembleGuest(name: string, text: string, names = false): Promise<Uint8Array<ArrayBuffer>> {
  if (/^\(module/m.test(text)) return await assemble(name, text, names);
  return await assemble(name, `(module\n${text}\n${await read("prelude.wat")})`, names);
}

async function read(file: string): Promise<string> {
  return await Deno.readTextFile(new URL(file, import.meta.url));
}
