import { assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { programPath } from "../../bench/proxy/installed.ts";
import { TempDir } from "../../e2e/agent_process.ts";
import { proxyBinary } from "../../proxy/releases.ts";

Deno.test("programPath() finds a program on the path, and says how to install one that is not there", () => {
  using dir = new TempDir();
  assertThrows(() => programPath("wrk", dir.path), Error, "apt-get install -y --no-install-recommends wrk");
  const file = dir.write("wrk", "");
  assertEquals(programPath("wrk", `${join(dir.path, "none")}:${dir.path}`), file);
});

Deno.test("proxyBinary() says how to install a release that is not there", () => {
  using dir = new TempDir();
  assertThrows(
    () => proxyBinary("sentinel-0.4.14", dir.path),
    Error,
    "tools/install_proxy.sh sentinel-0.4.14",
  );
});
