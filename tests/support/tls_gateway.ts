/**
 * A gateway with TLS inside the test's process, and the openssl program as its client.
 *
 * @module
 */
import type { Timeouts } from "../../src/config/timeouts.ts";
import type { TestAuthority } from "./certificates.ts";
import { TestGateway } from "./gateway.ts";

/** Options of such a gateway. */
export interface TlsGatewayOptions {
  /** Keys of `server.tls` beside the files of a new certificate. */
  readonly tls?: Record<string, unknown>;
  /** Other keys of `server`. */
  readonly server?: Record<string, unknown>;
  readonly timeouts?: Partial<Timeouts>;
}

/** Starts a gateway with a plain port and one with TLS. */
export async function startTls(
  authority: TestAuthority,
  { tls, server, timeouts }: TlsGatewayOptions = {},
): Promise<TestGateway> {
  const files = tls?.certFile === undefined ? await authority.server() : {};
  const config = { server: { ...server, tls: { port: 0, ...files, ...tls } } };
  return await TestGateway.start({ config, ...(timeouts && { timeouts }) });
}

/** What `openssl s_client` prints, standard output and standard error. */
export async function sClient(
  port: number,
  args: readonly string[],
  input = "PING\r\nQUIT\r\n",
): Promise<string> {
  const child = new Deno.Command("openssl", {
    args: ["s_client", "-connect", `127.0.0.1:${port}`, "-ign_eof", ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {}); // it may have ended
  await writer.close().catch(() => {});
  const { stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}
