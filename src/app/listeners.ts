/**
 * The ports that the configuration names, plain and with TLS.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { type Config, configError } from "../config/load.ts";
import { clientAuthOf, type TlsSettings } from "../config/tls_section.ts";
import type { Timeouts } from "../config/timeouts.ts";
import type { Library } from "../ffi/library.ts";
import { TlsContext, TlsFileError, type TlsFiles } from "../ffi/tls_context.ts";
import { TlsSession } from "../ffi/tls_session.ts";
import type { HealthcheckTarget } from "./healthcheck.ts";
import type { Listener } from "../net/byte_stream.ts";
import { reusePortProblem, TcpListener } from "../net/tcp.ts";
import { TlsListener } from "../net/tls.ts";
import { daysLeft, TlsCertificates } from "../net/tls_certificates.ts";

/** Days before the end of a certificate from which on it is worth a warning. */
const SOON_DAYS = 30;

const logger = getLogger(["rafka", "main"]);

/** What the gateway listens on. */
export interface Listeners {
  /** Of all ports. */
  readonly all: readonly Listener[];
  /** The port without TLS, else the one with it. */
  readonly port: number;
  /** For the log. */
  readonly addresses: string;
  /** The address for a client without TLS. */
  readonly plain: TcpListener | undefined;
  /** The port with TLS and its certificates. */
  readonly tls: { readonly port: number; readonly certificates: TlsCertificates } | undefined;
}

/**
 * Listens.
 *
 * @throws {ListenError} when an address cannot be used
 * @throws {TlsFileError} when a file of `tls` cannot be used
 */
export function openListeners(config: Config, library: Library, timeouts: Timeouts): Listeners {
  const { host, port, tls, keepAliveMs, reusePort } = config.server;
  const certificates = tls ? openCertificates(tls, config, library, timeouts) : undefined;
  const opened: TcpListener[] = [];
  const open = (at: number): TcpListener => {
    const listener = new TcpListener(host, at, { reusePort });
    opened.push(listener);
    keepConnectionsAlive(listener, keepAliveMs);
    return listener;
  };
  try {
    const plain = port === null ? undefined : open(port);
    const secure = tls ? open(tls.port) : undefined;
    const rules = { context: () => certificates!.context, userFrom: tls?.userFrom ?? "none" };
    const all = [...plain ? [plain] : [], ...secure ? [new TlsListener(secure, rules)] : []];
    return {
      all,
      port: (plain ?? secure)!.port,
      addresses: [plain?.address, secure && `${secure.address} (TLS)`].filter(Boolean).join(
        " and ",
      ),
      plain,
      tls: secure && { port: secure.port, certificates: certificates! },
    };
  } catch (error) {
    for (const listener of opened) listener.close();
    certificates?.close();
    throw error;
  }
}

/** Why the ports cannot be used as the configuration says, a line for each problem. */
export function listenProblems(config: Config, library: Library): string[] {
  const why = config.server.reusePort ? reusePortProblem() : undefined;
  return [
    ...why === undefined ? [] : [`'server.reusePort' is true, which is not possible here: ${why}`],
    ...tlsProblems(config, library),
  ];
}

function tlsProblems(config: Config, library: Library): string[] {
  const { tls } = config.server;
  if (tls === null) return [];
  if (!library.openSsl) {
    return [
      `'server.tls': it takes OpenSSL 3, which neither this librdkafka (${library.path}) has inside nor this system ` +
      "(libssl.so.3)",
    ];
  }
  const found = examine(tls, config, library);
  return found instanceof TlsFileError ? [found.message] : [];
}

/** Certificates that end soon, a line each. */
export function tlsWarnings(config: Config, library: Library): string[] {
  const { tls } = config.server;
  if (tls === null || !library.openSsl) return [];
  const found = examine(tls, config, library);
  if (found instanceof TlsFileError) return [];
  const named = [
    { setting: "certFile", validity: found.certificate },
    { setting: "clientCaFile", validity: found.clientCa },
  ];
  return named.flatMap(({ setting, validity }) => {
    if (!validity || daysLeft(validity) >= SOON_DAYS) return [];
    const verb = daysLeft(validity) < 0 ? "has ended" : "ends";
    return [
      `'server.tls.${setting}': certificate ${validity.serial} ${verb} on ${validity.notAfter.toISOString()}`,
    ];
  });
}

/** Where `--healthcheck` finds the gateway of this configuration. */
export function healthcheckTarget(
  { server: { host, port, tls } }: Config,
  openLibrary: () => Library,
): HealthcheckTarget {
  if (port !== null) return { host, port };
  const { openSsl, handles } = openLibrary();
  if (!openSsl) throw new TlsFileError("there is no OpenSSL for a healthcheck with TLS");
  const context = TlsContext.forClient(openSsl, handles);
  return { host, port: tls!.port, tls: () => new TlsSession(context, "client") };
}

/**
 * Where `--healthcheck --ready` finds the HTTP port of this configuration.
 *
 * @throws {ConfigError} when it has none
 */
export function readinessTarget({ source, server: { http } }: Config): HealthcheckTarget {
  if (http) return http;
  throw configError(source, ["'server.http' is null: --ready asks that port"]);
}

function examine(
  tls: TlsSettings,
  config: Config,
  { openSsl, handles }: Library,
): TlsContext | TlsFileError {
  try {
    const files = filesOf(tls, config);
    const context = TlsContext.forServer(openSsl!, handles, files, clientAuthOf(tls));
    context.close();
    return context;
  } catch (error) {
    if (error instanceof TlsFileError) return error;
    throw error;
  }
}

function openCertificates(
  tls: TlsSettings,
  config: Config,
  { openSsl, handles }: Library,
  { certificateCheckMs }: Timeouts,
): TlsCertificates {
  if (!openSsl) throw new TlsFileError("there is no OpenSSL"); // tlsProblems says more
  const files = filesOf(tls, config);
  const source = { openSsl, handles, files, clientAuth: clientAuthOf(tls) };
  return new TlsCertificates(source, certificateCheckMs);
}

function filesOf(tls: TlsSettings, { keyPassphrase }: Config): TlsFiles {
  return { ...tls, keyPassphrase };
}

/** A client whose machine is unreachable keeps its name and its partitions until this is noticed. */
function keepConnectionsAlive(listener: TcpListener, keepAliveMs: number): void {
  if (keepAliveMs === 0 || listener.keepAlive(keepAliveMs)) return;
  logger.warn("keepAliveMs, {keepAliveMs}, cannot be set here: the system's own times count", {
    keepAliveMs,
  });
}
