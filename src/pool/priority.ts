/**
 * Makes threads give way to the event loop and the watchdog when there are fewer cores than threads that work.
 *
 * @module
 */

/** How nice a thread with long calls is, from 0 to 19. At 2 it still gets two thirds of what another thread on its core gets. */
const NICE = 2;

/**
 * Lowers the priority of this thread alone, where the system knows such a thing (Linux) and the permission is granted.
 *
 * On Linux, `setpriority` for "process" 0 means the calling thread. Elsewhere it would mean the whole process.
 */
export async function lowerPriority(): Promise<void> {
  if (Deno.build.os !== "linux") return;
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "setPriority" });
  if (state !== "granted") return;
  const { setPriority } = await import("node:os");
  setPriority(0, NICE);
}
