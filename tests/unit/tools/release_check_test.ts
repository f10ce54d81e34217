import { assertEquals } from "@std/assert";
import { releaseFaults } from "../../../tools/release_check.ts";

const CHANGES = "# Changes\n\n## Unreleased\n\n## v1.2.3\n\n- A line.\n";
const CHAPTER = 'Cannot release as CHANGES.md must have a chapter "## v1.2.4": received none';

Deno.test.each([
  { name: "all agree", tag: "v1.2.3", version: "1.2.3", faults: [] },
  {
    name: "the tag is another",
    tag: "v1.2.4",
    version: "1.2.3",
    faults: ['Cannot release as the tag must be v1.2.3, after deno.json: received "v1.2.4"'],
  },
  {
    name: "the tag has no v",
    tag: "1.2.3",
    version: "1.2.3",
    faults: ['Cannot release as the tag must be v1.2.3, after deno.json: received "1.2.3"'],
  },
  { name: "nobody has said what changed", tag: "v1.2.4", version: "1.2.4", faults: [CHAPTER] },
])("releaseFaults() where $name", ({ tag, version, faults }) => {
  assertEquals(releaseFaults(tag, version, CHANGES), faults);
});
