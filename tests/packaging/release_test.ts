import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { load } from "js-yaml";
import config from "../../deno.json" with { type: "json" };
import { TARGETS } from "../../tools/packed.ts";
import { ROOT } from "../e2e/agent_process.ts";

/** A workflow, as far as it is looked at here. */
interface Workflow {
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly needs?: unknown;
  readonly permissions?: unknown;
  readonly strategy?: { readonly matrix: { readonly include: readonly { readonly target: string }[] } };
  readonly steps: readonly { readonly run?: string; readonly uses?: string }[];
}

function workflow(name: string): Workflow {
  // What of it is looked at, a test compares.
  return load(Deno.readTextFileSync(`${ROOT}.github/workflows/${name}`)) as Workflow;
}

Deno.test("the release workflow packs for every target, and publishes none before its tests have run", () => {
  const { jobs } = workflow("release.yml");
  assertEquals(jobs.build?.strategy?.matrix.include.map(({ target }) => target), [...TARGETS]);
  const steps = (jobs.build?.steps ?? []).map(({ run = "", uses = "" }) => `${run}${uses}`);
  const at = (what: string) => steps.findIndex((step) => step.includes(what));
  assert(at("deno task compile") >= 0 && at("test:packed") > at("deno task compile"), steps.join("\n"));
  assert(at("upload-artifact") > at("test:packed"), "what is kept for publishing has not been tested");
  assertEquals([jobs.build?.needs, jobs.bundle?.needs, jobs.publish?.needs], ["check", "check", ["build", "bundle"]]);
});

Deno.test("the release workflow gives away rights to the job that publishes, and to no other", () => {
  const { permissions, jobs } = workflow("release.yml");
  assertEquals(permissions, { contents: "read" });
  const rights = Object.entries(jobs).flatMap(([name, job]) => job.permissions === undefined ? [] : [name]);
  assertEquals(rights, ["publish"]);
  assertEquals(jobs.publish?.permissions, { "contents": "write", "id-token": "write", "attestations": "write" });
  const publish = (jobs.publish?.steps ?? []).map(({ run = "", uses = "" }) => `${run}${uses}`).join("\n");
  for (const what of ["SHA256SUMS", "attest-build-provenance", "attest-sbom", "gh release create"]) {
    assertStringIncludes(publish, what);
  }
});

Deno.test("every task that a workflow runs is there", () => {
  for (const { name } of Deno.readDirSync(`${ROOT}.github/workflows`)) {
    const named = Deno.readTextFileSync(`${ROOT}.github/workflows/${name}`).matchAll(/deno task ([\w:]+)/g);
    for (const [, task = ""] of named) assert(Object.hasOwn(config.tasks, task), `${name} runs deno task ${task}`);
  }
});
