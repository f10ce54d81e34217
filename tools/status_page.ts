/**
 * Makes the status page one module: `deno run --allow-read --allow-run --allow-write tools/status_page.ts`. What is in
 * `src/ops/admin/page/` becomes `src/ops/admin/page.ts`, so that a bundle and an executable have it in them.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";

const FOLDER = fromFileUrl(new URL("../src/ops/admin/page/", import.meta.url));
const TARGET = fromFileUrl(new URL("../src/ops/admin/page.ts", import.meta.url));

/** The text of the module. */
export async function statusPage(): Promise<string> {
  const style = Deno.readTextFileSync(`${FOLDER}style.css`).replaceAll(/\s*\n\s*/g, "\n").trim();
  const script = await bundled(`${FOLDER}main.js`);
  const html = Deno.readTextFileSync(`${FOLDER}index.html`).replaceAll(/\n\s+/g, "\n")
    .replace(/<style>\s*\/\* style \*\/\s*<\/style>/, () => `<style>${style}</style>`)
    .replace(/<script>\s*\/\* script \*\/\s*<\/script>/, () => `<script type="module">${script}</script>`);
  const policy = [
    "default-src 'none'",
    `script-src ${await hashOf(script)}`,
    `style-src ${await hashOf(style)}`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
  return `/**
 * The status page, made by \`tools/status_page.ts\` of what is in \`page/\`.
 *
 * @module
 */

// deno-fmt-ignore-file

/** The whole page. */
export const PAGE: string = ${JSON.stringify(html)};

/** Its content security policy: its own style and script, and questions to where it came from. */
export const PAGE_POLICY: string = ${JSON.stringify(policy)};
`;
}

async function bundled(path: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--no-lock", "--minify", "--platform=browser", path],
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(decoder.decode(stderr));
  const script = decoder.decode(stdout).trim();
  if (/<\/?script|<!--/i.test(script)) throw new Error("Cannot put script into a page as it must not end its element");
  return script;
}

async function hashOf(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return `'sha256-${digest.toBase64()}'`;
}

if (import.meta.main) Deno.writeTextFileSync(TARGET, await statusPage());
