/**
 * The server: accepts connections, holds the sessions, ends in the order that loses nothing.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { settlesWithin } from "../async/settles_within.ts";
import { Acceptor } from "../net/acceptor.ts";
import type { ByteStream, Listener } from "../net/byte_stream.ts";
import { Admission } from "./admission.ts";
import { IdleTimeout } from "./idle_timeout.ts";
import { type ServerParts, ServerState } from "./server_state.ts";
import { Session } from "./session.ts";

const logger = getLogger(["rafka", "server"]);

/** A running server. */
export class Server {
  /** What all its connections share. */
  readonly state: ServerState;
  readonly #sessions = new Set<Session>();
  readonly #admission: Admission;
  readonly #acceptor: Acceptor;
  readonly #idleTimeout: IdleTimeout;

  /** Serves the connections of all listeners, which it owns, at once. */
  constructor(listeners: readonly Listener[], parts: ServerParts) {
    const { settings, telemetry, timeouts } = parts;
    this.state = new ServerState(parts, this.#sessions);
    this.#admission = new Admission(settings.maxClients, telemetry.connections);
    this.#idleTimeout = new IdleTimeout(settings.idleTimeoutMs, () => this.#listedClients());
    this.#acceptor = new Acceptor(
      listeners,
      (stream) => this.#serve(stream),
      timeouts.acceptPauseMs,
    );
  }

  /** Connections that are open or still ending. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /**
   * Ends the server; what was answered is in Kafka and what was acked is committed when it resolves, except for what is
   * logged. No step takes longer than its timeout.
   */
  async stop(): Promise<void> {
    const { settings: { flushTimeoutMs }, timeouts: { shutdown }, cluster, producers } = this.state;

    // 1. no new consumers: one that is made now would only have to leave again
    this.state.shuttingDown = true;
    logger.info("Shutdown 1/4: no new consumers");

    // 2. consumers commit and leave while producers still work: their groups rebalance once, and
    //    what workers produce for the messages they hold is taken
    const consuming = [...this.#sessions].filter((session) => session.kafka.consumer);
    logger.info("Shutdown 2/4: closing {count} connections with consumers", {
      count: consuming.length,
    });
    const closed = Promise.all(consuming.map((session) => session.shutDown()));
    const left = closed.then(() => cluster.departures.end(shutdown.leaveGroupsMs));
    await this.#within(shutdown.consumersMs, left);

    // 3. no new connections from here on
    logger.info("Shutdown 3/4: no new connections");
    await this.#acceptor.close();

    // 4. the others; each flushes what it has answered for
    logger.info("Shutdown 4/4: closing {count} connections, flushing their producers", {
      count: this.#sessions.size,
    });
    const deadline = performance.now() + flushTimeoutMs;
    const ended = Promise.all([...this.#sessions].map((session) => session.shutDown()));
    const flushed = ended.then(() => producers.close(Math.max(0, deadline - performance.now())));
    await this.#within(flushTimeoutMs + shutdown.producersMs, flushed);
    this.closeSummaries();
  }

  /** Logs what is still counted of clients. */
  closeSummaries(): void {
    this.#idleTimeout.close();
    this.#admission.close();
    this.state.telemetry.clientLog.close();
  }

  async #within(timeoutMs: number, end: Promise<unknown>): Promise<void> {
    if (await settlesWithin(end, timeoutMs)) return;
    logger.warn("{count} connections have not ended in {timeoutMs} ms: the shutdown goes on", {
      count: this.#sessions.size,
      timeoutMs,
    });
  }

  *#listedClients(): Iterable<Session["client"]> {
    for (const { listed, client } of this.#sessions) if (listed) yield client;
  }

  #serve(stream: ByteStream): void {
    const admitted = this.#admission.admit(stream, this.#sessions.size);
    if (admitted === "rejected") return;
    const connectionId = ++this.state.telemetry.connections.connections.total;
    const session = new Session(this.state, stream, connectionId);
    session.client.onRejected = () => this.#admission.noteRejection(session.client.id);
    session.client.reserved = admitted === "reserved";
    if (admitted === "reserved") void this.#admission.reserve.hold(session);
    this.#sessions.add(session);
    void session.ended.then(() => this.#sessions.delete(session));
  }
}
