/**
 * `--healthcheck`: sends PING to the gateway on this machine, as a client would.
 *
 * @module
 */

/** Limit of the whole check. */
const TIMEOUT_MS = 3_000;
/** More than a PONG needs, for the error message. */
const MAX_REPLY_BYTES = 64;
const PONG = "+PONG\r\n";

/** The gateway does not answer with PONG; the message names its address and the reason. */
export class HealthcheckError extends Error {
  /** Shown in stack traces. */
  override name = "HealthcheckError";
}

/**
 * Sends PING to the gateway that listens on `host` and `port`.
 *
 * @throws {HealthcheckError} when there is no PONG within 3 seconds
 */
export async function healthcheck({ host, port }: { host: string; port: number }): Promise<void> {
  const hostname = LOOPBACK[host] ?? host;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
  });
  try {
    await Promise.race([ping(hostname, port), late]);
  } catch (cause) {
    const why = (cause as Error).message;
    throw new HealthcheckError(`No healthy Rafka at ${hostname}:${port}: ${why}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** The address that reaches a server listening on all addresses. */
const LOOPBACK: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

async function ping(hostname: string, port: number): Promise<void> {
  using conn = await Deno.connect({ hostname, port });
  await conn.write(new TextEncoder().encode("PING\r\n"));
  const buffer = new Uint8Array(MAX_REPLY_BYTES);
  let reply = "";
  while (!reply.includes("\n") && reply.length < MAX_REPLY_BYTES) {
    const byteLength = await conn.read(buffer);
    if (byteLength === null) throw new Error("it closed the connection");
    reply += new TextDecoder().decode(buffer.subarray(0, byteLength));
  }
  if (reply !== PONG) throw new Error(`it answered ${JSON.stringify(reply)} to PING`);
}
