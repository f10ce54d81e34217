/**
 * What a service manager does before it starts an agent: a listening socket that outlives agents. Deno has no listener that it would
 * hand on to a child, so the C library makes this one.
 *
 * @module
 */

/** Of Linux; macOS differs in the layout of the address alone. */
const AF_UNIX = 1, SOCK_STREAM = 1, BACKLOG = 4096;

/** A socket that listens, to be handed to agents. */
export interface HandedOver extends Disposable {
  readonly path: string;
  /** Its descriptor in this process, which children inherit. */
  readonly fd: number;
}

/** Opens a socket that nobody accepts from yet. */
export function activate(path: string): HandedOver {
  const libc = Deno.dlopen(Deno.build.os === "darwin" ? "libSystem.B.dylib" : "libc.so.6", {
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    listen: { parameters: ["i32", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  });
  const bytes = new TextEncoder().encode(path);
  const address = new Uint8Array(2 + bytes.length + 1);
  if (Deno.build.os === "darwin") address.set([address.length, AF_UNIX]);
  else address.set([AF_UNIX, 0]);
  address.set(bytes, 2);
  const fd = libc.symbols.socket(AF_UNIX, SOCK_STREAM, 0);
  if (libc.symbols.bind(fd, address, address.length) !== 0 || libc.symbols.listen(fd, BACKLOG) !== 0) {
    throw new Error(`no socket at ${path}`);
  }
  return {
    path,
    fd,
    [Symbol.dispose]() {
      libc.symbols.close(fd);
      libc.close();
    },
  };
}
