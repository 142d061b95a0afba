/**
 * A small HTTP server for monitors and browsers, on the gateway's own listener. Deno.serve keeps connections that send
 * nothing, however many, takes 400 KB of headers, and listens at a second address that DENO_SERVE_ADDRESS names without
 * showing it; node:http does the last, too, and takes 13 MB.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { Acceptor } from "../net/acceptor.ts";
import type { ByteStream, Listener } from "../net/byte_stream.ts";
import { HTTP_TIMEOUTS, HttpConnection, type HttpTimeouts, type Route } from "./http_connection.ts";
import { HttpError } from "./http_request.ts";
import { LogSummary, type Occurrences } from "../telemetry/log_summary.ts";

/** As many as a few monitors and browsers need: each is a file descriptor that clients of Redis could have. */
const MAX_CONNECTIONS = 64;

const logger = getLogger(["rafka", "http"]);

/** A running HTTP server. */
export class HttpServer {
  readonly #route: Route;
  readonly #timeouts: HttpTimeouts;
  readonly #connections = new Set<HttpConnection>();
  readonly #acceptor: Acceptor;
  readonly #foreign = new LogSummary<ForeignClient>(logForeignClients);

  /** Starts accepting immediately; owns the listener. */
  constructor(listener: Listener, route: Route, options: {
    readonly acceptPauseMs: number;
    readonly timeouts?: HttpTimeouts;
  }) {
    this.#route = route;
    this.#timeouts = options.timeouts ?? HTTP_TIMEOUTS;
    this.#acceptor = new Acceptor(
      [listener],
      (stream) => this.#serve(stream),
      options.acceptPauseMs,
    );
  }

  /** Number of connections. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Closes the listener and all connections. */
  async close(): Promise<void> {
    await this.#acceptor.close();
    for (const connection of this.#connections) connection.close();
    await Promise.all([...this.#connections].map(({ ended }) => ended));
    this.#foreign.close();
  }

  #serve(stream: ByteStream): void {
    if (this.#connections.size >= MAX_CONNECTIONS) this.#makeRoom();
    const connection = new HttpConnection(stream, async (request) => {
      try {
        return await this.#route(request);
      } catch (error) {
        if (error instanceof HttpError) throw error;
        const stack = (error as Error).stack ?? String(error);
        logger.error("Bug: {path} failed with {error}", { path: request.path, error: stack });
        throw new HttpError(500, "Internal error, see the log", { cause: error });
      }
    }, this.#timeouts);
    this.#connections.add(connection);
    void connection.ended.then(() => {
      this.#connections.delete(connection);
      this.#noteForeign(connection);
    });
  }

  #noteForeign({ foreign, remoteAddress }: HttpConnection): void {
    if (foreign) {
      this.#foreign.note(foreign.name, { client: remoteAddress, protocol: foreign.name });
    }
  }

  /** The oldest is the most likely to be slow on purpose: one that waits to be served must not keep probes out. */
  #makeRoom(): void {
    const oldest = [...this.#connections].find(({ isStream }) => !isStream);
    if (!oldest) return; // the number of streams has a limit of its own
    oldest.close();
    this.#connections.delete(oldest);
  }
}

interface ForeignClient {
  readonly client: string;
  readonly protocol: string;
}

function logForeignClients({ latest, count }: Occurrences<ForeignClient>): void {
  const template = "Client {client}: {protocol} at the port for HTTP ({count} times)";
  logger.warn(template, { ...latest, count });
}
