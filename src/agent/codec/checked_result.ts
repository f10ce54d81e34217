/**
 * A result on its way from the thread where its call ran: checked there, so that the event loop has little to do.
 *
 * @module
 */

import { parseResult, type Result } from "./result.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * In the thread: what a module's result comes to, for {@linkcode decodeChecked}.
 *
 * @throws {GuestError} `GUEST_BAD_RESULT` as {@linkcode parseResult} does.
 */
export function encodeChecked(result: Uint8Array): Uint8Array {
  return encoder.encode(JSON.stringify(parseResult(result)));
}

/** On the event loop: what came of it. The only one who writes this is {@linkcode encodeChecked}. */
export function decodeChecked(checked: Uint8Array): Result {
  return JSON.parse(decoder.decode(checked));
}
