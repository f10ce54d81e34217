/**
 * What the admin endpoint sees of an agent. The code that puts the agent together provides it; nothing here knows a pool, a lane or a socket.
 *
 * @module
 */

import type { ReloadOutcome } from "../observer.ts";
import type { LaneReport, LifeStage } from "../snapshot.ts";

/** What a module is, for people. */
export interface ModuleAbout {
  readonly name: string;
  /** Of its file, in hexadecimal. */
  readonly sha256: string;
  /** Size of its file. */
  readonly bytes: number;
  readonly abi: string;
  readonly phases: readonly string[];
  readonly fail_mode: string;
  readonly timeout_ms: number;
  /** When it began to serve, in milliseconds since 1970. */
  readonly since: number;
}

/** A running agent. */
export interface AgentView {
  /** Its name. */
  readonly program: string;
  /** Its version. */
  readonly version: string;
  /** Where proxies connect. */
  readonly socket: string;
  /** Whether it takes connections by now, or does so no more. */
  readonly stage: LifeStage;
  /** Its modules, in the order in which they are asked. */
  modules(): readonly ModuleAbout[];
  /** All its event loops, the main thread's first. A loop that does not answer in time is as it was last. */
  reports(): Promise<readonly LaneReport[]>;
  /** Loads all modules anew; absent where that cannot be. */
  reload?(): Promise<ReloadOutcome>;
  /** What came of the last time; undefined if there was none. */
  lastReload?(): ReloadOutcome | undefined;
}
