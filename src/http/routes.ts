/**
 * What the HTTP port serves, by path.
 *
 * @module
 */

import type { Route } from "./http_connection.ts";
import { EventStreams } from "./event_streams.ts";
import { GatewayState, type ShownGateway } from "./gateway_state.ts";
import { HttpError, type HttpRequest } from "./http_request.ts";
import type { HttpResponse } from "./http_response.ts";
import { metricsResponse } from "./metrics_text.ts";
import { livePage } from "./live_page.ts";
import type { Readiness, ReadinessCheck } from "./readiness.ts";
import { refuseOtherSites } from "./same_site.ts";

/** How to serve. */
export interface RouteOptions {
  /** Only this machine reaches the port. */
  readonly isLoopback: boolean;
  /** Names of topics, groups and clients are shown. */
  readonly names: boolean;
}

type Handler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

/** The paths, from the start of the gateway on; most of them need the gateway. */
export class Routes {
  readonly #readiness: ReadinessCheck;
  readonly #options: RouteOptions;
  readonly #paths: Record<string, Handler>;

  /** Serves health only, until `attach`. */
  constructor(readiness: ReadinessCheck, options: RouteOptions) {
    this.#readiness = readiness;
    this.#options = options;
    this.#paths = {
      "/healthz": () => ({ body: "ok\n" }), // the event loop turns
      "/readyz": async () => readyResponse(await readiness.check()),
    };
  }

  /** Serves everything. */
  attach(gateway: ShownGateway): void {
    const { registry } = gateway.telemetry;
    const { names } = this.#options;
    const state = new GatewayState(gateway, names);
    const status = (prefix?: string): unknown => state.status(this.#readiness.latest, prefix);
    const events = new EventStreams(() =>
      // of 10,000 connections, descriptors take longer to count than all the rest
      `event: status\ndata: ${JSON.stringify(status("rafka_"))}\n\n`
    );
    Object.assign(this.#paths, {
      "/": () => livePage(),
      "/metrics": async ({ headers }: HttpRequest) => {
        await gateway.lagWatch.refresh();
        return metricsResponse(registry.metrics, headers.get("accept") ?? "", names);
      },
      "/api/status": () => json(status()),
      "/api/events": () => events.open(),
      "/api/connections": ({ query }: HttpRequest) => json(state.connections(query)),
      "/api/groups": async ({ query }: HttpRequest) => json(await state.groups(query)),
      "/api/brokers": () => json(state.brokers()),
      "/api/lag": async ({ query }: HttpRequest) => json(await state.lag(query)),
      "/api/topics": ({ query }: HttpRequest) => json(state.topics(query)),
      "/api/failures": ({ query }: HttpRequest) => json(state.failures(query)),
    });
  }

  /** Answers a request. */
  readonly route: Route = (request) => {
    refuseOtherSites(request, this.#options.isLoopback);
    const handler = Object.hasOwn(this.#paths, request.path)
      ? this.#paths[request.path]
      : undefined;
    if (!handler) {
      throw new HttpError(404, `Nothing is here; there is ${Object.keys(this.#paths).join(", ")}`);
    }
    return handler(request);
  };
}

function json(value: unknown): HttpResponse {
  return { contentType: "application/json", body: JSON.stringify(value) };
}

function readyResponse({ ready, reason }: Readiness): HttpResponse {
  return { status: ready ? 200 : 503, body: `${reason}\n` };
}
