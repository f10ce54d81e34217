/**
 * Every error this program raises on purpose.
 *
 * Match on the class where only the effect matters, and on `code` for one reason among those with the same effect, in logs and
 * alerts. What crosses from one thread to another keeps both: `threads/errors.ts` makes the error anew by its code, because
 * structured clone would make a plain `Error` of it.
 *
 * Messages read `Cannot <do> as <what must hold>: received <what came>`, the offending name in quotes, no full stop.
 *
 * @module
 */

import { type CodeOf, type ErrorClass, type ErrorCode, ERRORS } from "./error_codes.ts";

export { type CodeOf, EFFECTS, type ErrorClass, type ErrorCode, type ErrorRow, ERRORS } from "./error_codes.ts";

/** What an error may have besides its message. */
export interface AgentErrorOptions extends ErrorOptions {
  /** Where in a module's code it happened, innermost first. */
  readonly trace?: readonly string[];
}

/** Base of all errors raised on purpose; `code` is stable and meant for matching. */
export abstract class AgentError extends Error {
  /** Stable identifier, upper snake case, with a prefix that its class has to itself: `FRAME_TOO_LARGE`. */
  readonly code: ErrorCode;
  /** Where in a module's code it happened, innermost first: a function and a byte of the file each. Empty where nobody knows. */
  readonly trace: readonly string[];

  /** `name` becomes that of the code's class, also where a build has shortened the names of classes. */
  constructor(code: ErrorCode, message: string, options?: AgentErrorOptions) {
    super(message, options);
    this.trace = options?.trace ?? [];
    this.name = ERRORS[code].class;
    this.code = code;
  }
}

/** An error of one class, which takes only that class' codes. */
export abstract class ErrorOf<Class extends ErrorClass> extends AgentError {
  /** One of the class' own. */
  declare readonly code: CodeOf<Class>;

  /** `code` is one of the class' own. */
  constructor(code: CodeOf<Class>, message: string, options?: AgentErrorOptions) {
    super(code, message, options);
  }
}

/** Bad usage or configuration. The process exits with 2. */
export class ConfigError extends ErrorOf<"ConfigError"> {}

/** A socket cannot be opened. The process exits with 1. */
export class ListenError extends ErrorOf<"ListenError"> {}

/** Bytes on a socket are not a frame. Closes that connection. */
export class FrameError extends ErrorOf<"FrameError"> {}

/** A frame is not a message this side may receive. Closes that connection. */
export class ProtocolError extends ErrorOf<"ProtocolError"> {}

/** A module cannot be used. The process refuses to start with it. */
export class ModuleError extends ErrorOf<"ModuleError"> {}

/** A call into a module failed. The event takes the fail mode, the instance is discarded. */
export class GuestError extends ErrorOf<"GuestError"> {}

/** No instance could be had in time. The event takes the fail mode. */
export class PoolError extends ErrorOf<"PoolError"> {}

/** What no code of this program foresees. The process exits with 1. */
export class UnexpectedError extends ErrorOf<"UnexpectedError"> {}

const CLASSES: {
  readonly [Class in ErrorClass]: new (
    code: CodeOf<Class>,
    message: string,
    options?: AgentErrorOptions,
  ) => ErrorOf<Class>;
} = {
  ConfigError,
  ListenError,
  FrameError,
  ProtocolError,
  ModuleError,
  GuestError,
  PoolError,
  UnexpectedError,
};

/** An error of the class that its code has in the table. */
export function errorOf(code: ErrorCode, message: string, options?: AgentErrorOptions): AgentError {
  return Reflect.construct(CLASSES[ERRORS[code].class], [code, message, options]);
}
