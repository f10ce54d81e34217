/**
 * Becomes another program: same process, same signals, same exit code, and no memory held for standing by. Deno itself can only start
 * a child.
 *
 * @module
 */

const LIBC: Readonly<Record<string, string>> = { darwin: "libSystem.B.dylib" };

/** Never returns. @throws {Error} if `file` cannot be run. */
export function exec(file: string, args: readonly string[]): never {
  const libc = Deno.dlopen(LIBC[Deno.build.os] ?? "libc.so.6", {
    execv: { parameters: ["buffer", "buffer"], result: "i32" },
  });
  const texts = [file, ...args].map((text) => new TextEncoder().encode(`${text}\0`));
  // A list of addresses that ends with a 0.
  const addresses = new BigUint64Array(texts.length + 1);
  for (const [index, text] of texts.entries()) {
    addresses[index] = BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(text)));
  }
  libc.symbols.execv(texts[0]!, addresses);
  throw new Error(`Cannot run "${file}" as the system must allow it: received a refusal`);
}
