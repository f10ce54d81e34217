/**
 * Programs of the system that a measurement needs.
 *
 * @module
 */

import { join } from "@std/path";

/** Where Debian has servers, and not every PATH leads. */
const SERVERS = "/usr/sbin";

/** Path of an installed program. @param path Folders to look in. @throws {Error} that says how to install it. */
export function programPath(name: "wrk" | "nginx", path: string = Deno.env.get("PATH") ?? ""): string {
  for (const folder of [...path.split(":"), SERVERS]) {
    const file = join(folder, name);
    try {
      if (Deno.statSync(file).isFile) return file;
    } catch {
      // It is not there.
    }
  }
  throw new Error(`${name} is not installed: run apt-get install -y --no-install-recommends ${name}`);
}
