/**
 * Becomes another program: same process, same signals, same exit code, and no memory held for standing by. Deno itself can only start
 * a child.
 *
 * @module
 */

/** What the C libraries differ in: their file, the number of `SIG_BLOCK`, and that of `SIGUSR1`. */
const LINUX = { file: "libc.so.6", block: 0, usr1: 10 };
const DARWIN = { file: "libSystem.B.dylib", block: 1, usr1: 30 };

/** Bytes of a `sigset_t`; macOS uses the first four. */
const SIGNAL_SET_BYTES = 128;

/**
 * Never returns. SIGUSR1 stays blocked in the program: Deno 2.9.6 opens the inspector on it, on 127.0.0.1:9229, and a listener for the
 * signal does not keep it from that.
 *
 * @throws {Error} if `file` cannot be run.
 */
export function exec(file: string, args: readonly string[]): never {
  const system = Deno.build.os === "darwin" ? DARWIN : LINUX;
  const libc = Deno.dlopen(system.file, {
    execv: { parameters: ["buffer", "buffer"], result: "i32" },
    pthread_sigmask: { parameters: ["i32", "buffer", "pointer"], result: "i32" },
  });
  const signals = new Uint8Array(SIGNAL_SET_BYTES);
  new DataView(signals.buffer).setUint32(0, 1 << system.usr1 - 1, true);
  libc.symbols.pthread_sigmask(system.block, signals, null);
  const texts = [file, ...args].map((text) => new TextEncoder().encode(`${text}\0`));
  // A list of addresses that ends with a 0.
  const addresses = new BigUint64Array(texts.length + 1);
  for (const [index, text] of texts.entries()) {
    addresses[index] = BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(text)));
  }
  libc.symbols.execv(texts[0]!, addresses);
  throw new Error(`Cannot run "${file}" as the system must allow it: received a refusal`);
}
