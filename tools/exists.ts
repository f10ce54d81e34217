/**
 * Whether there is a file.
 *
 * @module
 */

/** True if anything is at a path, a link that leads nowhere among it. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
