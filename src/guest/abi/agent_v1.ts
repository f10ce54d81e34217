/**
 * `agent/1`, the contract of this project: JSON in and out through the guest's own memory.
 *
 * | export | signature | |
 * |---|---|---|
 * | `memory` | memory | required, unless `env.memory` is imported |
 * | `alloc` | (i32 size) -> i32 pointer, 0 for failure | required |
 * | `dealloc` | (i32 pointer, i32 size) -> () | required |
 * | `on_request_headers` | (i32 pointer, i32 length) -> i64 | one of the handlers is required |
 * | `on_response_headers` | (i32 pointer, i32 length) -> i64 | |
 * | `_initialize` | () -> () | called once, before all else |
 *
 * Handlers take JSON and answer `(pointer << 32) | length` of JSON, both halves unsigned: `0x0000_1000_0000_0014` is 20 bytes at
 * 4096.
 *
 * @module
 */

import type { GuestAbi } from "./abi.ts";
import { BoundAgent } from "./agent_call.ts";
import { exportRules } from "./agent_exports.ts";

/** `agent/1`. */
export const AGENT_V1: GuestAbi = {
  name: "agent/1",
  dialect: "agent/1",
  provides: new Map(),
  // What speaks nothing else is taken to mean this one: the message then says what it lacks.
  speaks: () => true,
  ...exportRules(),
  takesConfiguration: () => false,
  bind: () => new BoundAgent(),
};
