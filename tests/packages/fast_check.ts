/**
 * Named here and not in `deno.json`, so that a start of the agent does not fetch what only tests need.
 *
 * @module
 */

export { default } from "npm:fast-check@4.10.2";
