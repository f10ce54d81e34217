/**
 * Drives a Chromium that the machine has. It stands here, and not in `deno.json`, so that a start of the agent does not fetch it.
 *
 * @module
 */

export { type Browser, launch, type Page } from "npm:puppeteer-core@25.16.0";
