/**
 * One connection: reads chunks, runs their requests in order, writes the replies. Owns the connection's name, producer
 * and consumer; none of them outlives the connection.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { User } from "../auth/user.ts";
import { settlesWithin } from "../async/settles_within.ts";
import { noPermission } from "../commands/core/authorize.ts";
import { CommandError } from "../commands/core/command_error.ts";
import type { Context, Dialect } from "../commands/core/context.ts";
import type { Identity } from "../commands/core/identity.ts";
import { type Answer, LaterReply } from "../commands/core/later_reply.ts";
import { dispatch } from "../commands/dispatch.ts";
import type { ByteStream } from "../net/byte_stream.ts";
import { Connection } from "../net/connection.ts";
import { TlsError } from "../net/tls.ts";
import { ProtocolError } from "../resp/protocol_error.ts";
import { error as errorReply, isPush } from "../resp/reply.ts";
import type { Request } from "../resp/request_parser.ts";
import { ClientState } from "./client_state.ts";
import { noteHangUp } from "./hang_up.ts";
import { type KafkaClients, serverShutdown } from "./kafka_clients.ts";
import { DISCONNECTED, Lifecycle, type LifecycleOwner } from "./lifecycle.ts";
import { lostRight } from "./lost_right.ts";
import type { MonitorListener } from "./monitors.ts";
import type { NameHolder, NameRegistry } from "./name_registry.ts";
import { Outbox, type OutboxOwner } from "./outbox.ts";
import { runRepeats } from "./repeated_requests.ts";
import { RequestReader } from "./request_reader.ts";
import type { ConnectedSession, ServerState } from "./server_state.ts";
import { HungUp, whileConnected } from "./while_connected.ts";

/** Replies of a pipeline are flushed at this size, not only at its end. */
const FLUSH_REPLIES_BYTES = 256 * 1024;

const logger = getLogger(["rafka", "server"]);

/** A connection, from accept until its resources are closed. */
export class Session
  implements Context, NameHolder, MonitorListener, ConnectedSession, LifecycleOwner, OutboxOwner {
  /** The client at the other end. */
  readonly client: ClientState;
  /** State shared by all connections. */
  readonly gateway: ServerState;
  /** Resolves when the connection and its resources are closed. */
  readonly ended: Promise<void>;
  /** EXEC is running the queued commands. */
  executing = false;
  readonly #connection: Connection;
  readonly #lifecycle: Lifecycle;
  readonly #outbox: Outbox;
  readonly #requests: RequestReader;
  /** The present command only yields to other connections; it does not wait for its client. */
  #yielding = false;
  /** Of the latest waiting command; never rejects. */
  #answer: Promise<Answer> | undefined;
  #consumerClosed: Promise<void> | undefined;
  /** Where the connection has taken its name. */
  #names: NameRegistry | undefined;

  /** Starts serving immediately. */
  constructor(gateway: ServerState, stream: ByteStream, connectionId: number) {
    const { telemetry, settings: { outputLimitBytes } } = gateway;
    this.gateway = gateway;
    this.#connection = new Connection(stream, telemetry.connections, outputLimitBytes);
    this.#lifecycle = new Lifecycle(this.#connection, telemetry, this);
    this.#outbox = new Outbox(this.#connection.output, this);
    this.client = new ClientState(connectionId, {
      connection: this.#connection,
      lifecycle: this.#lifecycle,
      outbox: this.#outbox,
      server: gateway,
    });
    this.#requests = new RequestReader(this.#connection.input, gateway, this.client);
    this.ended = this.#run();
  }

  /** Decides where the first Rafka and its README disagree. */
  get dialect(): Dialect {
    return this.gateway.settings.dialect;
  }

  /** The producer and the consumer of the connection. */
  get kafka(): KafkaClients {
    return this.client.kafka;
  }

  /** Counts the messages in the replies as consumed. */
  repliesWritten(popsReplied: number): void {
    this.kafka.repliesWritten(popsReplied);
  }

  get popsReplied(): number {
    return this.kafka.popsReplied;
  }

  /** Stops reading requests. */
  interrupt(): void {
    this.#requests.interrupt();
  }

  get leaving(): boolean {
    return this.#lifecycle.leaving;
  }

  /** Whether any bytes of a reply have been written. */
  get answered(): boolean {
    return this.#connection.output.writes > 0;
  }

  get listed(): boolean {
    return this.#lifecycle.listed;
  }

  get gone(): Promise<void> {
    return this.#lifecycle.gone;
  }

  giveNameUp(): void {
    if (this.#connection.input.ended) this.#lifecycle.end(DISCONNECTED);
  }

  get consumerClosed(): Promise<void> {
    return this.#consumerClosed ?? Promise.resolve();
  }

  async answers(): Promise<boolean> {
    const answers = await this.#connection.peerAnswers();
    const why = "its machine does not answer, and another client takes its name";
    if (answers) return true;
    this.gateway.telemetry.cutOff({ client: this.client.id, cause: "no answer", why });
    return false;
  }

  async setName(name: string, identity: Identity | undefined): Promise<void> {
    if (identity) await this.#takeName(name);
    this.client.name = name === "" ? undefined : name;
    this.client.identity = identity;
  }

  async #takeName(name: string): Promise<void> {
    const { names } = this.kafka;
    await names.take(name, this);
    this.#names = names;
  }

  startMonitoring(): void {
    this.client.monitoring = true;
    this.gateway.monitors.add(this);
  }

  async reset(): Promise<void> {
    const endReset = this.#lifecycle.reset();
    this.#stopMonitoring();
    this.#consumerClosed = this.#closeConsumer();
    await this.#consumerClosed;
    await this.setName("", undefined);
    this.kafka.takeFailures(); // failures before RESET are not reported after it
    const before = this.client.user.name;
    this.client.reset();
    if (before !== this.client.user.name) await this.kafka.changeUser();
    endReset();
  }

  async logIn(user: User): Promise<void> {
    const before = this.client.user.name;
    this.client.logIn(user);
    if (before !== user.name) await this.#endAsUser();
  }

  /** What the connection has as one user is not the next one's. */
  async #endAsUser(): Promise<void> {
    const endReset = this.#lifecycle.reset();
    this.client.subscriber?.end();
    this.#stopMonitoring();
    if (this.client.identity) {
      this.#consumerClosed = this.#closeConsumer();
      await this.#consumerClosed;
      await this.setName("", undefined);
    }
    await this.kafka.changeUser();
    endReset();
  }

  /** Users have other rights now: the connection of one without those that it lives on ends. */
  usersReplaced(): void {
    const { users } = this.gateway;
    const { client } = this;
    const user = users.get(client.user.name);
    const refusal = user && lostRight(client, user, this.gateway.topicKeys);
    if (!user?.enabled && client.authenticated) {
      this.#lifecycle.end(new CommandError("NOPERM", `user ${client.user.name} is off`));
    } else if (refusal) this.#lifecycle.end(noPermission(refusal));
    client.rightsChanged(user ?? users.default);
  }

  quit(): void {
    this.#lifecycle.quit();
  }

  get quitting(): boolean {
    return !this.#lifecycle.serving;
  }

  execute(request: Request): Answer | Promise<Answer> {
    this.client.commanded();
    this.gateway.timeSlice.charge(request.length);
    return dispatch(this.gateway.commands, this, request, this.client);
  }

  giveWay(): Promise<void> | undefined {
    return this.gateway.timeSlice.exhausted() ? this.#yield() : undefined;
  }

  async #yield(): Promise<void> {
    this.#yielding = true;
    await this.gateway.timeSlice.yield();
    this.#yielding = false;
  }

  showCommand(line: Uint8Array): void {
    if (this.client.replyMode === "off") return;
    const { monitorBacklogBytes, outputLimitBytes } = this.gateway.settings;
    if (this.#outbox.push(line, Math.min(monitorBacklogBytes, outputLimitBytes))) return;
    this.#stopMonitoring();
    this.#lifecycle.cutOff("monitorBacklogBytes", "it does not read what MONITOR shows it");
  }

  /**
   * Ends the connection for a shutdown: the waiting command is answered (BLPOP: with an error after which clients
   * retry), no further command runs.
   */
  async shutDown(): Promise<void> {
    const { settings, timeouts } = this.gateway;
    this.kafka.limitFlush();
    this.#lifecycle.end(serverShutdown(settings));
    const replies = Promise.all([this.#answer, this.#outbox.settled()]);
    await settlesWithin(replies, settings.flushTimeoutMs);
    // a client that does not read its replies must not delay the shutdown
    const timer = setTimeout(() => this.#abandon(), timeouts.shutdown.repliesMs);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends the connection immediately, without a reply. */
  disconnect(): void {
    this.client.disconnect();
  }

  #abandon(): void {
    this.#outbox.abandon();
    this.#connection.close();
  }

  async #run(): Promise<void> {
    logger.debug("Client {client} connected", () => ({ client: this.client.id }));
    try {
      await this.#open();
      await this.#serve();
      const settled = this.#outbox.settled();
      if (settled) await this.#whileConnected(settled);
      await this.#outbox.flush();
      if (this.#connection.input.failure instanceof TlsError) throw this.#connection.input.failure;
    } catch (error) {
      if (error instanceof HungUp && this.#lifecycle.serving) {
        noteHangUp(this.client, this.gateway.telemetry.clientLog);
      }
      this.#lifecycle.failed(error);
    }
    this.#lifecycle.finish();
    this.#outbox.abandon();
    this.#stopMonitoring();
    this.client.leave();
    this.#consumerClosed = this.#closeConsumer();
    // a message may have been accepted during the disconnect
    const producersClosed = this.#logged(() => this.kafka.closeProducers());
    const counted = this.#consumerClosed.then(() => this.kafka.repliesLost());
    const closed = this.#connection.closeGracefully(this.gateway.timeouts.lingerMs);
    await Promise.all([closed, counted, producersClosed]);
    this.kafka.end();
    logger.debug("Client {client} is gone", () => ({ client: this.client.id }));
  }

  /** A TLS handshake comes first; a certificate may be a login. */
  async #open(): Promise<void> {
    const opened = this.#connection.open(this.gateway.timeouts.handshakeMs);
    if (!opened) return;
    await opened;
    this.client.arrive();
  }

  /** Awaits a promise only when there is something to wait for. */
  async #serve(): Promise<void> {
    const { output } = this.#connection;
    const { timeSlice } = this.gateway;
    while (this.#lifecycle.serving) {
      const byteLength = await this.#requests.more();
      if (byteLength === undefined) return;
      this.client.sent();
      timeSlice.charge(byteLength >> 10);
      for (let request = this.#nextRequest(); request; request = this.#nextRequest()) {
        const answer = this.execute(request);
        this.#addAnswer(answer instanceof Promise ? await this.#wait(answer) : answer);
        const following = this.#lifecycle.serving ? this.#requests.following : undefined;
        if (following) runRepeats(this, this.#outbox, { request, answer }, following);
        const room = this.#outbox.room();
        if (room) await this.#whileConnected(room);
        if (output.pendingBytes > FLUSH_REPLIES_BYTES) await this.#outbox.flush();
        if (timeSlice.exhausted()) await timeSlice.yield();
      }
      await this.#outbox.flush();
      const pause = this.client.pause(byteLength);
      if (pause) await this.#whileConnected(pause);
      if (timeSlice.exhausted()) await timeSlice.yield();
    }
  }

  #addAnswer(answer: Answer): void {
    const isWanted = this.client.wantsReply();
    if (answer instanceof LaterReply) this.#outbox.defer(answer, isWanted);
    // as in Redis, CLIENT REPLY does not hold pushes back
    else if (isWanted || isPush(answer)) this.#outbox.add(answer);
    this.kafka.reply();
    this.client.subscriber?.release();
    if (this.client.tracking) this.#addInvalidation();
  }

  #addInvalidation(): void {
    const invalidation = this.client.invalidation();
    if (invalidation) this.#outbox.add(invalidation);
  }

  /** A protocol error is answered, then the connection closes: the start of the next request is unknown. */
  #nextRequest(): Request | undefined {
    if (!this.#lifecycle.serving) return undefined;
    try {
      return this.#requests.next();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const { clientLog, connections } = this.gateway.telemetry;
      connections.cutOff(this.#requests.endCause);
      clientLog.protocolError(this.client.id, error);
      this.client.onError("ERR");
      this.#addAnswer(errorReply(`ERR ${error.message}`));
      this.quit();
      return undefined;
    }
  }

  /** Earlier replies are written first. */
  #wait(answer: Promise<Answer>): Promise<Answer> {
    this.#answer = answer;
    // a command that only yields does not depend on its client: EXEC must not be cut short
    return this.#whileConnected(answer, () => this.client.endsAtHangUp && !this.#yielding);
  }

  #whileConnected<T>(
    result: Promise<T>,
    endsAtOnce: () => boolean = () => false,
  ): Promise<T> {
    const { input } = this.#connection;
    const { halfClosedMs } = this.gateway.timeouts;
    const written = this.#outbox.flush();
    return this.client.whileWaiting(
      whileConnected(input, { written, result, endsAtOnce, halfClosedMs }),
    );
  }

  #stopMonitoring(): void {
    this.client.monitoring = false;
    this.gateway.monitors.remove(this);
  }

  /**
   * Releases the name when the consumer has left its group, or takes long: an earlier successor would compete with it.
   */
  async #closeConsumer(): Promise<void> {
    await this.#logged(() => this.kafka.closeConsumer());
    if (this.client.name !== undefined) this.#names?.release(this.client.name, this);
  }

  async #logged(close: () => Promise<void>): Promise<void> {
    await close().catch((error) => this.#lifecycle.failed(error));
  }

  /** Closes the connection of a client that does not take what came later. */
  outboxFailed(error: unknown): void {
    this.#lifecycle.failed(error);
    this.#abandon();
  }
}
