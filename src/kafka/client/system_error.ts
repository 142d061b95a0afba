/**
 * Resources that the operating system must provide.
 *
 * @module
 */

/** A resource of the system is missing; the message says which, for the operator. */
export class SystemError extends Error {
  /** Name of the class, for stack traces. */
  override name = "SystemError";
}

/**
 * Listens on 127.0.0.1, on a free port.
 *
 * @param what needs the address, for the error
 * @throws {SystemError} when there is no such address
 */
export function listenOnLoopback(what: string): Deno.TcpListener {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port: 0 });
  } catch (cause) {
    throw noLoopback(what, cause);
  }
}

/** The error for an address that is missing or unreachable. */
export function noLoopback(what: string, cause: unknown): SystemError {
  const why = (cause as Error).message;
  return new SystemError(
    `Cannot use 127.0.0.1, which ${what} needs: is the loopback interface up (\`ip addr show lo\`)? ${why}`,
    { cause },
  );
}
