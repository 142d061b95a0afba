/**
 * What the operating system has to have for us.
 *
 * @module
 */

/** Something is not there, or can't be had; the message says what, for the one who runs the program. */
export class SystemError extends Error {
  /** Shown in stack traces. */
  override name = "SystemError";
}

/**
 * Listens on 127.0.0.1, on a free port.
 *
 * @param what needs it, for the error
 * @throws {SystemError} when there is no such address
 */
export function listenOnLoopback(what: string): Deno.TcpListener {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port: 0 });
  } catch (cause) {
    throw noLoopback(what, cause);
  }
}

/** That the address is not there, or that nothing goes there. */
export function noLoopback(what: string, cause: unknown): SystemError {
  const why = (cause as Error).message;
  return new SystemError(
    `Cannot use 127.0.0.1, which ${what} needs: is the loopback interface up (\`ip addr show lo\`)? ${why}`,
    { cause },
  );
}
