/**
 * What operators see.
 *
 * @module
 */

export { type Log, type LogFields, type LogFormat, openLog } from "./log.ts";
