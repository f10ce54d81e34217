import { join } from "@std/path";

/** Where fetched modules are kept, outside the clone. */
export function cacheFolder(): string {
  const base = Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "/tmp", ".cache");
  return join(base, "sentinel-wasm-agent", "corpus");
}

/** All `.wasm` files below a folder, by path; none if there is no such folder. */
export function* wasmFiles(folder: string): Generator<string> {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  for (const { name, isDirectory } of entries) {
    const path = join(folder, name);
    if (isDirectory) yield* wasmFiles(path);
    else if (name.endsWith(".wasm")) yield path;
  }
}
