import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseOptions } from "../../bench/options.ts";

Deno.test("parseOptions() leaves out the proxies, which a new machine has not, unless they are asked for", () => {
  assert(!parseOptions([]).parts.includes("proxy"));
  assertEquals(parseOptions(["proxy"]).parts, ["proxy"]);
});

Deno.test("parseOptions() takes one release of the proxy, or those that stand for a protocol each", () => {
  assertEquals(parseOptions(["proxy"]).proxies, ["sentinel-0.4.14", "zentinel-0.6.54"]);
  assertEquals(parseOptions(["proxy", "--proxy", "zentinel-0.6.45"]).proxies, ["zentinel-0.6.45"]);
  assertThrows(() => parseOptions(["proxy", "--proxy", "zentinel-0.6.46"]), Error, '"zentinel-0.6.46"');
});
