/**
 * Which files a configuration names.
 *
 * @module
 */

import type { AgentConfig } from "./config.ts";

/** Files that an agent's configuration and modules come from. */
export function lookedAtBy({ file, modules }: AgentConfig): readonly string[] {
  const files = modules.flatMap(({ path, configuration }) =>
    "path" in configuration ? [path, configuration.path] : [path]
  );
  return file === undefined ? files : [file, ...files];
}
