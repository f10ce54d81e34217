/**
 * `@std/path` under its own name, from the npm copy of the same package, with the types of what is used here.
 *
 * The copy's list of all its functions loads twice as many files, and asks Node's `process` for the system, which loads 30 more: 3 MiB
 * that nothing else needs.
 *
 * @module
 */

import { basename as posixBasename } from "deno-std/path/posix/basename.js";
import { dirname as posixDirname } from "deno-std/path/posix/dirname.js";
import { fromFileUrl as posixFromFileUrl } from "deno-std/path/posix/from_file_url.js";
import { isAbsolute as posixIsAbsolute } from "deno-std/path/posix/is_absolute.js";
import { join as posixJoin } from "deno-std/path/posix/join.js";
import { relative as posixRelative } from "deno-std/path/posix/relative.js";
import { resolve as posixResolve } from "deno-std/path/posix/resolve.js";
import { basename as windowsBasename } from "deno-std/path/windows/basename.js";
import { dirname as windowsDirname } from "deno-std/path/windows/dirname.js";
import { fromFileUrl as windowsFromFileUrl } from "deno-std/path/windows/from_file_url.js";
import { isAbsolute as windowsIsAbsolute } from "deno-std/path/windows/is_absolute.js";
import { join as windowsJoin } from "deno-std/path/windows/join.js";
import { relative as windowsRelative } from "deno-std/path/windows/relative.js";
import { resolve as windowsResolve } from "deno-std/path/windows/resolve.js";

const isWindows = Deno.build.os === "windows";
const isAbsolute: (path: string) => boolean = isWindows ? windowsIsAbsolute : posixIsAbsolute;
const resolveFrom: (...parts: string[]) => string = isWindows ? windowsResolve : posixResolve;

/** The last part of a path. */
export const basename: (path: string, suffix?: string) => string = isWindows ? windowsBasename : posixBasename;
/** The path of a path's folder. */
export const dirname: (path: string) => string = isWindows ? windowsDirname : posixDirname;
/** The path of a `file:` URL. */
export const fromFileUrl: (url: string | URL) => string = isWindows ? windowsFromFileUrl : posixFromFileUrl;
/** The parts as one path. */
export const join: (...parts: string[]) => string = isWindows ? windowsJoin : posixJoin;
/** The path from one folder to another. */
export const relative: (from: string, to: string) => string = isWindows ? windowsRelative : posixRelative;

/** The parts as one absolute path, resolved against the working folder. */
export function resolve(...parts: string[]): string {
  // Without the working folder, the copy asks `process` for it.
  return parts.some(isAbsolute) ? resolveFrom(...parts) : resolveFrom(Deno.cwd(), ...parts);
}
