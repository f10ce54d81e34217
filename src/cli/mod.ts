/**
 * The command line.
 *
 * @module
 */

export { run } from "./run.ts";
