/**
 * @module
 * One connection: reads chunks, runs the requests in them in order, writes the replies. Holds the name, the
 * producer and the consumer of the connection, and sees to it that none of them outlives it.
 */

import { getLogger } from "@logtape/logtape";
import { CommandError } from "../commands/core/command_error.ts";
import type { Context, Dialect, Disconnection, Identity } from "../commands/core/context.ts";
import { dispatch } from "../commands/dispatch.ts";
import { settlesWithin } from "../async/settles_within.ts";
import { OutputLimitError } from "../resp/output_limit_error.ts";
import { ProtocolError } from "../resp/protocol_error.ts";
import { error as errorReply, pieces, type Reply } from "../resp/reply.ts";
import type { Request } from "../resp/request_parser.ts";
import { Client, type ClientSession } from "./client_state.ts";
import { Connection } from "../net/connection.ts";
import type { Gateway } from "./gateway.ts";
import { whileConnected } from "./until_disconnect.ts";
import { type KafkaClients, serverShutdown } from "./kafka_clients.ts";
import type { MonitorListener } from "./monitors.ts";
import type { NameHolder } from "./name_registry.ts";
import { RequestReader } from "./request_reader.ts";
import { CONNECTION_GONE, logFailure } from "./session_failure.ts";

/** How long a client may take to read its last replies when the gateway shuts down. */
const SHUTDOWN_LINGER_MS = 500;
/** A pipeline's replies are written when they are so many, not only at its end. */
const FLUSH_REPLIES_BYTES = 256 * 1024;

const logger = getLogger(["rafka", "server"]);

/** A connection, from accept to the end of everything that it held. */
export class Session implements Context, ClientSession, NameHolder, MonitorListener {
  /** Who is at the other end. */
  readonly client: Client;
  /** What all connections share. */
  readonly gateway: Gateway;
  /** Resolves when nothing of the connection is left. */
  readonly ended: Promise<void>;
  readonly #connection: Connection;
  readonly #requests: RequestReader;
  /** It runs the commands since MULTI. */
  executing = false;
  #quitting = false;
  #ending = false;
  #resetting = false;
  #killed = false;
  #givingWay = false;
  /** What the latest command that waits is answered with; never rejects. */
  #reply: Promise<Reply> | undefined;
  #gone: PromiseWithResolvers<void> | undefined;
  #consumerClosed: Promise<void> | undefined;

  /** Serves the connection at once. */
  constructor(gateway: Gateway, conn: Deno.TcpConn, connectionId: number) {
    this.gateway = gateway;
    const { outputLimitBytes } = gateway.settings;
    this.#connection = new Connection(conn, gateway.traffic, outputLimitBytes);
    this.client = new Client(connectionId, this.#connection, gateway, this);
    this.#requests = new RequestReader(this.#connection.input, gateway, this.client);
    this.ended = this.#run();
  }

  /** Whom to follow where Rafka and its README disagree. */
  get dialect(): Dialect {
    return this.gateway.settings.dialect;
  }

  /** The producer and the consumer of the connection. */
  get kafka(): KafkaClients {
    return this.client.kafka;
  }

  get leaving(): boolean {
    return this.#ending || this.#resetting;
  }

  /** Something has been written to the client. */
  get answered(): boolean {
    return this.#connection.output.writes > 0;
  }

  /** It is there, for other clients to see: neither ending nor killed. */
  get listed(): boolean {
    return !this.#ending && !this.#killed;
  }

  get gone(): Promise<void> {
    if (this.#ending) return Promise.resolve();
    this.#gone ??= Promise.withResolvers();
    return this.#gone.promise;
  }

  giveNameUp(): void {
    if (this.#connection.input.ended) this.#end(CONNECTION_GONE);
  }

  get consumerClosed(): Promise<void> {
    return this.#consumerClosed ?? Promise.resolve();
  }

  answers(): Promise<boolean> {
    return this.gateway.answers(this.client);
  }

  async setName(name: string, identity: Identity | undefined): Promise<void> {
    if (identity) await this.gateway.names.take(name, this);
    this.client.name = name === "" ? undefined : name;
    this.client.identity = identity;
  }

  startMonitoring(): void {
    this.client.monitoring = true;
    this.gateway.monitors.add(this);
  }

  async reset(): Promise<void> {
    this.#resetting = true;
    this.#stopMonitoring();
    this.#consumerClosed = this.#closeConsumer();
    await this.#consumerClosed;
    await this.setName("", undefined);
    this.kafka.takeFailures(); // nobody else's business
    this.client.reset();
    this.#resetting = false;
  }

  quit(): void {
    this.#quitting = true;
  }

  get quitting(): boolean {
    return this.#quitting || this.#ending;
  }

  execute(request: Request): Reply | Promise<Reply> {
    this.client.commanded();
    this.gateway.turns.did(request.length);
    return dispatch(this, request, this.client);
  }

  giveWay(): Promise<void> | undefined {
    return this.gateway.turns.over ? this.#nextTurn() : undefined;
  }

  async #nextTurn(): Promise<void> {
    this.#givingWay = true;
    await this.gateway.turns.next();
    this.#givingWay = false;
  }

  showCommand(line: Uint8Array): void {
    if (this.client.replyMode === "off") return;
    const { monitorBacklogBytes, outputLimitBytes } = this.gateway.settings;
    const limitBytes = Math.min(monitorBacklogBytes, outputLimitBytes);
    if (this.#connection.output.pendingBytes + line.byteLength > limitBytes) {
      this.#stopMonitoring();
      return this.cutOff("monitorBacklogBytes", "it does not read what MONITOR shows it");
    }
    this.#connection.output.add(pieces([line]));
    this.#connection.output.flush().catch(() => this.#connection.close());
  }

  /**
   * Ends the connection for a shutdown: the command that waits is answered (BLPOP: with an error that tells the
   * client to try again), no further one is run.
   */
  async shutDown(): Promise<void> {
    this.kafka.limitFlush();
    this.#end(serverShutdown(this.gateway.settings));
    if (this.#reply) await settlesWithin(this.#reply, this.gateway.settings.flushTimeoutMs);
    // a client that does not take its replies must not hold up the shutdown
    const timer = setTimeout(() => this.#connection.close(), SHUTDOWN_LINGER_MS);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends the connection at once, without a word. */
  disconnect(): void {
    this.#killed = true;
    this.#end(CONNECTION_GONE);
    this.#connection.close();
  }

  /** What the client sends is too much: the command that waits is answered so, and is the last one. */
  refuse(error: ProtocolError, kind: string): void {
    this.gateway.traffic.pipelineLimited++;
    this.gateway.reportProtocolError(this.client.id, error, kind);
    this.#end(new CommandError("ERR", error.message));
  }

  /** No further command is run; the one that waits is answered with `reason`. */
  #end(reason: CommandError): void {
    this.#quitting = true;
    this.client.abort(reason);
    this.#requests.interrupt();
  }

  async #run(): Promise<void> {
    logger.debug("Client {client} connected", { client: this.client.id });
    try {
      await this.#serve();
    } catch (error) {
      this.#logFailure(error);
    }
    this.#ending = true;
    this.#gone?.resolve();
    if (this.client.blocked && !this.#killed) this.kafka.hungUpWaiting();
    this.#requests.interrupt();
    this.client.abort(CONNECTION_GONE); // a command whose reply nobody awaits any more
    this.#stopMonitoring();
    this.#consumerClosed = this.#closeConsumer();
    // a message may have been taken in the moment of the hang-up
    const producerClosed = this.#logged(() => this.kafka.closeProducer());
    const counted = this.#consumerClosed.then(() => this.kafka.repliesLost());
    await Promise.all([this.#connection.hangUp(), counted, producerClosed]);
    logger.debug("Client {client} is gone", { client: this.client.id });
  }

  /** A promise is awaited only where there is something to wait for. */
  async #serve(): Promise<void> {
    const { output } = this.#connection;
    const { turns } = this.gateway;
    while (!this.#quitting) {
      const byteLength = await this.#requests.more();
      if (byteLength === undefined) return;
      this.client.sent();
      turns.did(byteLength >> 10);
      for (let request = this.#nextRequest(); request; request = this.#nextRequest()) {
        const reply = this.execute(request);
        this.#addReply(reply instanceof Promise ? await this.#wait(reply) : reply);
        if (output.pendingBytes > FLUSH_REPLIES_BYTES) await this.#flush();
        if (turns.over) await turns.next();
      }
      await this.#flush();
      if (turns.over) await turns.next();
    }
  }

  #addReply(reply: Reply): void {
    if (this.client.wantsReply()) this.#connection.output.add(reply);
    if (!this.client.tracking) return;
    const invalidation = this.client.invalidation();
    if (invalidation) this.#connection.output.add(invalidation);
  }

  async #flush(): Promise<void> {
    await this.#connection.output.flush();
    this.kafka.repliesWritten();
  }

  /** Bytes that are no request are answered, then the connection is closed: nobody knows where the next begins. */
  #nextRequest(): Request | undefined {
    if (this.#quitting) return undefined;
    try {
      return this.#requests.next();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.gateway.reportProtocolError(this.client.id, error);
      this.client.onError("ERR");
      this.#addReply(errorReply(`ERR ${error.message}`));
      this.#quitting = true;
      return undefined;
    }
  }

  /** The replies before it are written first. */
  #wait(reply: Promise<Reply>): Promise<Reply> {
    const { input } = this.#connection;
    this.#reply = reply;
    const written = this.#flush();
    // a command that only gives way does not depend on its client: EXEC is not to be cut short
    const atOnce = (): boolean => this.client.endsAtHangUp && !this.#givingWay;
    return this.client.whileWaiting(whileConnected(input, { written, reply, atOnce }));
  }

  #stopMonitoring(): void {
    this.client.monitoring = false;
    this.gateway.monitors.remove(this);
  }

  /** The name is free when the consumer has left its group, or takes long: the next one would be in its way. */
  async #closeConsumer(): Promise<void> {
    await this.#logged(() => this.kafka.closeConsumer());
    if (this.client.name !== undefined) this.gateway.names.release(this.client.name, this);
  }

  async #logged(close: () => Promise<void>): Promise<void> {
    await close().catch((error) => this.#logFailure(error));
  }

  /** It does not take what waits for it. */
  cutOff(cause: Disconnection["cause"], why: string): void {
    this.gateway.traffic.outputLimited++;
    this.gateway.clientLog.disconnected({ client: this.client.id, cause, why });
    this.#connection.close();
  }

  #logFailure(error: unknown): void {
    if (error instanceof OutputLimitError) this.cutOff("outputLimitBytes", error.message);
    else logFailure(this.client.id, error);
  }
}
