import { assertEquals, assertThrows } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { type LockedPackage, makeBom } from "../../../tools/sbom.ts";

const PACKAGES: Readonly<Record<string, LockedPackage>> = {
  "@a/b@1.0.0_c@2.0.0": { integrity: "sha512-AQID", dependencies: ["c"] },
  "c@2.0.0": { integrity: "sha512-/w==" },
};

Deno.test("makeBom() has the agent, what runs it, and each package with its hash", () => {
  const { metadata, components, dependencies } = makeBom(PACKAGES, "9.8.7");
  assertEquals([metadata.component.name, metadata.component.version], ["sentinel-wasm-agent", config.version]);
  assertEquals(
    components.map(({ name, version, purl, hashes }) => [name, version, purl, hashes?.[0]?.content]),
    [
      ["deno", "9.8.7", "pkg:github/denoland/deno@v9.8.7", undefined],
      ["@a/b", "1.0.0", "pkg:npm/%40a/b@1.0.0", "010203"],
      ["c", "2.0.0", "pkg:npm/c@2.0.0", "ff"],
    ],
  );
  assertEquals(dependencies.map(({ dependsOn }) => dependsOn.length), [3, 1, 0]);
  assertEquals(dependencies[1]?.dependsOn, ["pkg:npm/c@2.0.0"]);
});

Deno.test("makeBom() understands the lock file that runs the agent", () => {
  const { npm }: { readonly npm: Readonly<Record<string, LockedPackage>> } = JSON.parse(
    Deno.readTextFileSync(new URL("../../../src/deno.lock", import.meta.url)),
  );
  const refs = makeBom(npm, Deno.version.deno).components.map((component) => component["bom-ref"]);
  assertEquals(refs.length, Object.keys(npm).length + 1);
  assertEquals(new Set(refs).size, refs.length);
});

Deno.test("makeBom() refuses what it does not understand", () => {
  for (const integrity of ["md5-AQID", ""]) {
    assertThrows(() => makeBom({ "c@2.0.0": { integrity } }, "9.8.7"), Error, "Cannot write the bill of materials");
  }
  const dangling = { "c@2.0.0": { integrity: "sha512-AQID", dependencies: ["d"] } };
  assertThrows(() => makeBom(dangling, "9.8.7"), Error, 'received "d"');
});
