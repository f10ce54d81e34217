/**
 * The log: one line an event worth telling, as text for people or JSON for machines, on stderr.
 *
 * @module
 */

import {
  configure,
  getJsonLinesFormatter,
  getLogger,
  getTextFormatter,
  type Logger,
  type TextFormatter,
} from "@logtape/logtape";
import { bounded, MAX_MESSAGE } from "./bounded.ts";
import { escapeText } from "../escape.ts";
import { PROGRAM } from "../program.ts";
import { LogWriter } from "./log_writer.ts";

/** Shape of the lines. */
export type LogFormat = "text" | "json";

/** Levels, from the most to the least talkative. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/** Values that go with a message. */
export type LogFields = Readonly<Record<string, unknown>>;

/** A log that has been set up. */
export interface Log {
  /** Does nothing unless {@linkcode Log.verbose}. */
  readonly debug: (message: string, fields?: LogFields) => void;
  /** For the normal course. */
  readonly info: (message: string, fields?: LogFields) => void;
  /** For what is lost while the agent goes on: a connection, a late reply. */
  readonly warning: (message: string, fields?: LogFields) => void;
  /** For failures of the module. */
  readonly error: (message: string, fields?: LogFields) => void;
  /** True if debug lines are written. */
  readonly verbose: boolean;
  /** Resolves when all lines are out. */
  flush(): Promise<void>;
}

/** Sets the log up; once in a process. */
export async function openLog(format: LogFormat, verbose: boolean): Promise<Log> {
  const formatter = format === "json" ? jsonFormatter() : textFormatter();
  const writer: LogWriter = new LogWriter(
    Deno.stderr,
    (count) =>
      formatter({
        category: [PROGRAM],
        level: "warning",
        message: ["log lines left out"],
        rawMessage: "log lines left out",
        properties: { count },
        timestamp: Date.now(),
      }),
  );
  await configure({
    sinks: { stderr: (record) => writer.write(formatter(record)) },
    loggers: [
      { category: PROGRAM, lowestLevel: verbose ? "debug" : "info", sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["stderr"] },
    ],
  });
  const logger: Logger = getLogger(PROGRAM);
  return createLog(
    (level, message, fields) => logger[level](escapeTemplate(message), fields),
    verbose,
    () => writer.flush(),
  );
}

/** A log that hands on its lines to `write`: escaped and cut, no matter where their text comes from or in which format they are written. */
export function createLog(
  write: (level: LogLevel, message: string, fields: LogFields) => void,
  verbose: boolean,
  flush: () => Promise<void>,
): Log {
  const at = (level: LogLevel) => (message: string, fields: LogFields = {}) =>
    write(level, escapeText(message, MAX_MESSAGE), bounded(fields));
  return {
    debug: verbose ? at("debug") : () => {},
    info: at("info"),
    warning: at("warning"),
    error: at("error"),
    verbose,
    flush,
  };
}

/** Braces would be read as places for fields. */
function escapeTemplate(message: string): string {
  return message.replaceAll("{", "{{").replaceAll("}", "}}");
}

function jsonFormatter(): TextFormatter {
  return getJsonLinesFormatter({ properties: "flatten", message: "rendered", categorySeparator: "." });
}

function textFormatter(): TextFormatter {
  return getTextFormatter({
    timestamp: "rfc3339",
    level: "full",
    format: ({ timestamp, level, message, record }) => {
      const fields = Object.entries(record.properties).filter(([, value]) => value !== undefined);
      const shown = fields.map(([name, value]) =>
        ` ${name}=${typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)}`
      );
      return `${timestamp} ${level.padEnd(7)} ${message}${shown.join("")}`;
    },
  });
}
