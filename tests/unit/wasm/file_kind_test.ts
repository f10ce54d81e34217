import { assertEquals, assertStringIncludes } from "@std/assert";
import { describeFile } from "../../../src/wasm/file_kind.ts";

const text = (characters: string) => new TextEncoder().encode(characters);

const KINDS: readonly { readonly bytes: Uint8Array; readonly says: string }[] = [
  { bytes: Uint8Array.of(0x1f, 0x8b, 8), says: "a gzip file" },
  { bytes: Uint8Array.of(0x50, 0x4b, 3, 4), says: "a zip file" },
  { bytes: Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd), says: "a zstd file" },
  { bytes: Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a), says: "an xz file" },
  { bytes: text("BZh9"), says: "a bzip2 file" },
  { bytes: Uint8Array.of(0x7f, 0x45, 0x4c, 0x46), says: "ELF" },
  { bytes: text("MZ"), says: "Windows" },
  { bytes: Uint8Array.of(0xcf, 0xfa, 0xed, 0xfe), says: "macOS" },
  { bytes: Uint8Array.of(0x42, 0x43, 0xc0, 0xde), says: "bitcode" },
  { bytes: text("!<arch>\n"), says: "a static library" },
  { bytes: text("AGFzbQEAAAA="), says: "base64" },
  { bytes: text("0061736d01"), says: "hexadecimal" },
  { bytes: text("#!/bin/sh"), says: "a script" },
  { bytes: text("version https://git-lfs.github.com/spec/v1"), says: "Git LFS" },
  { bytes: text("(module)"), says: ".wat" },
  { bytes: text("\ufeff ;; a (module\n(; b\n c ;)\n(component)"), says: ".wat" },
  { bytes: text(" <!doctype html>"), says: "a web page" },
  { bytes: text('{"error":1}'), says: "JSON" },
];

for (const { bytes, says } of KINDS) {
  Deno.test(`describeFile() knows ${says}, from ${JSON.stringify(new TextDecoder().decode(bytes))}`, () => {
    assertStringIncludes(describeFile(bytes), says);
  });
}

Deno.test("describeFile() shows the first bytes of what it does not know, and is not slow about a hostile beginning", () => {
  assertEquals(describeFile(new Uint8Array()), "an empty file");
  assertEquals(describeFile(text("hello")), "68 65 6c 6c");
  assertEquals(describeFile(Uint8Array.of(0x50)), "50");
  for (const unit of [";;", "(;", "(;;", "\n", ";;\n"]) {
    assertEquals(describeFile(text(unit.repeat(100_000))).length, 11);
  }
});
