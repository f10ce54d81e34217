/**
 * Prints the JSON schema of configuration files, for editors: `deno run tools/config_schema.ts > docs/agent.schema.json`.
 *
 * @module
 */

import { configSchema } from "../src/cli/config_schema.ts";

console.log(JSON.stringify(configSchema(), null, 2));
