/**
 * `deno task release:check TAG`: a tag, the version in `deno.json`, which is the only place that has it, and `CHANGES.md` agree.
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };

/** What is wrong with a release, a line each. */
export function releaseFaults(tag: string, version: string, changes: string): readonly string[] {
  const wanted = `v${version}`;
  return [
    ...tag === wanted ? [] : [`Cannot release as the tag must be ${wanted}, after deno.json: received "${tag}"`],
    ...changes.split("\n").includes(`## ${wanted}`)
      ? []
      : [`Cannot release as CHANGES.md must have a chapter "## ${wanted}": received none`],
  ];
}

if (import.meta.main) {
  const faults = releaseFaults(Deno.args[0] ?? "", config.version, Deno.readTextFileSync("CHANGES.md"));
  for (const fault of faults) console.error(fault);
  if (faults.length > 0) Deno.exit(1);
}
