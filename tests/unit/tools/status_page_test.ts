import { assert, assertEquals } from "@std/assert";
import { PAGE, PAGE_POLICY } from "../../../src/ops/admin/page.ts";
import { statusPage } from "../../../tools/status_page.ts";

Deno.test("src/ops/admin/page.ts is what deno run tools/status_page.ts makes", async () => {
  const made = Deno.readTextFileSync(new URL("../../../src/ops/admin/page.ts", import.meta.url));
  assertEquals(made === await statusPage(), true);
});

Deno.test("the status page asks for nothing from elsewhere, and its policy has no hole", () => {
  const urls = [...PAGE.matchAll(/(?:https?:)?\/\/[\w.-]+/g)].map(([url]) => url);
  // Names of what a drawing is, which nobody fetches.
  assertEquals([...new Set(urls)].filter((url) => url !== "http://www.w3.org"), []);
  assert(!/unsafe|\*|https?:/.test(PAGE_POLICY), PAGE_POLICY);
  assert(!/innerHTML|insertAdjacentHTML|eval\(| style="| on\w+="/.test(PAGE));
});
