/**
 * `test`: holds a module to requests and the decisions that they are to get.
 *
 * @module
 */

import { configurationSource } from "../../config/mod.ts";
import { type Command, row } from "../command.ts";
import type { Options } from "../options.ts";
import { MODULE_OPTIONS } from "../trial_config.ts";

/** A machine that tests is often a slow one, and what is tested is the answer and not its time. */
const TIMEOUT_MS = 1_000;

const { module, config, ...limits } = MODULE_OPTIONS;

/** Its options, by flag. */
export const TEST_OPTIONS = {
  module,
  "cases": {
    type: "path",
    help: "Requests, responses and what each is to get, in YAML, JSON or JSON lines",
    positional: true,
  },
  "config": {
    ...config,
    // A variable that is left over from serving would have other cases fail than the file's reader sees.
    env: undefined,
    default: "",
    help: "The module's configuration in the place of the one in CASES: JSON that begins with {, or a JSON file",
  },
  "junit": { type: "path", default: "", help: "Write the results into this file, too, for CI systems" },
  "update": {
    type: "boolean",
    default: false,
    short: "u",
    help: "Write into CASES what came instead of what was expected",
  },
  ...limits,
  "timeout-ms": {
    ...limits["timeout-ms"],
    default: TIMEOUT_MS,
    help: "Deadline of an event, in ms; longer than when serving, as a machine that tests may be slow",
  },
} as const satisfies Options;

/** Runs a file of cases. */
export const TEST: Command = row({
  summary: "asks a module about requests and responses, and compares what it decides with what is expected",
  about: [
    "Cases run one after the other in one instance, in the order of the file: what the module keeps between requests is " +
    "kept here, too. --max-requests-per-instance 1 begins anew for each.",
    "--update changes nothing in CASES but the values of the keys that are expected and differ. A case that expects " +
    "nothing yet gets all of the answer. A case whose module has failed is left alone.",
  ],
  options: TEST_OPTIONS,
  examples: [
    { words: "test policy.wasm cases.yaml", does: "Run all cases." },
    { words: "test policy.wasm cases.yaml --junit report.xml", does: "In CI." },
    { words: "test policy.wasm cases.yaml --update", does: "Take what the module answers for right." },
  ],
  exit: {
    0: "all cases hold",
    1: "a case does not hold, or the module does not start",
    2: "bad usage, or a bad file of cases",
  },
  files({ module, cases, config, junit, update }) {
    const source = configurationSource(config);
    return {
      read: [module, cases, ...config !== "" && "path" in source ? [source.path] : []],
      write: [...junit === "" ? [] : [junit], ...update ? [cases] : []],
    };
  },
  run: async ({ options }) => await (await import("../commands/test.ts")).test(options),
});
