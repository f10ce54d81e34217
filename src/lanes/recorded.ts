/**
 * What those must know who read a recording.
 *
 * @module
 */

/** Stands in the place of a secret: letters that may stand in a header and in a query. */
export const REDACTED = "REDACTED";

/** The JSON that heads and decisions are recorded in, whatever the module's own is: that of ABI 2 says most. */
export const RECORDED_DIALECT = "agent/2";
