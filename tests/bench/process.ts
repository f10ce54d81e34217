/**
 * What the system knows of a process.
 *
 * @module
 */

/** `sysconf(_SC_CLK_TCK)`: 100 on every Linux there is. */
const TICKS_PER_S = 100;
const UTIME = 11, STIME = 12;

/** Processor time of all threads of a process since its start, user and system, in seconds. */
export function cpuSeconds(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The name, in parentheses, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[UTIME]) + Number(fields[STIME])) / TICKS_PER_S;
}

/**
 * The same in nanoseconds, as far as its threads still run: for loads so small that few ticks of the other clock pass.
 *
 * @see https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat
 */
export function cpuNanoseconds(pid: number): number {
  let sum = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    sum += Number(Deno.readTextFileSync(`/proc/${pid}/task/${name}/schedstat`).split(" ")[0]);
  }
  return sum;
}

/** Memory of a process, in MiB. */
export interface ProcessMemory {
  /** All of it that is there. */
  readonly resident: number;
  /** Of it what is the process's own, and there until it lets go of it: heaps, stacks, machine code made while it runs. */
  readonly own: number;
  /** Of it pages of files, which is the program: all who run it share them, and the system takes them back when it is short of memory. */
  readonly file: number;
  /** The most that has ever been there. */
  readonly peak: number;
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
export function memoryOf(pid: number): ProcessMemory {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const mib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
  return { resident: mib("VmRSS"), own: mib("RssAnon"), file: mib("RssFile"), peak: mib("VmHWM") };
}

/** Resident memory of a process in MiB. */
export function rssMib(pid: number): number {
  return memoryOf(pid).resident;
}
