import { assertEquals } from "@std/assert";
import { OPTIONS } from "../../../src/cli/options.ts";
import { configFromOptions } from "../../../src/config/mod.ts";
import { GIVEN } from "./configs.ts";

Deno.test("configFromOptions() puts each value where it belongs", () => {
  assertEquals(configFromOptions(GIVEN), {
    socket: { path: "a.sock", mode: 0o600, takeOver: true, readyFd: 29 },
    lanes: 3,
    timeoutMs: 11,
    watch: true,
    modules: [{
      name: "m.wasm",
      path: "some/folder/m.wasm",
      configuration: { json: ' {"a":1}' },
      failMode: "closed",
      poolSize: 5,
      queueSize: 7,
      reserveThreads: 2,
      limits: {
        timeoutMs: 11,
        startTimeoutMs: 13,
        maxMemoryMiB: 17,
        maxTableEntries: 19,
        maxRequestsPerInstance: 23,
        allowGc: true,
      },
    }],
    log: { format: "json", verbose: true },
    lockIn: true,
    record: {
      path: "r.jsonl",
      maxBytes: 31 * 1024 * 1024,
      headers: [
        "authorization",
        "proxy-authorization",
        "set-cookie",
        "api-key",
        "apikey",
        "x-api-key",
        "x-access-token",
        "x-auth-token",
        "x-csrf-token",
        "x-xsrf-token",
        "x-amz-security-token",
        "x-forwarded-access-token",
        "x-forwarded-client-cert",
        "x-mine",
      ],
      parameters: [
        "access_token",
        "api_key",
        "apikey",
        "id_token",
        "password",
        "refresh_token",
        "secret",
        "sig",
        "signature",
        "token",
        "x-amz-security-token",
        "x-amz-signature",
        "sid",
      ],
    },
    admin: { address: { kind: "unix", path: "b.sock" }, allowRemote: true, maxErrorPercent: 29 },
  });
});

Deno.test("configFromOptions() fails open where that is asked for", () => {
  assertEquals(configFromOptions({ ...GIVEN, "fail-open": true }).modules[0].failMode, "open");
});

Deno.test("configFromOptions() takes a configuration that does not begin like an object for a file", () => {
  for (const path of ["config.json", "/etc/[1].json", "a{b"]) {
    assertEquals(configFromOptions({ ...GIVEN, "module-config": path }).modules[0].configuration, { path });
  }
});

Deno.test("configFromOptions() hears of every option of the agent", () => {
  // Where the file is, is asked before.
  assertEquals([...Object.keys(GIVEN), "config"].toSorted(), Object.keys(OPTIONS).toSorted());
});

Deno.test("configFromOptions() makes what can be sent to a thread", () => {
  const config = configFromOptions(GIVEN);
  assertEquals(structuredClone(config), config);
});
