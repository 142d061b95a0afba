/**
 * The HTTP port of a gateway, open from its start to its end: probes see each state.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { httpDefaults, type HttpSettings } from "../config/http_section.ts";
import { isLoopback } from "../config/listen_host.ts";
import type { Config } from "../config/load.ts";
import type { ShownGateway } from "../http/gateway_state.ts";
import { HttpServer } from "../http/http_server.ts";
import { ReadinessCheck, type WatchedCluster } from "../http/readiness.ts";
import { Routes } from "../http/routes.ts";
import { ListenError, TcpListener } from "../net/tcp.ts";
import { EventLoopDelay, registerProcessMetrics } from "./process_metrics.ts";

const logger = getLogger(["rafka", "http"]);

/** An open HTTP port. */
export class HttpPort {
  /** The port; for 0 the one that the system chose. */
  readonly port: number;
  readonly #server: HttpServer;
  readonly #routes: Routes;
  readonly #readiness = new ReadinessCheck();
  #delay: EventLoopDelay | undefined;

  private constructor(listener: TcpListener, options: {
    readonly names: boolean;
    readonly acceptPauseMs: number;
  }) {
    this.port = listener.port;
    this.#routes = new Routes(this.#readiness, {
      isLoopback: isLoopback(listener.hostname),
      names: options.names,
    });
    this.#server = new HttpServer(listener, this.#routes.route, options);
  }

  /**
   * Listens, if the configuration says so.
   *
   * @param isDev without a word in the configuration there is one, at any port if its own is taken
   * @throws {ListenError} when the address cannot be used
   */
  static open(
    { server, users }: Config,
    isDev: boolean,
    acceptPauseMs: number,
  ): HttpPort | undefined {
    const settings = server.http ?? (isDev ? httpDefaults : undefined);
    if (!settings) return undefined;
    const hasUsers = users.length > 0 || server.aclFile !== "";
    const names = settings.names ?? !hasUsers;
    const listener = listen(settings, server.http === null);
    logListening(listener, names);
    return new HttpPort(listener, { names, acceptPauseMs });
  }

  /** The gateway has started. */
  serve(gateway: ShownGateway, cluster: WatchedCluster): void {
    this.#readiness.cluster = cluster;
    this.#readiness.phase = "serving";
    const { registry } = gateway.telemetry;
    registerProcessMetrics(registry);
    this.#delay = new EventLoopDelay(registry);
    this.#routes.attach(gateway);
  }

  /** A shutdown has begun: it is not ready any more. */
  stopping(): void {
    this.#readiness.phase = "stopping";
  }

  /** Closes the port and its connections. */
  async close(): Promise<void> {
    this.#delay?.[Symbol.dispose]();
    await this.#server.close();
  }
}

function listen({ host, port }: HttpSettings, isAnyPortGood: boolean): TcpListener {
  try {
    return new TcpListener(host, port, { setting: "server.http.port" });
  } catch (error) {
    const isTaken = error instanceof ListenError && error.cause instanceof Deno.errors.AddrInUse;
    if (isTaken && isAnyPortGood) return new TcpListener(host, 0, { setting: "server.http.port" });
    throw error;
  }
}

/** Whoever reaches the port sees it all: there is no login. */
function logListening({ address, hostname }: TcpListener, names: boolean): void {
  logger.info("Metrics, health and state at {url}", { url: `http://${address}/` });
  if (isLoopback(hostname)) return;
  const shown = names
    ? "names of topics, groups and clients, addresses of clients, and figures of all of them"
    : "figures of all topics, groups and clients, without their names";
  logger.warn(
    "server.http: everybody who can connect to {address} is shown {shown}; there is no login and no TLS",
    { address, shown },
  );
}
