/**
 * The server: accepts connections, owns the sessions, shuts down without losing messages.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { ServerShutdown } from "../commands/core/command_error.ts";
import { Chain } from "../async/chain.ts";
import { settlesWithin } from "../async/settles_within.ts";
import { Acceptor } from "../net/acceptor.ts";
import type { ByteStream, Listener } from "../net/byte_stream.ts";
import { IdleTimeout } from "./idle_timeout.ts";
import { type ServerParts, ServerState } from "./server_state.ts";
import { Session } from "./session.ts";

const logger = getLogger(["rafka", "server"]);

/** A running server. */
export class Server {
  /** State shared by all connections. */
  readonly state: ServerState;
  readonly #sessions = new Chain<Session>();
  readonly #acceptor: Acceptor;
  readonly #idleTimeout: IdleTimeout;
  /** Sessions that have given way to others and are still closing. */
  #givingWay = 0;

  /** Starts accepting immediately; owns the listeners. */
  constructor(listeners: readonly Listener[], parts: ServerParts) {
    const { settings, timeouts } = parts;
    this.state = new ServerState(parts, this.#sessions);
    this.#idleTimeout = new IdleTimeout(
      settings.idleTimeoutMs,
      () => this.state.clientList,
      () => parts.telemetry.connections.cutOff("idleTimeoutMs"),
    );
    this.#acceptor = new Acceptor(
      listeners,
      (stream) => this.#serve(stream),
      timeouts.acceptPauseMs,
    );
  }

  /** Connections that are open or still closing. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /**
   * Shuts down. When it resolves, accepted messages are delivered and acks are committed, except for those that are
   * logged. No step takes longer than its timeout.
   */
  async stop(): Promise<void> {
    const { settings: { flushTimeoutMs, reusePort }, timeouts: { shutdown }, principals } =
      this.state;

    // 1. no new consumers: they would have to leave again immediately
    this.state.shuttingDown = true;
    logger.info("Shutdown 1/4: no new consumers");

    if (reusePort) {
      logger.info("Shutdown: new connections go to the other gateways on the port");
      await this.#acceptor.leave(shutdown.leavePortMs);
    }

    // 2. consumers commit and leave while producers still work: each group rebalances once, and workers can still
    // produce the results of the messages they hold
    const consuming = [...this.#sessions].filter(({ kafka, client }) =>
      kafka.consumer || client.waitsForMessages
    );
    logger.info("Shutdown 2/4: closing {count} connections with consumers", {
      count: consuming.length,
    });
    const closed = Promise.all(consuming.map((session) => session.shutDown()));
    const left = closed.then(() => principals.leaveGroups(shutdown.leaveGroupsMs));
    await this.#within(shutdown.consumersMs, left);

    // 3. no new connections
    logger.info("Shutdown 3/4: no new connections");
    await this.#acceptor.close();

    // 4. the other connections; each flushes its producer
    logger.info("Shutdown 4/4: closing {count} connections, flushing their producers", {
      count: this.#sessions.size,
    });
    const deadline = performance.now() + flushTimeoutMs;
    const timer = setTimeout(() => this.state.flushEnd.abort(), flushTimeoutMs);
    const ended = Promise.all([...this.#sessions].map((session) => session.shutDown()));
    const flushed = ended.then(() =>
      principals.closeClients(
        Math.max(0, deadline - performance.now()),
        new ServerShutdown(flushTimeoutMs),
      )
    );
    await this.#within(flushTimeoutMs + shutdown.producersMs, flushed);
    clearTimeout(timer);
    this.closeSummaries();
  }

  /** Logs the pending summaries about clients. */
  closeSummaries(): void {
    this.state.addDeadlines.close();
    this.#idleTimeout.close();
    this.state.admission.close();
    this.state.telemetry.clientLog.close();
    this.state.telemetry.denials.close();
  }

  async #within(timeoutMs: number, end: Promise<unknown>): Promise<void> {
    if (await settlesWithin(end, timeoutMs)) return;
    logger.warn("{count} connections have not ended in {timeoutMs} ms: the shutdown goes on", {
      count: this.#sessions.size,
      timeoutMs,
    });
  }

  #serve(stream: ByteStream): void {
    const { admission } = this.state;
    if (admission.isFull(this.#openCount)) this.#makeRoom();
    const admitted = admission.admit(stream, this.#openCount);
    if (admitted === "rejected") return;
    const connectionId = ++this.state.telemetry.connections.connections.total;
    const session = new Session(this.state, stream, connectionId);
    session.client.reserved = admitted === "reserved";
    if (admitted === "reserved") void admission.reserve.hold(session);
    const link = this.#sessions.add(session);
    void session.ended.then(() => this.#sessions.remove(link));
  }

  /** Without those that give way and are still closing. */
  get #openCount(): number {
    return this.#sessions.size - this.#givingWay;
  }

  /** Clients that have not logged in must not keep out those that would: the oldest gives way. */
  #makeRoom(): void {
    for (const session of this.#sessions) {
      const { client } = session;
      if (client.authenticated || client.reserved || !session.listed) continue;
      this.state.admission.noteGivenWay(client.id);
      this.#givingWay++;
      void session.ended.then(() => this.#givingWay--);
      return session.disconnect();
    }
  }
}
