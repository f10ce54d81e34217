import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { type AgentError, GuestError, ModuleError, PoolError } from "../../../src/errors.ts";
import { errorFrom, MAX_CAUSES, recordOf } from "../../../src/threads/mod.ts";

const WAYS: readonly { readonly name: string; readonly cross: <T>(record: T) => T }[] = [
  { name: "by structured clone", cross: structuredClone },
  { name: "as JSON", cross: (record) => JSON.parse(JSON.stringify(record)) },
];

/** An error's class, name, code and message, and those of its causes. */
function chainOf(error: unknown): readonly unknown[] {
  if (!(error instanceof Error)) return [];
  const { constructor, name, message } = error;
  return [[constructor, name, "code" in error ? error.code : undefined, message], ...chainOf(error.cause)];
}

for (const { name, cross } of WAYS) {
  Deno.test(`errorFrom() makes an error anew that has crossed ${name}: class, code, message, causes`, () => {
    const errors: readonly AgentError[] = [
      new GuestError("GUEST_TRAPPED", 'Cannot finish "start"\nas it must: received\0 a trap'),
      new PoolError("POOL_CLOSED", "Cannot wait"),
      new ModuleError("MODULE_DOES_NOT_START", "Cannot start", {
        cause: new GuestError("GUEST_DEADLINE", "Cannot finish", { cause: new Error("innermost") }),
      }),
    ];
    for (const error of errors) {
      const [first, ...rest] = chainOf(errorFrom(cross(recordOf(error))));
      const [wanted, ...causes] = chainOf(error);
      assertEquals(first, wanted);
      assertEquals(rest.length, causes.length);
    }
    const { cause } = errorFrom(cross(recordOf(errors[2])));
    assertInstanceOf(cause, GuestError);
    assertEquals(cause.code, "GUEST_DEADLINE");
  });

  Deno.test(`errorFrom() makes an error anew that has crossed ${name}: where in a module it happened`, () => {
    const error = new GuestError("GUEST_TRAPPED", "Cannot finish", { trace: ["f (function 1, byte 0x2a)", "g"] });
    const crossed = errorFrom(cross(recordOf(error)));
    assertInstanceOf(crossed, GuestError);
    assertEquals(crossed.trace, error.trace);
    const untraced = errorFrom(cross(recordOf(new PoolError("POOL_CLOSED", "Cannot wait"))));
    assertInstanceOf(untraced, PoolError);
    assertEquals(untraced.trace, []);
  });

  Deno.test(`errorFrom() leaves a fault of this program a plain error with its stack when it crosses ${name}`, () => {
    const fault = new TypeError("x is not a function");
    const crossed = errorFrom(cross(recordOf(fault)));
    assertEquals([crossed.constructor, crossed.message], [Error, "TypeError: x is not a function"]);
    assertEquals(crossed.stack, fault.stack);
    assertEquals("code" in crossed, false);
    assertEquals(errorFrom(cross(recordOf("thrown text"))).message, "thrown text");
    assertEquals(errorFrom(cross(recordOf(undefined))).message, "undefined");
  });

  Deno.test(`recordOf() ends a chain of causes that crosses ${name} after MAX_CAUSES`, () => {
    const chain = (length: number) => {
      let error = new Error("last");
      for (let count = 0; count < length; count++) error = new Error("next", { cause: error });
      return chainOf(errorFrom(cross(recordOf(error)))).length - 1;
    };
    assertEquals([chain(MAX_CAUSES), chain(MAX_CAUSES + 1)], [MAX_CAUSES, MAX_CAUSES]);
    const own = new Error("its own cause");
    own.cause = own;
    assert(chainOf(errorFrom(cross(recordOf(own)))).length === MAX_CAUSES + 1);
  });
}
