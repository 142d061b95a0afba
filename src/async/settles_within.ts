/**
 * Waiting with a timeout.
 *
 * @module
 */

/**
 * Whether `promise` fulfils within `timeoutMs`. Rejects if `promise` does within that time; a later rejection is
 * ignored.
 */
export async function settlesWithin(
  promise: Promise<unknown>,
  timeoutMs: number,
): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, timeoutMs, false);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
