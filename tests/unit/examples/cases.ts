/**
 * An example's `cases.yaml`, for a test that asks the module itself and not the agent.
 *
 * @module
 */

import { compare, type Difference } from "../../../src/cli/cases/compare.ts";
import { parseCases } from "../../../src/cli/cases/cases.ts";
import { YamlText } from "../../../src/cli/cases/yaml.ts";
import { exampleUrl, type GuestHost, type Handler } from "./guest_host.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A request or response, and fields that its answer must have. */
export interface Case {
  readonly name: string;
  readonly handler: Handler;
  /** As it is written. */
  readonly event: Fields;
  readonly expect: Fields;
}

export interface Cases {
  /** What `configure` gets; undefined if it is not to be called. */
  readonly config: unknown;
  readonly cases: readonly Case[];
}

/** @throws {ConfigError} for a file that is none of cases. */
export function readCases(example: string): Cases {
  const text = Deno.readTextFileSync(exampleUrl(`${example}/cases.yaml`));
  const { config, cases } = parseCases(text, `${example}/cases.yaml`);
  const written = (new YamlText(text).value as { cases: readonly Record<"request" | "response", Fields>[] }).cases;
  return {
    config,
    cases: cases.map(({ name, event: { phase }, expect = {} }, index) => {
      const { request, response } = written[index]!;
      return { name, handler: `on_${phase}`, event: request ?? response ?? {}, expect };
    }),
  };
}

/** What is not as the case has it, in the module's own words. */
export function differences({ handler, event, expect }: Case, host: GuestHost): readonly Difference[] {
  return compare(expect, { ...host.ask(handler, event) });
}
