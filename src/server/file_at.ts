/**
 * What is at a path at this moment, links not followed.
 *
 * @module
 */

/** Undefined if nothing is there. */
export function lstat(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw cause;
  }
}

/** Tells one file from another that has taken its path. */
export function inode(path: string): number | null | undefined {
  return lstat(path)?.ino;
}
