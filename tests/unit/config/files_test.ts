import { assertEquals } from "@std/assert";
import { lookedAtBy } from "../../../src/config/mod.ts";
import { agentConfig } from "./configs.ts";

Deno.test("lookedAtBy() names modules and files of their configuration", () => {
  const config = agentConfig();
  const [module] = config.modules;
  const second = { ...module, path: "b.wasm", configuration: { path: "b.json" } };
  assertEquals(lookedAtBy({ ...config, modules: [module, second] }), [module.path, "b.wasm", "b.json"]);
  assertEquals(lookedAtBy({ ...config, file: "a.toml" }), ["a.toml", module.path]);
});
