/**
 * The file that is opened again and again to count descriptors.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import type { AgentConfig } from "../config/mod.ts";

/** A module's file, which the agent may read anyway. With `--lock-in` it may not, and a file of the program's own is taken if it has one. */
export function countedFile({ lockIn, modules: [{ path }] }: AgentConfig): string {
  // What is packed into an executable is no file, and opening it takes no descriptor.
  if (!lockIn || Deno.build.standalone || !import.meta.url.startsWith("file:")) return path;
  const own = fromFileUrl(import.meta.url);
  return Deno.permissions.querySync({ name: "read", path: own }).state === "granted" ? own : path;
}
