/**
 * Every error this program raises on purpose.
 *
 * Match on `code`, never on the class: a class does not survive structured clone between threads.
 * Messages read `Cannot <do> as <what must hold>: received <what came>`, the offending name in quotes, no full stop.
 *
 * @module
 */

/** Base of all errors raised on purpose; `code` is stable and meant for matching. */
export abstract class AgentError extends Error {
  /** Stable identifier, upper snake case, prefixed by the kind of error: `FRAME_TOO_LARGE`. */
  readonly code: string;

  /** `name` becomes that of the class. */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Bad usage or configuration. The process exits with 2. */
export class ConfigError extends AgentError {}

/** The socket cannot be opened. The process exits with 1. */
export class ListenError extends AgentError {}

/** Bytes on a socket are not a frame. Closes that connection. */
export class FrameError extends AgentError {}

/** A frame is not a message this side may receive. Closes that connection. */
export class ProtocolError extends AgentError {}

/** A module cannot be used. The process refuses to start with it. */
export class ModuleError extends AgentError {}

/** A call into a module failed. The event takes the fail mode, the instance is discarded. */
export class GuestError extends AgentError {}

/** No instance could be had in time. The event takes the fail mode. */
export class PoolError extends AgentError {}
