/**
 * A result on its way from the thread where its call ran: checked there, so that the event loop has little to do.
 *
 * @module
 */

import type { Dialect } from "../../guest/mod.ts";
import { DIALECTS } from "./dialects.ts";
import type { Result } from "./result_fields.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * In the thread: what a module's result comes to, for {@linkcode decodeChecked}.
 *
 * @throws {GuestError} `GUEST_BAD_RESULT` for what is not as the module's ABI has it.
 */
export function encodeChecked(result: Uint8Array, { dialect }: { readonly dialect: Dialect }): Uint8Array {
  return encoder.encode(JSON.stringify(DIALECTS[dialect].parse(result)));
}

/** On the event loop: what came of it. The only one who writes this is {@linkcode encodeChecked}. */
export function decodeChecked(checked: Uint8Array): Result {
  return JSON.parse(decoder.decode(checked));
}
