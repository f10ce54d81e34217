/**
 * The loads that are measured end to end.
 *
 * @module
 */

import type { Load } from "./loadgen.ts";

/** What proxies of the first generation send: one request in flight a connection. */
export const V1_LOADS = [
  { name: "v1, 1 connection", protocol: 1, connections: 1 },
  { name: "v1, 8 connections", protocol: 1, connections: 8 },
  { name: "v1, 32 connections", protocol: 1, connections: 32 },
] as const satisfies readonly Load[];

/** As many in flight as {@linkcode V1_LOADS} has at most, the way proxies of today send them. */
export const V2_LOAD: Load = { name: "v2, 4 connections of 8 requests", protocol: 2, connections: 4, depth: 8 };

/** Two requests of a hundred take long. */
export const SLOW_LOAD: Load = {
  name: "v1, 8 connections, 2 % slow",
  protocol: 1,
  connections: 8,
  slow: { uri: "/slow", every: 50 },
};

/** By the size of the request's head. */
export const SIZE_LOADS = [
  { name: "0.5 KB of headers", protocol: 1, connections: 8 },
  { name: "2 KB of headers", protocol: 1, connections: 8, extraHeaders: 36 },
  { name: "200 headers", protocol: 1, connections: 8, extraHeaders: 193 },
  { name: "a header of 64 KiB", protocol: 1, connections: 8, bigHeaderBytes: 65536 },
] as const satisfies readonly Load[];
