/**
 * What Linux says of a running process.
 *
 * @module
 */

import { sleep } from "../../src/sleep.ts";

/** USER_HZ: 100 on every Linux that Deno runs on. */
const TICKS_PER_SECOND = 100;

/** Resident memory of a process in MiB: now, and the most it ever had. */
export function residentMiB(pid: number): { readonly now: number; readonly peak: number } {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
  return { now: field("VmRSS"), peak: field("VmHWM") };
}

/** CPU time that all threads of a process have taken so far, in seconds. */
export function cpuSeconds(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The name before may have spaces and parentheses in it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system] = [fields[11], fields[12]];
  return (Number(user) + Number(system)) / TICKS_PER_SECOND;
}

/** Part of one core that a process takes over the next `seconds`. */
export async function cpuShare(pid: number, seconds: number): Promise<number> {
  const startedAt = performance.now();
  const before = cpuSeconds(pid);
  await sleep(seconds * 1000);
  return (cpuSeconds(pid) - before) / ((performance.now() - startedAt) / 1000);
}
