import { assertEquals } from "@std/assert";
import { LogObserver } from "../../../src/lanes/log_observer.ts";
import { GuestError, PoolError, ProtocolError } from "../../../src/errors.ts";
import { MAX_LINES_PER_SECOND } from "../../../src/guest/mod.ts";
import { createLog, type LogFields, type LogLevel } from "../../../src/ops/mod.ts";
import { guestText, prepare } from "../guest/guests.ts";

type Line = readonly [level: LogLevel, message: string, fields: LogFields];

const MODULE = await prepare(guestText("traps"));

/** Lines about a module under whose name nothing has been told yet. */
async function setUp(): Promise<
  { readonly lines: LogObserver; readonly other: LogObserver; readonly written: Line[] }
> {
  const written: Line[] = [];
  const log = createLog(
    (level, message, fields) => written.push([level, message, fields]),
    true,
    () => Promise.resolve(),
  );
  const module = await prepare(guestText("traps"));
  return { lines: new LogObserver(log, [module]), other: new LogObserver(log, [module]), written };
}

const failure = (error: unknown) => ({ correlationId: "id", phase: "request_headers", module: MODULE.name, error });

Deno.test.each<{ readonly error: Error; readonly level: LogLevel; readonly message: string; readonly code?: string }>([
  {
    error: new GuestError("GUEST_TRAPPED", "Cannot do it"),
    level: "error",
    message: "module error",
    code: "GUEST_TRAPPED",
  },
  {
    error: new PoolError("POOL_QUEUE_FULL", "Cannot do it"),
    level: "error",
    message: "module error",
    code: "POOL_QUEUE_FULL",
  },
  { error: new PoolError("POOL_WAIT_ABORTED", "Cannot do it"), level: "debug", message: "cancelled" },
  {
    error: new ProtocolError("MESSAGE_BAD_FIELD", "Cannot do it"),
    level: "warning",
    message: "event not understood",
    code: "MESSAGE_BAD_FIELD",
  },
  { error: new TypeError("m"), level: "error", message: "fault in agent" },
])("LogObserver.failed() tells of $error.name $code as $level: $message", async ({ error, level, message, code }) => {
  const { lines, written } = await setUp();
  lines.failed(failure(error));
  lines.close();
  assertEquals(written.length, 1);
  const [shownLevel, shownMessage, fields] = written[0]!;
  assertEquals([shownLevel, shownMessage, fields.correlation_id, fields.code], [level, message, "id", code]);
});

Deno.test("LogObserver.failed() tells where in the module it happened, where that is known", async () => {
  const { lines, written } = await setUp();
  lines.failed(failure(new GuestError("GUEST_TRAPPED", "Cannot do it", { trace: ["f (function 1, byte 0x2a)"] })));
  lines.failed(failure(new GuestError("GUEST_TRAPPED", "Cannot do it")));
  lines.close();
  assertEquals(written.map(([, , { trace }]) => trace), [["f (function 1, byte 0x2a)"], undefined]);
});

Deno.test("LogObserver.failed() writes so many lines a second of a module, whoever writes them, and counts the rest", async () => {
  const { lines, other, written } = await setUp();
  const error = new GuestError("GUEST_TRAPPED", "Cannot do it");
  // Two seconds may be touched, no more: whatever the machine does meanwhile, all are written or counted.
  const all = 3 * MAX_LINES_PER_SECOND;
  for (let index = 0; index < all; index++) (index % 2 === 0 ? lines : other).failed(failure(error));
  lines.close();
  other.close();
  const errors = written.filter(([, message]) => message === "module error").length;
  const leftOut = written.filter(([, message]) => message === "lines left out");
  assertEquals(leftOut.reduce((sum, [, , { count }]) => sum + Number(count), errors), all);
  assertEquals(leftOut.map(([level, , { of, module }]) => [level, of, module]), [[
    "warning",
    "module error",
    MODULE.name,
  ]]);
});

Deno.test("LogObserver.unknownKey() warns with the nearest known key", async () => {
  const { lines, written } = await setUp();
  lines.unknownKey({ module: MODULE.name, key: "statsu", nearest: "status", last: false });
  assertEquals(written, [["warning", "unknown key in result: ignored", {
    module: MODULE.name,
    key: "statsu",
    nearest: "status",
    last_told: undefined,
  }]]);
});

Deno.test.each<{ readonly level: LogLevel }>([
  { level: "error" },
  { level: "warning" },
  { level: "info" },
  { level: "debug" },
])("LogObserver.printed() writes a line of level $level as one of the log", async ({ level }) => {
  const { lines, written } = await setUp();
  lines.printed({ module: MODULE.name, stream: "log", line: "hello", level, correlationId: "id" });
  lines.close();
  assertEquals(written, [[level, "hello", { stream: "log", module: MODULE.name, correlation_id: "id" }]]);
});

Deno.test("LogObserver.uncounted() warns of a metric that is not counted, and says what would be right", async () => {
  const { lines, written } = await setUp();
  for (const why of ["name", "value", "too many"] as const) lines.uncounted({ module: MODULE.name, name: "a-b", why });
  const about = { module: MODULE.name, metric: "a-b" };
  assertEquals(written, [
    [
      "warning",
      "metric not counted: its name must be a letter or underscore, then letters, digits and underscores, 64 at most",
      about,
    ],
    ["warning", "metric not counted: what is added must be finite and not negative", about],
    ["warning", "metric not counted: a module may have 64 metrics", about],
  ]);
});
