import { assertEquals, assertThrows } from "@std/assert";
import { inheritedSocket } from "../../../src/cli/inherited.ts";
import { ConfigError } from "../../../src/errors.ts";

const PID = 4711;

Deno.test.each<
  { readonly name: string; readonly env: Readonly<Record<string, string>>; readonly fd: number | undefined }
>([
  { name: "nothing said", env: {}, fd: undefined },
  { name: "one socket for this process", env: { LISTEN_FDS: "1", LISTEN_PID: "4711" }, fd: 3 },
  { name: "one socket for whoever reads it", env: { LISTEN_FDS: "1" }, fd: 3 },
  {
    name: "one socket for the process that has started this one",
    env: { LISTEN_FDS: "1", LISTEN_PID: "4710" },
    fd: undefined,
  },
  { name: "several sockets for another process", env: { LISTEN_FDS: "2", LISTEN_PID: "1" }, fd: undefined },
  { name: "no socket", env: { LISTEN_FDS: "0", LISTEN_PID: "4711" }, fd: undefined },
])("inheritedSocket() with $name", ({ env, fd }) => {
  assertEquals(inheritedSocket((name) => env[name], PID), fd);
});

Deno.test.each([{ count: "2" }, { count: "-1" }, { count: "one" }])(
  "inheritedSocket() refuses LISTEN_FDS=$count",
  ({ count }) => {
    const error = assertThrows(() => inheritedSocket((name) => name === "LISTEN_FDS" ? count : "", PID), ConfigError);
    assertEquals(
      error.message,
      `Cannot read "LISTEN_FDS" as exactly one socket may be handed over: received "${count}"`,
    );
  },
);
