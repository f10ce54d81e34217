import type { SuiteCommand, SuiteFile } from "./suite.ts";
import { matches } from "./values.ts";
import type { Outcome, World } from "./world.ts";

/** What became of one command. */
export interface Verdict {
  readonly command: SuiteCommand;
  /** Absent: both worlds gave the answer that the suite expects. */
  readonly failure?: string;
  /** The same answer in both worlds, but not what the suite expects: V8's doing. */
  readonly deviation?: string;
  /** Not run, and why. */
  readonly skipped?: string;
}

/** Runs each command of a file in both worlds, one beside the other. */
export function* runFile(file: SuiteFile, original: World, instrumented: World): Generator<Verdict> {
  for (const command of file.commands) {
    const skipped = reasonToSkip(command);
    if (skipped !== undefined) {
      yield { command, skipped };
      continue;
    }
    const bytes = bytesOf(file, command);
    const a = perform(command, original, bytes);
    const b = perform(command, instrumented, bytes);
    if (describe(a) !== describe(b) && !bothNaN(command, a, b)) {
      yield { command, failure: `original: ${describe(a)}, instrumented: ${describe(b)}` };
    } else if (!isExpected(command, a)) {
      yield { command, deviation: describe(a) };
    } else {
      yield { command };
    }
  }
}

function reasonToSkip(command: SuiteCommand): string | undefined {
  if (command.module_type === "text" && command.binary_filename === undefined) {
    return "a text that is no module has no binary form";
  }
  return undefined;
}

function bytesOf(file: SuiteFile, command: SuiteCommand): Uint8Array<ArrayBuffer> | undefined {
  const filename = command.binary_filename ?? command.filename;
  return filename === undefined ? undefined : file.read(filename);
}

function perform(command: SuiteCommand, world: World, bytes: Uint8Array<ArrayBuffer> | undefined): Outcome {
  if (command.action) return world.act(command.action);
  switch (command.type) {
    case "register":
      return world.register(command.as ?? "", command.name);
    case "module_instance":
      return world.instantiate(command.module, command.instance);
  }
  if (bytes === undefined) throw new Error(`Unknown command "${command.type}"`);
  const defined = world.define(bytes, command.type === "module_definition" ? command.name : undefined);
  if (defined.kind !== "values" || command.type === "module_definition") return defined;
  if (command.type === "assert_invalid" || command.type === "assert_malformed") return defined;
  return world.instantiate(undefined, command.type === "module" ? command.name : undefined);
}

const EXPECTED_KINDS: ReadonlyMap<string, readonly Outcome["kind"][]> = new Map([
  ["assert_trap", ["trap"]],
  ["assert_exhaustion", ["exhaustion"]],
  ["assert_exception", ["exception"]],
  ["assert_invalid", ["refused"]],
  ["assert_malformed", ["refused"]],
  ["assert_unlinkable", ["link"]],
  ["assert_uninstantiable", ["trap", "link"]],
]);

function isExpected(command: SuiteCommand, outcome: Outcome): boolean {
  const kinds = EXPECTED_KINDS.get(command.type);
  if (kinds) return kinds.includes(outcome.kind);
  if (outcome.kind !== "values") return false;
  const { expected } = command;
  if (expected === undefined) return true;
  return expected.length === outcome.values.length &&
    expected.every((value, index) => matches(outcome.values[index] ?? "", value));
}

/** The bits of a NaN are free where the suite says so, and two compilations may choose differently. */
function bothNaN(command: SuiteCommand, a: Outcome, b: Outcome): boolean {
  return JSON.stringify(command.expected)?.includes("nan:") === true && isExpected(command, a) &&
    isExpected(command, b);
}

function describe(outcome: Outcome): string {
  return outcome.kind === "values" ? `values ${outcome.values.join(" ")}` : `${outcome.kind} ${outcome.text}`;
}
