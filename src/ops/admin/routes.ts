/**
 * What the admin endpoint answers: a table of paths.
 *
 * @module
 */

import { exposition, EXPOSITION_TYPE } from "../exposition.ts";
import { type GuardOptions, refusalOf } from "./guard.ts";
import type { History } from "./history.ts";
import { type AgentWatch, type Observation, one } from "./observation.ts";
import { PAGE, PAGE_POLICY } from "./page.ts";
import { reasonsAgainst } from "./readiness.ts";
import { reloadOf, statusOf } from "./status.ts";
import type { AgentView } from "./view.ts";

/** What the answers are made of. */
export interface RoutesOptions extends GuardOptions {
  readonly view: AgentView;
  readonly watch: AgentWatch;
  readonly history: History;
  /** Share of events in percent that may take the fail mode while it is ready. */
  readonly maxErrorPercent: number;
}

/** Answers to one path. */
interface Route {
  readonly method: "GET" | "POST";
  /** Undefined if there is no such thing here. */
  readonly answer: (options: RoutesOptions) => Promise<Response> | Response;
}

const ROUTES: Readonly<Record<string, Route>> = {
  "/": {
    method: "GET",
    answer: () =>
      new Response(PAGE, {
        headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": PAGE_POLICY },
      }),
  },
  "/metrics": {
    method: "GET",
    answer: async (options) => {
      const observation = await options.watch.observe();
      const ready = one("sentinel_wasm_ready", reasons(options, observation).length === 0 ? 1 : 0);
      return new Response(exposition([...observation.figures, ready]), {
        headers: { "content-type": EXPOSITION_TYPE },
      });
    },
  },
  "/status": {
    method: "GET",
    answer: async (options) => {
      const observation = await options.watch.observe();
      return json(200, statusOf(options.view, observation, options.history, reasons(options, observation)));
    },
  },
  "/healthz": { method: "GET", answer: () => text(200, "alive\n") },
  "/readyz": {
    method: "GET",
    answer: async (options) => {
      const against = reasons(options, await options.watch.observe());
      return against.length === 0 ? text(200, "ready\n") : text(503, `not ready\n${against.join("\n")}\n`);
    },
  },
  "/reload": {
    method: "POST",
    answer: async ({ view }) => {
      if (view.reload === undefined) return text(501, "this agent cannot reload\n");
      const outcome = await view.reload();
      return json(outcome.error === undefined ? 200 : 422, reloadOf(outcome));
    },
  },
};

/** Headers of every answer: no browser stores it, shows it in a frame, or guesses another type for it. */
const HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
} as const;

/** The answer to a request. */
export async function answer(request: Request, options: RoutesOptions): Promise<Response> {
  const response = await route(request, options);
  for (const [name, value] of Object.entries(HEADERS)) {
    if (!response.headers.has(name)) response.headers.set(name, value);
  }
  return response;
}

async function route(request: Request, options: RoutesOptions): Promise<Response> {
  const refusal = refusalOf(request, options);
  if (refusal !== undefined) return text(403, `refused: ${refusal}\n`);
  const { pathname } = new URL(request.url);
  const found = Object.hasOwn(ROUTES, pathname) ? ROUTES[pathname] : undefined;
  if (found === undefined) return text(404, `not found; there is ${Object.keys(ROUTES).join(", ")}\n`);
  const { method } = request;
  if (method !== found.method && !(method === "HEAD" && found.method === "GET")) {
    const response = text(405, `${pathname} takes ${found.method} alone\n`);
    response.headers.set("allow", found.method === "GET" ? "GET, HEAD" : found.method);
    return response;
  }
  return await found.answer(options);
}

function reasons({ view, history, maxErrorPercent }: RoutesOptions, { reports }: Observation): readonly string[] {
  return reasonsAgainst(view, reports, history.seconds, maxErrorPercent);
}

function text(status: number, body: string): Response {
  return new Response(body, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}

function json(status: number, body: unknown): Response {
  return new Response(`${JSON.stringify(body)}\n`, { status, headers: { "content-type": "application/json" } });
}
