/**
 * `@std/path` under its own name, from the npm copy of the same package, with the types of what is used here.
 *
 * @module
 */

import * as std from "deno-std/path/mod.js";

/** The last part of a path. */
export const basename: (path: string, suffix?: string) => string = std.basename;
/** The path of a path's folder. */
export const dirname: (path: string) => string = std.dirname;
/** The path of a `file:` URL. */
export const fromFileUrl: (url: string | URL) => string = std.fromFileUrl;
/** The parts as one path. */
export const join: (...parts: string[]) => string = std.join;
/** The path from one folder to another. */
export const relative: (from: string, to: string) => string = std.relative;
/** The parts as one absolute path, resolved against the working folder. */
export const resolve: (...parts: string[]) => string = std.resolve;
