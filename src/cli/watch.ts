/**
 * Waits for files to change.
 *
 * Builds replace a file as often as they write it anew, and a watch of the system's would follow the old one. So the files are looked at
 * from time to time, which needs no grant but for reading them.
 *
 * @module
 */

import { fileState } from "../lanes/mod.ts";
import { sleep } from "../sleep.ts";

const LOOK_MS = 200;

/**
 * Gives a turn at once, and another each time that one of the files is not what it was at the turn before. It waits until a build has
 * ended, as far as can be seen: all files are there, and the same for two looks.
 */
export async function* changes(
  paths: readonly string[],
  look = fileState,
  pause: () => Promise<void> = () => sleep(LOOK_MS),
): AsyncGenerator<void> {
  let before = await lookAtAll(paths, look);
  yield;
  for (let last = before;;) {
    await pause();
    const now = await lookAtAll(paths, look);
    const settled = now.join() === last.join() && !now.includes("");
    last = now;
    if (!settled || now.join() === before.join()) continue;
    before = now;
    yield;
  }
}

async function lookAtAll(paths: readonly string[], look: typeof fileState): Promise<readonly string[]> {
  return await Promise.all(paths.map((path) => look(path)));
}
