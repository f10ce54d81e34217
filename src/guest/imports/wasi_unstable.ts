/**
 * WASI's preview 0, `wasi_unstable`, in terms of preview 1: its functions have the same names and types.
 *
 * What differs in memory and can be reached without files is the status of a file, which has 56 bytes and not 64. No file
 * here can be sought or slept on, the other differences.
 *
 * @see https://github.com/WebAssembly/WASI/blob/main/legacy/preview0/witx/typenames.witx
 *
 * @module
 */

import { wasi as defs } from "@bjorn3/browser_wasi_shim";
import { viewGuest } from "../memory.ts";
import type { HostContext, HostFunction } from "./mod.ts";

/** Import module name of WASI preview 0. */
export const WASI_UNSTABLE = "wasi_unstable";

const FILESTAT_BYTES = 56;
const FILETYPE_AT = 16;
const LAST_STREAM = 2;

/** Preview 0's functions, `preview1` being those of its successor. */
export function wasiUnstableImports(
  preview1: Readonly<Record<string, HostFunction>>,
  context: HostContext,
): Record<string, HostFunction> {
  return {
    ...preview1,
    fd_filestat_get: (fd: number, pointer: number) => {
      if (fd > LAST_STREAM) return defs.ERRNO_BADF;
      const status = viewGuest(context.memory(), pointer, FILESTAT_BYTES, "file status").fill(0);
      status[FILETYPE_AT] = defs.FILETYPE_CHARACTER_DEVICE;
      return defs.ERRNO_SUCCESS;
    },
  };
}
