import { assertEquals } from "@std/assert";
import { errorsPage } from "../../../tools/errors_page.ts";

/** The lines of a page without what only formats them. */
function words(page: string): readonly string[] {
  return page.replace(/-{3,}/g, "---").split(/\n(?=[|#])|\n\n/).map((line) => line.replace(/\s+/g, " ").trim())
    .filter((line) => line !== "");
}

Deno.test("docs/errors.md is what deno run tools/errors_page.ts prints", () => {
  const page = Deno.readTextFileSync(new URL("../../../docs/errors.md", import.meta.url));
  assertEquals(words(page), words(errorsPage()));
});
