import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { jsonCheckup, shortCheckup, textCheckup, total } from "../../../src/cli/check_report.ts";
import { GuestError, ModuleError } from "../../../src/errors.ts";
import { fitOf } from "../../../src/guest/mod.ts";
import type { Checkup } from "../../../src/lanes/mod.ts";
import { featuresOf, inspectModule } from "../../../src/wasm/mod.ts";
import { assemble } from "../../guests/build.ts";

const HOSTILE = "evil\u001b[31m\n\u202e";

/** What is known of a module of this text that has not been started. */
async function declaredBy(text: string): Promise<Checkup> {
  const bytes = await assemble("guest", text);
  const info = inspectModule(bytes);
  const fit = fitOf(info, "guest.wasm");
  return {
    path: `/tmp/${HOSTILE}.wasm`,
    fileBytes: bytes.length,
    sha256: "00",
    declared: { info, fit, features: featuresOf(bytes) },
    printed: [],
    faults: fit.faults,
    warnings: [],
  };
}

const manyImports = `(module ${
  Array.from({ length: 100 }, (_, index) =>
    `(import "wasi_snapshot_preview1" "fd_close" (func $f${index} (param i32) (result i32)))`)
    .join("")
} (import "zz" "last" (func)))`;

Deno.test("check shows the answer first, then each reason with what to do, then what is known", async () => {
  const checkup = await declaredBy('(module (import "host" "x" (func)) (memory 2))');
  const lines = textCheckup(checkup);
  assert(lines[0]?.startsWith("no    /tmp/evil"));
  assertEquals(lines.filter((line) => /^ {6}MODULE_/.test(line)).length, 2);
  assert(lines.some((line) => line.startsWith("memory") && line.includes("2 pages (128 KiB)")));
  assert(lines.some((line) => line.includes("missing") && line.includes('"host.x"')));
});

Deno.test("check shows what is missing even where the list of imports is cut", async () => {
  const text = textCheckup(await declaredBy(manyImports)).join("\n");
  assertStringIncludes(text, '"zz.last"');
  assertStringIncludes(text, "and 77 more");
});

Deno.test("check shows nothing of a file's names as it stands, on lines of its own", async () => {
  const checkup = await declaredBy(`(module (import "evil\\1b[31m\\0a" "x" (func)) (func (export "a\\0ab\\07")))`);
  for (const lines of [textCheckup(checkup), shortCheckup(checkup), [jsonCheckup(checkup)]]) {
    // deno-lint-ignore no-control-regex -- that is what must not be there
    assertEquals(lines.filter((line) => /[\u0000-\u001f\u007f\u202e]/.test(line)), []);
  }
});

Deno.test("check shows a line for each of several modules, and one for each reason and warning", async () => {
  const checkup = await declaredBy("(module)");
  assertEquals(shortCheckup(checkup).length, 2);
  const warned: Checkup = { path: "a.wasm", fileBytes: 1_024, printed: [], faults: [], warnings: ["w"] };
  assertEquals(shortCheckup(warned), ["runs  a.wasm  1 KiB", "      warning  w"]);
  assertEquals([total(3, 0), total(3, 1)], ["3 modules: 3 would run", "3 modules: 2 would run, 1 would not"]);
});

Deno.test("check tells a program in JSON why a module does not run, and where it failed", () => {
  const cause = new GuestError("GUEST_TRAPPED", "Cannot finish", { trace: ["f (function 1, byte 0x2a)"] });
  const fault = new ModuleError("MODULE_DOES_NOT_START", "Cannot start module", { cause, trace: cause.trace });
  const checkup: Checkup = { path: "a.wasm", fileBytes: 1, printed: [], faults: [fault], warnings: ["w"] };
  assertEquals(JSON.parse(jsonCheckup(checkup)), {
    file: "a.wasm",
    runs: false,
    faults: [{ code: "MODULE_DOES_NOT_START", message: "Cannot start module", trace: ["f (function 1, byte 0x2a)"] }],
    warnings: ["w"],
    bytes: 1,
    printed: [],
  });
  assertStringIncludes(textCheckup(checkup).join("\n"), "\n        at f (function 1, byte 0x2a)\n");
});

Deno.test("check tells a program all imports and exports with their types", async () => {
  const json = JSON.parse(jsonCheckup(await declaredBy(manyImports)));
  assertEquals(json.imports.length, 101);
  assertEquals(json.imports[0], {
    module: "wasi_snapshot_preview1",
    name: "fd_close",
    type: "(i32) -> i32",
    provided: true,
  });
  assertEquals(json.imports[100], { module: "zz", name: "last", type: "() -> ()", provided: false });
});
