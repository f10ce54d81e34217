/**
 * The machine that is measured on.
 *
 * @module
 */

/** What a figure depends on most. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly deno: string;
  /** Jobs that wanted to run in the minute before. */
  readonly loadAverage: number;
}

/** This machine, now. */
export function describeMachine(): Machine {
  const cpu = /^model name\s*: (.*)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ?? "unknown";
  return {
    cpu,
    cores: navigator.hardwareConcurrency,
    memoryGiB: Math.round(Deno.systemMemoryInfo().total / 1024 ** 3),
    kernel: Deno.osRelease(),
    deno: Deno.version.deno,
    loadAverage: Deno.loadavg()[0] ?? NaN,
  };
}

/** In one line. */
export function formatMachine({ cpu, cores, memoryGiB, kernel, deno, loadAverage }: Machine): string {
  return `${cores} cores of ${cpu}, ${memoryGiB} GiB, Linux ${kernel}, Deno ${deno}; load average before: ${
    loadAverage.toFixed(2)
  }`;
}
