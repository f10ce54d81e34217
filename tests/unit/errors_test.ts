import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import * as errors from "../../src/errors.ts";

const { AgentError, EFFECTS, ERRORS, errorOf, GuestError } = errors;
const SOURCE = new URL("../../src/", import.meta.url);

/** Source files but the table, with their text. */
function* sources(folder = SOURCE): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const url = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory) yield* sources(url);
    else if (name.endsWith(".ts") && name !== "error_codes.ts") yield Deno.readTextFileSync(url);
  }
}

Deno.test("errorOf() makes an error of the class and name that its code has in the table", () => {
  const classes = new Map<string, unknown>(Object.entries(errors));
  for (const code of Object.keys(ERRORS) as errors.ErrorCode[]) {
    const cause = new Error("cause");
    const error = errorOf(code, "message", { cause });
    assertInstanceOf(error, AgentError);
    assertEquals(error.constructor, classes.get(ERRORS[code].class), code);
    assertEquals([error.name, error.code, error.message, error.cause], [ERRORS[code].class, code, "message", cause]);
  }
});

Deno.test("a code that is not in the table does not compile, nor one of another class", () => {
  // @ts-expect-error A typo.
  const typo = () => new GuestError("GUEST_TRAPED", "Cannot finish");
  // @ts-expect-error A code of a ModuleError.
  const foreign = () => new GuestError("MODULE_INVALID", "Cannot finish");
  assertEquals([typo, foreign].length, 2);
});

Deno.test("every code in the table is raised somewhere, and every code that is raised is in the table", () => {
  const raised = new Set<string>();
  for (const text of sources()) {
    const compared = /[!=]== "[A-Z_]+"/g;
    for (const [, code] of text.replace(compared, "").matchAll(/"([A-Z]+(?:_[A-Z]+)*)"/g)) if (code) raised.add(code);
    for (const [, code] of text.matchAll(/new \w+(?:Error|Fault)\(\s*"(\w+)"/g)) assert(code! in ERRORS, code);
  }
  assertEquals(Object.keys(ERRORS).filter((code) => !raised.has(code)), []);
});

Deno.test("each prefix of codes belongs to one class, and each class has codes", () => {
  const classOf = new Map<string, string>();
  for (const [code, row] of Object.entries(ERRORS)) {
    const prefix = code.split("_", 1)[0]!;
    assertEquals(classOf.get(prefix) ?? row.class, row.class, code);
    classOf.set(prefix, row.class);
  }
  assertEquals(new Set(classOf.values()), new Set(Object.keys(EFFECTS)));
});

Deno.test("each code says when it happens and what to do, in sentences that fit a table", () => {
  for (const [code, { when, remedy }] of Object.entries(ERRORS)) {
    for (const text of [when, remedy]) assert(/^[A-Z`][^|\n]*\.$/.test(text), `${code}: ${text}`);
  }
});
