/**
 * What operators see.
 *
 * @module
 */

export { createLog, type Log, type LogFields, type LogFormat, type LogLevel, openLog } from "./log.ts";
export { type Failure, type Observer, type PrintedLine, type SessionNote, tee, type UnknownKey } from "./observer.ts";
