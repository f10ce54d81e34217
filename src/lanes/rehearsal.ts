/**
 * Has the engine compile all that a request needs, before requests come and beside the first of them: a module of its own decides events
 * of its own making, in a pool and behind a policy like those that serve. The operator's modules are not asked, and nobody is told.
 *
 * @module
 */

import { Current, withQuirks } from "../agent/mod.ts";
import type { AgentConfig, ModuleConfig } from "../config/mod.ts";
import type { ModuleLimits } from "../guest/mod.ts";
import { type Observer, tee } from "../ops/mod.ts";
import { collect, ringForNobody, type Watchdog } from "../pool/mod.ts";
import { PROGRAM, VERSION } from "../program.ts";
import { type MadeUpPeers, makeUpPeers, sessionFor, type SessionOptions, warmUp } from "../server/mod.ts";
import { type Edition, editionOf } from "./edition.ts";
import { prepareAs } from "./module_file.ts";
import { startPolicy } from "./running_policy.ts";

/** Modules of `agent/1` and of `agent/2` that answer by this or that, in base64. Their text is `tests/guests/rehearses.wat`. */
export const REHEARSAL_MODULES: readonly [string, string] = [
  "AGFzbQEAAAABEQNgAX8Bf2ACf38AYAJ/fwF+AwQDAAECBQMBAAEGBgF/AUEACwdHBQZtZW1vcnkCAAVhbGxvYwAAB2RlYWxsb2MAARJvbl9yZXF1ZXN0X2hl" +
  "YWRlcnMAAhNvbl9yZXNwb25zZV9oZWFkZXJzAAIKfAMFAEGAIAsCAAtxAQJ/IwBBAWokACMAQZYBRgRAQeDG2wAhAgNAIAJBAWsiAg0ACwtB4QAjAEEEdkEa" +
  "cGohA0HdACADOgAAQaIEIAM6AABB4QAjAEEIdkEacGohA0HeACADOgAAQaMEIAM6AAAjAEEBdkEFcEEDdCkDAAsL3QIGAEHAAAsieyJkZWNpc2lvbiI6ImFs" +
  "bG93IiwidGFncyI6WyJhYSJdfQBBgAELFHsiZGVjaXNpb24iOiJhbGxvdyJ9AEHAAQs+eyJkZWNpc2lvbiI6ImJsb2NrIiwic3RhdHVzIjo0MDMsImJvZHki" +
  "OiJubyIsInRhZ3MiOlsiYSIsImIiXX0AQcACCzZ7ImRlY2lzaW9uIjoiYWxsb3ciLCJhZGRfcmVxdWVzdF9oZWFkZXJzIjp7IngtYSI6ImIifX0AQcADC2d7" +
  "ImRlY2lzaW9uIjoiYWxsb3ciLCJhZGRfcmVzcG9uc2VfaGVhZGVycyI6eyJ4LWEiOiJiIn0sInJlbW92ZV9yZXNwb25zZV9oZWFkZXJzIjpbIngtYiJdLCJ0" +
  "YWdzIjpbImFhIl19AEEACygiAAAAQAAAABQAAACAAAAAPgAAAMAAAAA2AAAAQAEAAGcAAADAAQAA",
  "AGFzbQEAAAABFQRgAX8Bf2ACf38AYAJ/fwF+YAABfwMFBAABAgMFAwEAAQYGAX8BQQALB1sGBm1lbW9yeQIABWFsbG9jAAAHZGVhbGxvYwABEm9uX3JlcXVl" +
  "c3RfaGVhZGVycwACE29uX3Jlc3BvbnNlX2hlYWRlcnMAAhFhZ2VudF9hYmlfdmVyc2lvbgADCoEBBAUAQYAgCwIAC3EBAn8jAEEBaiQAIwBBlgFGBEBB4Mbb" +
  "ACECA0AgAkEBayICDQALC0HhACMAQQR2QRpwaiEDQd0AIAM6AABBogQgAzoAAEHhACMAQQh2QRpwaiEDQd4AIAM6AABBowQgAzoAACMAQQF2QQVwQQN0KQMA" +
  "CwQAQQILC90CBgBBwAALInsiZGVjaXNpb24iOiJhbGxvdyIsInRhZ3MiOlsiYWEiXX0AQYABCxR7ImRlY2lzaW9uIjoiYWxsb3cifQBBwAELPnsiZGVjaXNp" +
  "b24iOiJibG9jayIsInN0YXR1cyI6NDAzLCJib2R5Ijoibm8iLCJ0YWdzIjpbImEiLCJiIl19AEHAAgs2eyJkZWNpc2lvbiI6ImFsbG93IiwiYWRkX3JlcXVl" +
  "c3RfaGVhZGVycyI6eyJ4LWEiOiJiIn19AEHAAwtneyJkZWNpc2lvbiI6ImFsbG93IiwiYWRkX3Jlc3BvbnNlX2hlYWRlcnMiOnsieC1hIjoiYiJ9LCJyZW1v" +
  "dmVfcmVzcG9uc2VfaGVhZGVycyI6WyJ4LWIiXSwidGFncyI6WyJhYSJdfQBBAAsoIgAAAEAAAAAUAAAAgAAAAD4AAADAAAAANgAAAEABAABnAAAAwAEAAA==",
];

/** Instances of each module: the engine takes the functions of one for all that there will ever be. */
const INSTANCES = 2;
/** Connections before requests come, and beside them: V8 has compiled all after some 6,000 events. */
const FIRST_CONNECTIONS = 2, MORE_CONNECTIONS = 30;

/** Its own, for with the operator's it might have to be ended, or start one instance after the other. */
const LIMITS: ModuleLimits = {
  timeoutMs: 1_000,
  startTimeoutMs: 5_000,
  maxMemoryMiB: 1,
  maxTableEntries: 0,
  maxRequestsPerInstance: 0,
  allowGc: false,
};

/** What a rehearsal needs of the event loop that it runs on. */
export interface RehearsalOptions {
  /** What will be served; none of it is started. */
  readonly config: AgentConfig;
  /** Ends calls past their deadline. It must outlast the rehearsal. */
  readonly watchdog: Watchdog;
  /** The one who will be told of real events; he is not told of these. */
  readonly observer: Observer;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** A rehearsal that goes on beside what is served. */
export interface Rehearsal {
  /** Resolves once nothing of it is left. */
  readonly over: Promise<void>;
}

/**
 * Rehearses as much as the first request needs; the rest goes on afterwards, a little at a time.
 *
 * @throws {ModuleError | PoolError} if what it needs does not start. Nothing is left of it then.
 */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  ringForNobody();
  await using policies = new AsyncDisposableStack();
  const deaf = deafened(options.observer);
  const sessions: SessionOptions[] = [];
  // The first are told by one function, the others by one that tells two: either may be what is told of real events.
  const observers = [tee([deaf]), tee([deaf, deaf])];
  for (const [index, observer] of observers.entries()) {
    const edition = await editionFor(options.config, REHEARSAL_MODULES[index] ?? REHEARSAL_MODULES[0]);
    const start = () => startPolicy(edition, { watchdog: options.watchdog, observer, gently: false });
    // Code that is compiled before V8 has seen a pool closed is thrown away with the first that is.
    await (await start()).policy.close();
    const { policy } = await start();
    policies.defer(() => policy.close());
    sessions.push(sessionFor(withQuirks(new Current(policy)), () => IDENTITY, observer));
  }
  const peers = makeUpPeers();
  await warmUp(sessions, { peers, connections: FIRST_CONNECTIONS });
  // What the start has left is collected now, and not when V8 finds the time for it, which may be while a request waits.
  collect();
  return { over: goOn(sessions, peers, options.signal, policies.move()) };
}

async function goOn(
  sessions: readonly SessionOptions[],
  peers: MadeUpPeers,
  signal: AbortSignal,
  policies: AsyncDisposable,
): Promise<void> {
  await using _ = policies;
  await warmUp(sessions, { peers, connections: MORE_CONNECTIONS, gently: true, signal });
}

/** What stands in for an edition. */
async function editionFor(config: AgentConfig, base64: string): Promise<Edition> {
  const [first] = config.modules;
  const plain: ModuleConfig = {
    ...first,
    name: "rehearsal",
    phases: undefined,
    match: undefined,
    poolSize: INSTANCES,
    reserveThreads: 0,
    limits: LIMITS,
  };
  const module = await prepareAs(plain, Uint8Array.fromBase64(base64));
  return editionOf({ ...config, timeoutMs: LIMITS.timeoutMs, modules: [plain] }, [module]);
}

const IDENTITY = { agentId: PROGRAM, name: PROGRAM, version: VERSION, maxConcurrency: 1 };

/** One who hears of the same, and does nothing. */
function deafened(observer: Observer): Observer {
  const members = Object.entries(observer).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name]) => [name, () => {}]));
}
