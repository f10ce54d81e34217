import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseRecord } from "../../../src/config/mod.ts";
import { ConfigError } from "../../../src/errors.ts";

Deno.test("parseRecord() records nothing without a path", () => {
  assertEquals(parseRecord("", 1, ""), undefined);
});

Deno.test("parseRecord() hides the usual secrets, and besides what is named", () => {
  const usual = parseRecord("r", 2, "");
  const more = parseRecord("r", 2, " X-Session ,?Sid,-cookie,-?code,");
  assertEquals([usual?.path, usual?.maxBytes], ["r", 2 * 1024 * 1024]);
  for (const name of ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"]) {
    assert(usual?.headers.includes(name), name);
  }
  assert(usual?.parameters.includes("code"));
  assertEquals(more?.headers, [...usual!.headers.filter((name) => name !== "cookie"), "x-session"]);
  assertEquals(more?.parameters, [...usual!.parameters.filter((name) => name !== "code"), "sid"]);
});

for (const names of ["a b", "?", "-", "x:y", "--cookie ?x"]) {
  Deno.test(`parseRecord() refuses ${JSON.stringify(names)} as names`, () => {
    assertEquals(assertThrows(() => parseRecord("r", 1, names), ConfigError).code, "USAGE_BAD_VALUE");
  });
}
