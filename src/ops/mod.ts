/**
 * What operators see.
 *
 * @module
 */

export { createLog, type Log, type LogFields, type LogFormat, type LogLevel, openLog } from "./log.ts";
export { type LineSink, LogWriter } from "./log_writer.ts";
export {
  type Failure,
  type Measure,
  type Observer,
  type Place,
  type PrintedLine,
  type ReloadCause,
  type ReloadOutcome,
  type ServingModule,
  type SessionNote,
  tee,
  type UncountedMeasure,
  type UnknownKey,
  type WornBy,
} from "./observer.ts";
export type { Figure } from "./figures.ts";
export type { MetricName, MetricRow, METRICS } from "./metric_table.ts";
export type { Metrics } from "./metrics.ts";
export type { LaneReport, LifeStage, PoolSnapshot, SlotSnapshot, SlotState } from "./snapshot.ts";
