import { type Fd, wasi as defs } from "@bjorn3/browser_wasi_shim";
import { viewGuest } from "../memory.ts";
import type { HostContext } from "./mod.ts";
import { endIfExpired, inPieces } from "./pieces.ts";

/** Most buffers of one call, and most bytes in them together: IOV_MAX and SSIZE_MAX of POSIX on 32 bits. */
export const MAX_BUFFERS = 1024;
export const MAX_BYTES = 0x7fff_ffff;

/** Bytes taken between two looks at the deadline: 2,048 lines of one letter take 1 ms. */
const PIECE_BYTES = 4096;
const IOVEC_BYTES = 8;

/**
 * `fd_write`: all buffers lie in memory, or nothing is written.
 *
 * The shim's own copies each buffer as a whole, and one call can name the same 128 MiB a thousand times.
 *
 * @param file What is written to; undefined if nothing is open there.
 * @throws {GuestError} `GUEST_OUT_OF_BOUNDS`.
 */
export function writeBuffers(
  context: HostContext,
  file: Fd | undefined,
  iovecs: number,
  count: number,
  writtenAt: number,
): number {
  if (file === undefined) return defs.ERRNO_BADF;
  if (count > MAX_BUFFERS) return defs.ERRNO_INVAL;
  const memory = context.memory();
  const buffers = readBuffers(memory, iovecs, count);
  if (buffers.reduce((sum, { length }) => sum + length, 0) > MAX_BYTES) return defs.ERRNO_INVAL;
  let written = 0;
  let errno: number = defs.ERRNO_SUCCESS;
  for (const buffer of buffers) {
    if (written > 0) endIfExpired(context);
    inPieces(context, buffer.length, PIECE_BYTES, (start, end) => {
      if (errno !== defs.ERRNO_SUCCESS) return;
      const { ret, nwritten } = file.fd_write(buffer.subarray(start, end));
      errno = ret;
      written += nwritten;
    });
  }
  new DataView(memory.buffer).setUint32(writtenAt, written, true);
  return errno;
}

function readBuffers(memory: WebAssembly.Memory, iovecs: number, count: number): Uint8Array[] {
  const list = viewGuest(memory, iovecs, count * IOVEC_BYTES, "list of buffers");
  const view = new DataView(list.buffer, list.byteOffset, list.byteLength);
  return Array.from({ length: count }, (_, index) => {
    const at = index * IOVEC_BYTES;
    return viewGuest(memory, view.getUint32(at, true), view.getUint32(at + 4, true), "buffer");
  });
}
