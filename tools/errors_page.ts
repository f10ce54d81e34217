/**
 * Prints `docs/errors.md`, made from the table of codes: `deno run tools/errors_page.ts > docs/errors.md`, then `deno fmt`.
 *
 * @module
 */

import { EFFECTS, ERRORS } from "../src/errors.ts";

const INTRODUCTION = `# Errors

Each error has a code, in the log as \`code\`, and a message that says what must hold and what came instead. Codes are stable: match
on them. This page is made from the program's own table (\`src/error_codes.ts\`).
`;

/** The page, as Markdown that is yet to be formatted. */
export function errorsPage(): string {
  const sections = Object.entries(EFFECTS).map(([name, effect]) => {
    const rows = Object.entries(ERRORS).filter(([, row]) => row.class === name);
    return [
      `## ${name}`,
      "",
      effect,
      "",
      "| code | when | what to do |",
      "| --- | --- | --- |",
      ...rows.map(([code, { when, remedy }]) => `| \`${code}\` | ${when} | ${remedy} |`),
      "",
    ].join("\n");
  });
  return [INTRODUCTION, ...sections].join("\n");
}

if (import.meta.main) console.log(errorsPage());
