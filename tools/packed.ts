/**
 * What a packed executable can be, and may open: all of it is settled when it is made.
 *
 * @module
 */

import { OPTIONS } from "../src/cli/options.ts";

/** Systems that Deno packs for. */
export const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
] as const;

/** Sockets that every executable may serve. */
export const PACKED_SOCKETS: readonly string[] = [
  OPTIONS.socket.default,
  "/run/zentinel/wasm.sock",
  "/run/sentinel/wasm.sock",
  "/var/run/zentinel/wasm.sock",
  "/var/run/sentinel/wasm.sock",
];

/** Addresses at which every executable may be asked how it does; the last one is for containers, and needs `--admin-allow-remote`. */
export const PACKED_ADMIN: readonly string[] = ["127.0.0.1:9464", "[::1]:9464", "localhost:9464", "0.0.0.0:9464"];
