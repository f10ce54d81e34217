import { assert, assertEquals } from "@std/assert";
import { Ajv } from "ajv";
import { configSchema } from "../../../src/cli/config_schema.ts";
import { OPTIONS } from "../../../src/cli/options.ts";
import { fileRequest } from "../../../src/cli/trial_config.ts";
import { checkConfig } from "../../../src/config/mod.ts";
import { ROOT } from "../../e2e/agent_process.ts";

Deno.test("docs/agent.schema.json is the schema that files are checked against", () => {
  assertEquals(
    JSON.parse(Deno.readTextFileSync(`${ROOT}docs/agent.schema.json`)),
    JSON.parse(JSON.stringify(configSchema())),
  );
});

Deno.test("configSchema() is a schema, and has a setting for each option but those that a file says in another way", () => {
  assert(new Ajv({ strict: false }).validateSchema(configSchema()));
  const others = ["config", "module", "module-config"];
  const expected = [...Object.keys(OPTIONS).filter((name) => !others.includes(name)), "$schema", "modules"];
  assertEquals(Object.keys(configSchema().properties ?? {}).toSorted(), expected.toSorted());
});

Deno.test("examples/agent.toml has no mistake, and names four modules that are there", async () => {
  const { file, options } = fileRequest(`${ROOT}examples/agent.toml`);
  const { mistakes, config } = await checkConfig(file, options);
  assertEquals(mistakes, []);
  assertEquals(config?.modules.map(({ path }) => Deno.statSync(path).isFile), [true, true, true, true]);
});
