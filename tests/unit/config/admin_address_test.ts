import { assertEquals, assertThrows } from "@std/assert";
import { parseAdminAddress, showAdminAddress } from "../../../src/config/mod.ts";
import { ConfigError } from "../../../src/errors.ts";

Deno.test.each([
  { text: "127.0.0.1:9464", address: { kind: "tcp", hostname: "127.0.0.1", port: 9464 } },
  { text: "127.9.9.9:1", address: { kind: "tcp", hostname: "127.9.9.9", port: 1 } },
  { text: "localhost:65535", address: { kind: "tcp", hostname: "localhost", port: 65_535 } },
  { text: "[::1]:9464", address: { kind: "tcp", hostname: "::1", port: 9464 } },
  { text: "unix:/run/admin.sock", address: { kind: "unix", path: "/run/admin.sock" } },
  { text: "unix:a:b", address: { kind: "unix", path: "a:b" } },
])("parseAdminAddress() reads $text, and showAdminAddress() writes it again", ({ text, address }) => {
  const parsed = parseAdminAddress(text, false);
  assertEquals<unknown>(parsed, address);
  assertEquals(parsed && showAdminAddress(parsed), text);
});

Deno.test("parseAdminAddress() takes off for no address", () => {
  assertEquals(parseAdminAddress("off", false), undefined);
});

for (
  const text of [
    "",
    "9464",
    ":9464",
    "unix:",
    "127.0.0.1",
    "127.0.0.1:0",
    "127.0.0.1:65536",
    "127.0.0.1:http",
    "::1:9464",
    "http://127.0.0.1:9464",
    "127.0.0.1:9464/metrics",
    "a b:1",
  ]
) {
  Deno.test(`parseAdminAddress() refuses "${text}"`, () => {
    const error = assertThrows(() => parseAdminAddress(text, true), ConfigError);
    assertEquals(error.code, "USAGE_BAD_VALUE");
  });
}

for (const host of ["0.0.0.0", "[::]", "10.0.0.1", "example.com", "128.0.0.1", "localhost.example.com"]) {
  Deno.test(`parseAdminAddress() takes ${host} only where others may ask, and says so`, () => {
    assertThrows(() => parseAdminAddress(`${host}:9464`, false), ConfigError, "--admin-allow-remote");
    assertEquals(parseAdminAddress(`${host}:9464`, true)?.kind, "tcp");
  });
}
