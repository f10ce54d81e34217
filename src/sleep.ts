/**
 * Waiting for time to pass.
 *
 * @module
 */

/** Resolves after `ms` milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Resolves to what `awaited` comes to, or to undefined if that takes longer than `ms` milliseconds. Rejects if `awaited` does. */
export async function within<T>(ms: number, awaited: Promise<T>): Promise<T | undefined> {
  const patience = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => patience.resolve(undefined), ms);
  try {
    return await Promise.race([awaited, patience.promise]);
  } finally {
    clearTimeout(timer);
  }
}
