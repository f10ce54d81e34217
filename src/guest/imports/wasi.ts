/**
 * WASI preview 1 for reactor modules: clocks, random numbers, empty arguments and environment, stdout and stderr as log lines.
 * No files, no sockets, no sleeping.
 *
 * `@bjorn3/browser_wasi_shim` does the struct layouts. What a hostile guest could make it do without end is bounded here.
 *
 * @module
 */

import { ConsoleStdout, Fd, WASI, wasi as defs } from "@bjorn3/browser_wasi_shim";
import type { ValueType } from "../../wasm/mod.ts";
import { LineSplitter } from "../output.ts";
import type { HostContext, HostFunction } from "./mod.ts";
import { fillRandom } from "./random.ts";
import { type ImportTypes, signature } from "./signature.ts";
import { writeBuffers } from "./wasi_write.ts";

/** Import module names of WASI preview 1. */
export const WASI_MODULES: readonly string[] = ["wasi_snapshot_preview1"];

/** A function that returns an error number. */
const errno = (...params: ValueType[]) => signature(params, ["i32"]);
/** The same, its parameters so many i32. */
const errnoOf = (params: number) => errno(...Array(params).fill("i32"));

/** Import name to type. Source: wasi_snapshot_preview1.witx. */
export const WASI_TYPES: ImportTypes = new Map([
  ["args_get", errnoOf(2)],
  ["args_sizes_get", errnoOf(2)],
  ["environ_get", errnoOf(2)],
  ["environ_sizes_get", errnoOf(2)],
  ["clock_res_get", errnoOf(2)],
  ["clock_time_get", errno("i32", "i64", "i32")],
  ["fd_advise", errno("i32", "i64", "i64", "i32")],
  ["fd_allocate", errno("i32", "i64", "i64")],
  ["fd_close", errno("i32")],
  ["fd_datasync", errno("i32")],
  ["fd_fdstat_get", errnoOf(2)],
  ["fd_fdstat_set_flags", errnoOf(2)],
  ["fd_fdstat_set_rights", errno("i32", "i64", "i64")],
  ["fd_filestat_get", errnoOf(2)],
  ["fd_filestat_set_size", errno("i32", "i64")],
  ["fd_filestat_set_times", errno("i32", "i64", "i64", "i32")],
  ["fd_pread", errno("i32", "i32", "i32", "i64", "i32")],
  ["fd_prestat_dir_name", errnoOf(3)],
  ["fd_prestat_get", errnoOf(2)],
  ["fd_pwrite", errno("i32", "i32", "i32", "i64", "i32")],
  ["fd_read", errnoOf(4)],
  ["fd_readdir", errno("i32", "i32", "i32", "i64", "i32")],
  ["fd_renumber", errnoOf(2)],
  ["fd_seek", errno("i32", "i64", "i32", "i32")],
  ["fd_sync", errno("i32")],
  ["fd_tell", errnoOf(2)],
  ["fd_write", errnoOf(4)],
  ["path_create_directory", errnoOf(3)],
  ["path_filestat_get", errnoOf(5)],
  ["path_filestat_set_times", errno("i32", "i32", "i32", "i32", "i64", "i64", "i32")],
  ["path_link", errnoOf(7)],
  ["path_open", errno("i32", "i32", "i32", "i32", "i32", "i64", "i64", "i32", "i32")],
  ["path_readlink", errnoOf(6)],
  ["path_remove_directory", errnoOf(3)],
  ["path_rename", errnoOf(6)],
  ["path_symlink", errnoOf(5)],
  ["path_unlink_file", errnoOf(3)],
  ["poll_oneoff", errnoOf(4)],
  ["proc_exit", signature(["i32"])],
  ["proc_raise", errno("i32")],
  ["random_get", errnoOf(2)],
  ["sched_yield", errno()],
  ["sock_accept", errnoOf(3)],
  ["sock_recv", errnoOf(6)],
  ["sock_send", errnoOf(5)],
  ["sock_shutdown", errnoOf(2)],
]);

/** Always at its end, and nothing to write to: a file of the shim's grows in the agent's own memory, as far as a guest likes. */
class EmptyInput extends Fd {
  override fd_fdstat_get() {
    return { ret: defs.ERRNO_SUCCESS, fdstat: new defs.Fdstat(defs.FILETYPE_CHARACTER_DEVICE, 0) };
  }

  override fd_read() {
    return { ret: defs.ERRNO_SUCCESS, data: new Uint8Array(0) };
  }
}

/** The host's side of {@linkcode WASI_TYPES}. */
export function wasiImports(context: HostContext): Record<string, HostFunction> {
  const lines = {
    stdout: new LineSplitter((line) => context.output("stdout", line), context.lastWords),
    stderr: new LineSplitter((line) => context.output("stderr", line), context.lastWords),
  };
  const fds: Fd[] = [
    new EmptyInput(),
    new ConsoleStdout((bytes) => lines.stdout.write(bytes)),
    new ConsoleStdout((bytes) => lines.stderr.write(bytes)),
  ];
  const shim = new WASI([], [], fds, { debug: false });
  shim.inst = {
    exports: {
      get memory() {
        return context.memory();
      },
    },
  };
  const functions: Record<string, HostFunction> = { ...shim.wasiImport };
  for (const name of WASI_TYPES.keys()) {
    if (name.startsWith("path_")) functions[name] = () => defs.ERRNO_BADF;
    if (name.startsWith("sock_")) functions[name] = () => defs.ERRNO_NOTSOCK;
  }
  const isOpen = (fd: number) => fds[fd] !== undefined;
  return {
    ...functions,
    // No file here has places, and the shim would copy what is to be written before it says so.
    fd_pread: (fd: number) => isOpen(fd) ? defs.ERRNO_NOTSUP : defs.ERRNO_BADF,
    fd_pwrite: (fd: number) => isOpen(fd) ? defs.ERRNO_NOTSUP : defs.ERRNO_BADF,
    // Nothing is ever read, so one buffer tells as much as a million.
    fd_read: (fd: number, iovecs: number, count: number, readAt: number) =>
      shim.wasiImport.fd_read?.(fd, iovecs, Math.min(count, 1), readAt),
    fd_write: (fd: number, iovecs: number, count: number, writtenAt: number) =>
      writeBuffers(context, fds[fd], iovecs, count, writtenAt),
    fd_readdir: () => defs.ERRNO_NOTDIR,
    fd_renumber: () => defs.ERRNO_NOTSUP,
    // Go ends a fatal error with a sleep: success without a wait, or its message becomes "panic during panic".
    poll_oneoff: () => defs.ERRNO_SUCCESS,
    proc_exit: (status: number) => {
      context.abort("GUEST_EXITED", `proc_exit(${status | 0})`);
    },
    proc_raise: (signal: number) => context.abort("GUEST_EXITED", `proc_raise(${signal})`),
    random_get: (pointer: number, length: number) => {
      fillRandom(context, pointer, length);
      return defs.ERRNO_SUCCESS;
    },
    sched_yield: () => defs.ERRNO_SUCCESS,
  };
}
