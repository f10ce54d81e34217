/**
 * What readers of a recording must know.
 *
 * @module
 */

/** Replaces a secret. Its letters are allowed in a header and in a query. */
export const REDACTED = "REDACTED";

/** The JSON that heads and decisions are recorded in, whatever the module's own is: that of ABI 2 says most. */
export const RECORDED_DIALECT = "agent/2";
