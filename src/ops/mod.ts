/**
 * What operators see.
 *
 * @module
 */

export { type Log, type LogFields, type LogFormat, type LogLevel, openLog } from "./log.ts";
