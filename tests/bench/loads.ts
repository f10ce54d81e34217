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

/**
 * Two requests of a hundred take long. As fast as they are answered, slow ones soon hold all connections and share the cores; at a given
 * rate most of them have a core for themselves.
 */
export const SLOW_LOADS: readonly Load[] = [
  { name: "v1, 8 connections, 2 % slow", protocol: 1, connections: 8, slow: { uri: "/slow", every: 50 } },
  { name: "the same, 300 a second", protocol: 1, connections: 8, slow: { uri: "/slow", every: 50 }, rate: 300 },
];

/** By the size of the request's head. */
export const SIZE_LOADS = [
  { name: "0.5 KB of headers", protocol: 1, connections: 8 },
  { name: "2 KB of headers", protocol: 1, connections: 8, extraHeaders: 36 },
  { name: "200 headers", protocol: 1, connections: 8, extraHeaders: 193 },
  { name: "a header of 64 KiB", protocol: 1, connections: 8, bigHeaderBytes: 65536 },
  { name: "a header of 128 KiB", protocol: 1, connections: 8, bigHeaderBytes: 131_072 },
] as const satisfies readonly Load[];

/**
 * What most proxies send most of the time: now and then a request, over connections that come and go with those of clients. The most
 * frequent come first, so that what an engine compiles after some thousands of requests is compiled when the rarest are measured: at 50 a
 * second that would take minutes.
 */
export const PACED_LOADS = [
  { name: "2,000 a second", protocol: 1, connections: 4, rate: 2_000 },
  { name: "2,000 a second, a new connection every 10", protocol: 1, connections: 4, rate: 2_000, churn: 10 },
  { name: "500 a second", protocol: 1, connections: 4, rate: 500 },
  { name: "500 a second, a new connection every 10", protocol: 1, connections: 4, rate: 500, churn: 10 },
  { name: "50 a second", protocol: 1, connections: 4, rate: 50 },
] as const satisfies readonly Load[];

/** The same over v2, which the peer may not speak. */
export const PACED_V2_LOADS: readonly Load[] = PACED_LOADS.map((load) => ({
  ...load,
  name: `v2, ${load.name}`,
  protocol: 2,
}));
