/**
 * What operators see.
 *
 * @module
 */

export { createLog, type Log, type LogFields, type LogFormat, type LogLevel, openLog } from "./log.ts";
