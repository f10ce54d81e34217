/**
 * The page that `new` writes for people: one screen.
 *
 * @module
 */

import { PROGRAM } from "../../program.ts";
import type { Language } from "./starters.ts";

/** The page of a language. */
export function readme({ title, needs, source, helper }: Omit<Language, "files">): string {
  return `# policy

A WebAssembly module in ${title} that decides about requests and responses inside the proxy, run by \`${PROGRAM}\`.

\`\`\`sh
./build     # ${needs}
${PROGRAM} test policy.wasm cases.yaml
${PROGRAM} invoke policy.wasm --uri /private
\`\`\`

| file | what |
| --- | --- |
| \`${source}\` | decides: yours to change |
| \`${helper}\` | hides memory and JSON behind a request, a response and a decision: to be left as it is |
| \`cases.yaml\` | requests and responses, and what the module has to answer; \`cases.schema.json\` tells editors its keys |
| \`build\` | makes \`policy.wasm\` |

What to do next:

- Change \`decide\` in \`${source}\`, add a case to \`cases.yaml\`, build, test. With \`--update\` the test writes what the
  module answers in the place of what was expected.
- In CI, \`${PROGRAM} test policy.wasm cases.yaml --junit report.xml\` ends with 1 if a case fails.
- Serve it: \`${PROGRAM} --module policy.wasm --module-config '{"private": "/internal"}'\`. The configuration reaches
  \`configure\` before the first request.
`;
}
