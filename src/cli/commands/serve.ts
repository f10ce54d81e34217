/**
 * Serves: loads the module, fills the pool, opens the socket, and goes on until a signal comes.
 *
 * @module
 */

import {
  type AdminConfig,
  type AgentConfig,
  type ConfigRequest,
  isLoopback,
  type LogConfig,
  lookedAtBy,
  readConfig,
  showAdminAddress,
} from "../../config/mod.ts";
import { countDescriptors, descriptors } from "../../descriptors.ts";
import {
  type AdminEndpoint,
  countedFile,
  describeError,
  Editions,
  FileWatch,
  Lane,
  Lanes,
  loadApart,
  loadEdition,
  ProxyConfiguration,
  type Recording,
  Reloader,
  tellOfModules,
  tracer,
  warnOfModules,
} from "../../lanes/mod.ts";
import { type LifeStage, type Log, type LogFormat, openLog, type ReloadCause } from "../../ops/mod.ts";
import { VERSION } from "../../program.ts";
import { ConfigError, ListenError } from "../../errors.ts";
import {
  inheritSocket,
  type Listener,
  openSharedSocket,
  openSocket,
  type Server,
  type SocketFile,
  startLockPath,
  Successor,
  successorPath,
} from "../../server/mod.ts";
import type { Asked } from "../command.ts";
import { requestOf } from "../config_request.ts";
import { environmentClosed, readEnv } from "../env.ts";
import { inheritedSocket } from "../inherited.ts";
import { lockIn } from "../lock_in.ts";
import type { OPTIONS } from "../options.ts";
import { Signals } from "../signals.ts";
import { socketPath } from "../socket_path.ts";

const GRACE_MS = 10_000;

/**
 * Runs the agent until SIGTERM or SIGINT, or until another one has taken its socket and all of its connections have ended.
 *
 * @returns Exit code.
 * @throws {ConfigError | ModuleError | ListenError} Before the socket is open.
 */
export async function serve({ options, said }: Asked<typeof OPTIONS>): Promise<number> {
  const request = requestOf(options, said);
  const config = await readConfig(request);
  const { takeOver, readyFd } = config.socket;
  const path = socketPath(config.socket.path, takeOver ? successorPath : undefined);
  const inherited = inheritedSocket(readEnv, Deno.pid);
  if (config.watch && config.lockIn) {
    throw new ConfigError(
      "USAGE_BAD_VALUE",
      `Cannot read "--watch" as nothing may be reloaded with --lock-in: received both`,
    );
  }
  using signals = new Signals();
  const { log, lane, lanes, laneDeath, reloader, endpoint, recording } = await start(request, config);
  const reload = (cause: ReloadCause) => void reloader.reload(cause);
  signals.onHarmless = (signal) => {
    if (signal === "SIGHUP") reload("signal");
    else log.info("signal without effect", { signal });
  };
  using _ = config.watch ? new FileWatch(() => lookedAtBy(reloader.edition.config), () => reload("files")) : undefined;
  let stage: LifeStage = "starting";
  try {
    const stopped = signals.takeOver();
    // All that may fail comes before the socket, which may be taken from another agent.
    const tellReady = readyFd === 0 ? undefined : await (await import("../ready.ts")).openReady(readyFd);
    await using _admin = await endpoint?.open({ reloader, socket: path, lane, lanes, stage: () => stage, log });
    const socket = await (inherited === undefined ? openListener(path, config, lanes) : inherit(inherited, config));
    warnOfGrants(log, path, socket.locked);
    tellOfAdmin(log, config.admin);
    lockIn(config, path, log);
    const server = lane.serve(socket.listener);
    server.run().catch(laneDeath.resolve);
    stage = "serving";
    await tellReady?.();
    log.info("serving", {
      version: VERSION,
      socket: inherited === undefined ? path : `descriptor ${inherited}`,
      ...tellOfModules(log, reloader.edition),
      lanes: config.lanes,
      protocols: ["v1", "v2 json"],
    });
    const open = () => server.connections + lanes.connections;
    let taken = false;
    const handedOver = socket.taken.then(async () => {
      taken = true;
      stage = "draining";
      socket.close();
      log.info("handing over", { connections: open() });
      using successor = new Successor(path);
      await Promise.all([server.handOver(successor), lanes.handOver(path)]);
      return undefined;
    });
    const end = await Promise.race([stopped, handedOver, laneDeath.promise]);
    const cause = end instanceof Error ? describeError(end) : { signal: end };
    stage = "draining";
    log.info("draining", { ...cause, ...taken ? { taken_over: true } : {}, connections: open(), grace_ms: GRACE_MS });
    reloader.close();
    const left = await Promise.race([drain(server, lanes, socket), signals.again.then(open)]);
    log.info("stopped", { connections_cut: left });
    return end instanceof Error ? 1 : 0;
  } finally {
    // Nobody waits for this, because a call may run until its deadline.
    lane.close();
    await recording?.[Symbol.asyncDispose]();
    await log.flush();
  }
}

/** All that decides, ready to serve. */
interface Started {
  readonly log: Log;
  readonly lane: Lane;
  readonly lanes: Lanes;
  /** Resolves to why the process cannot go on. */
  readonly laneDeath: PromiseWithResolvers<Error>;
  readonly reloader: Reloader;
  readonly endpoint: AdminEndpoint | undefined;
  readonly recording: Recording | undefined;
}

/** The first edition is held by what may drop it, and by nothing that lives as long as the process. */
async function start(request: ConfigRequest, config: AgentConfig): Promise<Started> {
  const edition = await loadEdition(config);
  countDescriptors(countedFile(config));
  const log = await openLog(logFormat(config.log), config.log.verbose);
  const endpoint = config.admin && new (await import("../../lanes/admin.ts")).AdminEndpoint(config.admin);
  const observer = endpoint?.metrics ?? {};
  const recording = config.record &&
    await (await import("../../lanes/recording.ts")).Recording.open(config.record, log);
  const lane = await Lane.start(edition, log, observer, recording?.recorder ?? {}, await tracer());
  try {
    for (const note of config.notes ?? []) log.warning(note);
    warnOfModules(log, edition);
    const laneDeath = Promise.withResolvers<Error>();
    const lanes = await Lanes.start(edition, log, laneDeath.resolve, recording);
    const editions = new Editions(edition, [lane, lanes]);
    lane.onConfigure = lanes.onConfigure = new ProxyConfiguration(editions, log).take;
    const reloader = new Reloader({
      editions,
      load: config.lockIn ? refuseReload : () => loadApart(request),
      observer,
      log,
    });
    return { log, lane, lanes, laneDeath, reloader, endpoint, recording };
  } catch (error) {
    lane.close();
    await log.flush();
    throw error;
  }
}

/** The grants are gone. */
function refuseReload(): Promise<never> {
  const message = "Cannot reload as the agent must have been started without --lock-in: received a reload";
  return Promise.reject(new ConfigError("RELOAD_LOCKED_IN", message));
}

/** Lanes come second: as long as the socket is open, each of them may get connections. */
async function drain(server: Server, lanes: Lanes, socket: SocketFile<Listener>): Promise<number> {
  let others: Promise<number> | undefined;
  const own = await server.drain(GRACE_MS, () => {
    socket.close();
    others = lanes.drain(GRACE_MS);
  });
  await socket.gone();
  return own + (await others ?? 0);
}

/** One event loop has Deno's own listener, several share one. */
async function openListener(
  path: string,
  { lanes: count, socket: { mode, takeOver } }: AgentConfig,
  lanes: Lanes,
): Promise<SocketFile<Listener>> {
  if (count === 1) return await openSocket(path, mode, takeOver);
  descriptors.shareAmong(count);
  const socket = await openSharedSocket(path, mode, takeOver);
  await lanes.serve(socket.listener.fd);
  return socket;
}

/** The lanes' event loops would go on accepting from a socket that stays open when this process stops: none can be told to leave it. */
async function inherit(fd: number, { lanes }: AgentConfig): Promise<SocketFile<Listener>> {
  if (lanes === 1) return await inheritSocket(fd);
  throw new ListenError(
    "LISTEN_NOT_SHARED",
    `Cannot share the socket of LISTEN_FDS among lanes as it must be left to the next process: received --lanes ${lanes}`,
  );
}

/** What a grant that is missing takes away without an error. */
function warnOfGrants(log: Log, path: string, locked: boolean): void {
  const lock = startLockPath(path);
  if (!locked) log.warning("starts not kept apart", { grant: `--allow-read=${lock} --allow-write=${lock}` });
  if (environmentClosed()) log.warning("environment not read", { grant: "--allow-env" });
}

function tellOfAdmin(log: Log, admin: AdminConfig | undefined): void {
  if (admin === undefined) return;
  const { address } = admin;
  log.info("admin endpoint", { address: showAdminAddress(address) });
  if (address.kind === "tcp" && !isLoopback(address.hostname)) {
    log.warning("admin endpoint open to other machines: whoever reaches it sees all, and may reload", {
      address: showAdminAddress(address),
    });
  }
}

function logFormat({ format }: LogConfig): LogFormat {
  if (format !== "auto") return format;
  return Deno.stderr.isTerminal() ? "text" : "json";
}
