/**
 * What operators see.
 *
 * @module
 */

export { createLog, type Log, type LogFields, type LogFormat, type LogLevel, openLog } from "./log.ts";
export {
  type Failure,
  type Measure,
  type Observer,
  type PrintedLine,
  type SessionNote,
  tee,
  type UncountedMeasure,
  type UnknownKey,
} from "./observer.ts";
