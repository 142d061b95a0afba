/**
 * @module
 * One connection: reads chunks, runs the requests in them in order, writes the replies. Holds the name, the
 * producer and the consumer of the connection, and sees to it that none of them outlives it.
 */

import { getLogger } from "@logtape/logtape";
import { CommandError, type Context, type Dialect, type Identity } from "../commands/command.ts";
import { dispatch } from "../commands/dispatch.ts";
import type { Cluster } from "../kafka/cluster.ts";
import type { KafkaSettings } from "../kafka/conf.ts";
import type { Consumer } from "../kafka/consumer.ts";
import type { DeliveryFailure } from "../kafka/observer.ts";
import type { Producer } from "../kafka/producer.ts";
import type { ServerSettings } from "../config.ts";
import { ProtocolError } from "../resp/protocol_error.ts";
import { error as errorReply, NULL, type Reply, simple } from "../resp/reply.ts";
import { type Request, RequestParser } from "../resp/request_parser.ts";
import type { Clients, NameHolder } from "./clients.ts";
import { Connection, isConnectionError } from "./connection.ts";
import type { MonitorListener, Monitors } from "./monitors.ts";
import type { Stats } from "./stats.ts";

/** How long the producer of a connection that ends may go on delivering. */
const FLUSH_TIMEOUT_MS = 5_000;
/** How long a client may take to read its last replies when the gateway shuts down. */
const SHUTDOWN_LINGER_MS = 500;
/** A pipeline's replies are written when they are so many, not only at its end. */
const FLUSH_REPLIES_BYTES = 256 * 1024;

const logger = getLogger(["rafka", "server"]);

/** What all connections of a gateway share. */
export interface Gateway {
  /** Our own settings. */
  readonly settings: ServerSettings;
  /** Makes producers and consumers. */
  readonly cluster: Cluster;
  /** The counters. */
  readonly stats: Stats;
  /** Who holds which name. */
  readonly clients: Clients;
  /** Who listens to MONITOR. */
  readonly monitors: Monitors;
  /** No consumers are made any more. */
  readonly shuttingDown: boolean;
  /** A client has sent bytes that are no request. */
  reportProtocolError(client: string, error: ProtocolError): void;
}

/** A connection, from accept to the end of everything that it held. */
export class Session implements Context, NameHolder, MonitorListener {
  /** Resolves when nothing of the connection is left. */
  readonly ended: Promise<void>;
  readonly #gateway: Gateway;
  readonly #connection: Connection;
  readonly #parser: RequestParser;
  readonly #aborter = new AbortController();
  #clientName: string | undefined;
  #identity: Identity | undefined;
  #producer: Producer | undefined;
  #consumer: Consumer | undefined;
  #quitting = false;
  #ending = false;
  readonly #gone = Promise.withResolvers<void>();
  #consumerClosed: Promise<void> = Promise.resolve();

  /** Serves the connection at once. */
  constructor(gateway: Gateway, conn: Deno.TcpConn) {
    this.#gateway = gateway;
    this.#connection = new Connection(conn);
    this.#parser = new RequestParser(gateway.settings);
    this.ended = this.#run();
  }

  /** Whom to follow where Rafka and its README disagree. */
  get dialect(): Dialect {
    return this.#gateway.settings.dialect;
  }

  /** The counters of the gateway. */
  get stats(): Stats {
    return this.#gateway.stats;
  }

  get id(): string {
    return this.#clientName ?? this.#connection.address;
  }

  get clientName(): string | undefined {
    return this.#clientName;
  }

  get identity(): Identity | undefined {
    return this.#identity;
  }

  get producer(): Producer | undefined {
    return this.#producer;
  }

  /** The consumer of this connection, if it has consumed. */
  get consumer(): Consumer | undefined {
    return this.#consumer;
  }

  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  get ending(): boolean {
    return this.#ending;
  }

  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  get consumerClosed(): Promise<void> {
    return this.#consumerClosed;
  }

  async setName(name: string, identity: Identity | undefined): Promise<void> {
    if (identity) await this.#gateway.clients.take(name, this);
    this.#clientName = name === "" ? undefined : name;
    this.#identity = identity;
  }

  openProducer(): Producer {
    this.#producer ??= this.#gateway.cluster.newProducer(this.#identity?.clientId ?? this.id);
    return this.#producer;
  }

  async openConsumer(
    identity: Identity,
    topics: readonly string[],
    settings: KafkaSettings,
  ): Promise<Consumer> {
    if (this.#gateway.shuttingDown) throw serverShutdown();
    const consumer = this.#gateway.cluster.newConsumer({ ...identity, topics, settings });
    try {
      consumer.subscribe();
    } catch (error) {
      await consumer.close(); // one at a time: threads are dear
      throw error;
    }
    this.#consumer = consumer;
    return consumer;
  }

  topicNames(): Promise<string[]> {
    return this.#gateway.cluster.topicNames();
  }

  startMonitoring(): void {
    this.#gateway.monitors.add(this);
  }

  quit(): void {
    this.#quitting = true;
  }

  showCommand(line: string): void {
    this.#connection.output.add(simple(line));
    const { monitorBacklogBytes } = this.#gateway.settings;
    if (this.#connection.output.pendingBytes > monitorBacklogBytes) {
      this.#gateway.monitors.remove(this);
      logger.warn("Client {client} does not read what MONITOR shows it: disconnected", {
        client: this.id,
      });
      this.#connection.close();
      return;
    }
    this.#connection.output.flush().catch(() => this.#connection.close());
  }

  /**
   * Ends the connection for a shutdown: the command that waits is answered (BLPOP: with an error that tells the
   * client to try again), no further one is run.
   */
  async shutDown(): Promise<void> {
    this.#quitting = true;
    this.#aborter.abort(serverShutdown());
    this.#connection.input.interrupt();
    // a client that does not take its replies must not hold up the shutdown
    const timer = setTimeout(() => this.#connection.close(), SHUTDOWN_LINGER_MS);
    await this.ended;
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    logger.debug("Client {client} connected", { client: this.id });
    try {
      await this.#serve();
    } catch (error) {
      this.#logFailure(error);
    }
    this.#ending = true;
    this.#gone.resolve();
    this.#aborter.abort(connectionGone()); // a command whose reply nobody awaits any more
    this.#gateway.monitors.remove(this);
    this.#consumerClosed = this.#closeConsumer();
    await Promise.all([this.#connection.hangUp(), this.#consumerClosed, this.#closeProducer()]);
    logger.debug("Client {client} is gone", { client: this.id });
  }

  async #serve(): Promise<void> {
    while (!this.#quitting) {
      const chunk = await this.#connection.input.read();
      if (!chunk) return;
      this.#parser.push(chunk);
      await this.#runRequests();
      await this.#connection.output.flush();
    }
  }

  /** Runs the requests that are complete. A promise is awaited only where there is something to wait for. */
  async #runRequests(): Promise<void> {
    while (!this.#quitting) {
      const request = this.#nextRequest();
      if (!request) return;
      const reply = dispatch(this, request, this.#showToMonitors);
      this.#connection.output.add(reply instanceof Promise ? await this.#wait(reply) : reply);
      if (this.#connection.output.pendingBytes > FLUSH_REPLIES_BYTES) {
        await this.#connection.output.flush();
      }
    }
  }

  /** Bytes that are no request are answered, then the connection is closed: nobody knows where the next begins. */
  #nextRequest(): Request | undefined {
    try {
      return this.#parser.next();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#gateway.reportProtocolError(this.id, error);
      this.#connection.output.add(errorReply(`ERR ${error.message}`));
      this.#quitting = true;
      return undefined;
    }
  }

  /**
   * Waits for a reply; the replies before it are written first. Who hangs up meanwhile is gone at once if it has an
   * identity: its name and its partitions are wanted elsewhere. Others may have ended their half of the connection
   * only (as `nc -N` does), and get their reply.
   */
  async #wait(reply: Promise<Reply>): Promise<Reply> {
    if (!this.#identity) {
      await this.#connection.output.flush();
      return await reply;
    }
    const { promise: hungUp, resolve } = Promise.withResolvers<Reply>();
    const endWatch = this.#connection.input.watch(() => {
      this.#quitting = true;
      this.#aborter.abort(connectionGone());
      resolve(NULL); // which nobody will read
    });
    try {
      await this.#connection.output.flush();
      return await Promise.race([reply, hungUp]);
    } finally {
      endWatch();
    }
  }

  readonly #showToMonitors = (request: Request): void => {
    this.#gateway.monitors.show(this.id, request);
  };

  /** The name is free when the consumer has left its group: the next one with this name would be in its way. */
  async #closeConsumer(): Promise<void> {
    try {
      await this.#consumer?.close();
    } catch (error) {
      this.#logFailure(error);
    }
    if (this.#clientName !== undefined) this.#gateway.clients.release(this.#clientName, this);
  }

  async #closeProducer(): Promise<void> {
    const startMs = performance.now();
    try {
      const undelivered = await this.#producer?.close(FLUSH_TIMEOUT_MS) ?? [];
      const durationMs = Math.round(performance.now() - startMs);
      for (const failure of undelivered) this.#reportUndelivered(failure, durationMs);
    } catch (error) {
      this.#logFailure(error);
    }
  }

  #reportUndelivered(
    { topic, partition, error, count }: DeliveryFailure,
    durationMs: number,
  ): void {
    this.stats.unflushed(count);
    logger.error(
      "Client {client} is gone and {count} of its messages for {topic}[{partition}] could not be " +
        "delivered in {durationMs} ms: {error}",
      {
        client: this.id,
        count,
        topic,
        partition,
        durationMs,
        error: error.message,
      },
    );
  }

  #logFailure(error: unknown): void {
    if (isConnectionError(error)) {
      logger.debug("Client {client}: {error}", { client: this.id, error: String(error) });
      return;
    }
    logger.error("Bug: connection of {client} failed with {error}", {
      client: this.id,
      error: error instanceof Error ? error.stack ?? error.message : String(error),
    });
  }
}

function connectionGone(): CommandError {
  return new CommandError("CONS", "Client hung up");
}

function serverShutdown(): CommandError {
  return new CommandError("CONS", "Server shutdown");
}
