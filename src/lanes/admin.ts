/**
 * The admin endpoint of an agent, opened where its configuration says. It is loaded only if it says so.
 *
 * @module
 */

import { resolve } from "@std/path";
import { type AdminConfig, showAdminAddress, type SocketConfig } from "../config/mod.ts";
import { ListenError } from "../errors.ts";
import { quoted } from "../escape.ts";
import { Admin, Metrics, type ModuleAbout } from "../ops/admin/mod.ts";
import type { LifeStage, Log } from "../ops/mod.ts";
import { PROGRAM, VERSION } from "../program.ts";
import { openServerSocket } from "../server/mod.ts";
import type { Edition } from "./edition.ts";
import { KeptOpen } from "./kept_open.ts";
import type { Lane } from "./lane.ts";
import type { Lanes } from "./lanes.ts";
import { describeError } from "./log_observer.ts";
import type { Reloader } from "./reload.ts";

/** The agent that is looked at. */
export interface Looked {
  /** Knows what serves. */
  readonly reloader: Reloader;
  /** Absolute path of the proxies' socket. */
  readonly socket: string;
  /** Of the main thread. */
  readonly lane: Lane;
  /** All others. */
  readonly lanes: Lanes;
  /** Whether it takes connections by now. */
  readonly stage: () => LifeStage;
  /** Told when the endpoint fails. */
  readonly log: Log;
}

/** An endpoint that is yet to be opened. */
export class AdminEndpoint {
  /** To be told what the main thread's lane tells. */
  readonly metrics = new Metrics();
  readonly #config: AdminConfig;

  /** Opens nothing yet. */
  constructor(config: AdminConfig) {
    this.#config = config;
  }

  /** Answers from now on. @throws {ListenError} if the address cannot be had. */
  async open({ reloader, socket, lane, lanes, stage, log }: Looked): Promise<AsyncDisposable> {
    const { address, allowRemote, maxErrorPercent } = this.#config;
    const own = () => ({
      figures: [...this.metrics.figures()],
      pools: lane.pools.map((pool) => pool.snapshot()),
    });
    const admin = new Admin({
      program: PROGRAM,
      version: VERSION,
      socket,
      get stage() {
        return stage();
      },
      modules: () => aboutModules(reloader.edition, reloader.since),
      reload: () => reloader.reload("admin"),
      lastReload: () => reloader.last,
      reports: async () => [own(), ...await lanes.reports()],
    }, { unix: address.kind === "unix", allowRemote, maxErrorPercent });
    try {
      const close = await listen(this.#config, reloader.edition.config.socket, admin.handle, log);
      return {
        async [Symbol.asyncDispose]() {
          admin[Symbol.dispose]();
          await close();
        },
      };
    } catch (error) {
      admin[Symbol.dispose]();
      throw error;
    }
  }
}

function aboutModules({ config, modules }: Edition, since: number): readonly ModuleAbout[] {
  return modules.map((module, index) => ({
    name: module.name,
    sha256: module.sha256,
    bytes: module.fileBytes,
    abi: module.abi,
    phases: config.modules[index]?.phases ?? module.phases,
    fail_mode: config.modules[index]?.failMode ?? "",
    timeout_ms: module.limits.timeoutMs,
    since,
  }));
}

type Handle = (request: Request) => Promise<Response>;

/** What closes it, and with it all of its connections. */
async function listen(
  { address }: AdminConfig,
  { mode, takeOver }: SocketConfig,
  handle: Handle,
  log: Log,
): Promise<() => Promise<void>> {
  // Left alone, Deno would write to stderr, which is the log's.
  const options = {
    onListen: () => {},
    onError: () => new Response("a fault in the agent\n", { status: 500 }),
  };
  const onFailure = (error: unknown) =>
    log.error("admin endpoint failed", { ...describeError(error), again: address.kind === "tcp" });
  if (address.kind === "unix") {
    const path = resolve(address.path);
    const file = await openServerSocket(path, mode, takeOver, (path) => {
      // Nothing else may be put at a path once the agent serves.
      return new KeptOpen({
        open: (signal) => Deno.serve({ ...options, path, signal }, handle),
        onFailure,
        again: false,
      });
    });
    return () => {
      file.close();
      return file.gone();
    };
  }
  try {
    const { hostname, port } = address;
    // The agent that is taken over holds the port until it has drained: both answer meanwhile.
    const open = (signal: AbortSignal) =>
      Deno.serve({ ...options, hostname, port, reusePort: takeOver, signal }, handle);
    const server = new KeptOpen({ open, onFailure, again: true });
    return () => server.close();
  } catch (cause) {
    const received = cause instanceof Error ? cause.message : String(cause);
    const shown = showAdminAddress(address);
    const advice = cause instanceof Deno.errors.NotCapable ? ` (grant --allow-net=${shown})` : "";
    throw new ListenError(
      "LISTEN_FAILED",
      `Cannot listen on ${quoted(shown)} as the system must allow it: received ${quoted(received)}${advice}`,
      { cause },
    );
  }
}
