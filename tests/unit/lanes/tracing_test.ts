import { assertEquals } from "@std/assert";
import { tracer } from "../../../src/lanes/mod.ts";

Deno.test("tracer() looks at nothing where nobody has switched tracing on", async () => {
  assertEquals(Object.keys(await tracer()), []);
});
