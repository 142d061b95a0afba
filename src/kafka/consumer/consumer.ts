/**
 * A Kafka consumer of a group. Kafka is polled only for a worker that wants a message: a message taken and not delivered
 * would be delayed or lost, and a worker that stops polling must lose its partitions after `max.poll.interval.ms`.
 * Rebalances are served in the same moments: if a partition were revoked while a worker handles its message, another
 * worker would get that message at the same time.
 *
 * @module
 */

import {
  RD_KAFKA_CONSUMER,
  RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE,
  RD_KAFKA_EVENT_ERROR,
  RD_KAFKA_EVENT_FETCH,
  RD_KAFKA_EVENT_OFFSET_COMMIT,
  RD_KAFKA_EVENT_REBALANCE,
} from "../../ffi/constants.ts";
import type { Library } from "../../ffi/library.ts";
import { AckCommits } from "./ack_commits.ts";
import { Assignment } from "./assignment.ts";
import { eventError, KafkaClient, type KafkaEnvironment } from "../client/kafka_client.ts";
import { effectiveValue, type KafkaSettings } from "../client/conf.ts";
import { ConsumerErrors } from "./consumer_errors.ts";
import { check } from "../client/error.ts";
import { logCommit, logJoining, logRebalance, type Member } from "./group_log.ts";
import { LateTopics } from "./late_topics.ts";
import { leaveGroup } from "./leave_group.ts";
import { logDeparture, logNeverJoined } from "./leave_log.ts";
import { leaveFailureIn } from "../client/librdkafka_texts.ts";
import type { Message } from "../client/message.ts";
import { MessageQueue } from "./message_queue.ts";
import { Notifier } from "../../async/notifier.ts";
import { Refusals } from "./refusals.ts";
import { decidedSettings } from "../client/settings_policy.ts";
import { OffsetResets } from "./offset_resets.ts";
import { serveRebalance } from "./rebalance.ts";
import { TopicPartitionList } from "../client/topic_partitions.ts";
import type { QueueRegistration } from "../client/queue_events.ts";

/** Identity and topics of a consumer. */
export interface ConsumerOptions {
  /** Settings of librdkafka, without its identity. */
  readonly settings: KafkaSettings;
  /** Kafka's `group.id`. */
  readonly groupId: string;
  /** Kafka's `client.id`. */
  readonly clientId: string;
  /** Names, or regular expressions that begin with `^`. */
  readonly topics: readonly string[];
  /** Joining and leaving are not logged as news: the consumer replaces one that has just been logged. */
  readonly quiet?: boolean;
  /** Messages have `metadata`: key, headers, timestamp. */
  readonly withMetadata?: boolean;
}

/** Owns an `rd_kafka_t` of type consumer and its queue. */
export class Consumer {
  /** Names, or regular expressions that begin with `^`. */
  readonly topics: readonly string[];
  /** Kafka's `group.id`. */
  readonly groupId: string;
  /** Kafka's `client.id`. */
  readonly clientId: string;
  /** The consumer has a `group.instance.id`: the group waits for its return. */
  readonly isStatic: boolean;
  readonly #quiet: boolean;
  readonly #library: Library;
  readonly #client: KafkaClient;
  readonly #queue: Deno.PointerValue;
  readonly #registration: QueueRegistration;
  readonly #messages: MessageQueue;
  readonly #assignment: Assignment;
  readonly #commits: AckCommits;
  readonly #maxPollIntervalMs: number;
  readonly #sessionTimeoutMs: number;
  readonly #isClassic: boolean; // with `group.protocol` consumer librdkafka leaves by itself
  readonly #errors: ConsumerErrors;
  readonly #woken = new Notifier();
  readonly #refusals: Refusals;
  readonly #resets: OffsetResets;
  readonly #lateTopics: LateTopics;
  #joined = false;
  #wasMember = false;
  #leaveFailure: string | undefined;
  #closing: Promise<void> | undefined;

  /**
   * Makes a consumer; `subscribe` makes it join its group.
   *
   * @throws {SettingError} when librdkafka refuses a setting
   * @throws {KafkaError} when it can't make the consumer
   */
  constructor(environment: KafkaEnvironment, options: ConsumerOptions) {
    const { library, queueEvents } = environment;
    const { groupId, clientId, topics } = options;
    const identity = { "group.id": groupId, "client.id": clientId };
    const settings = { ...options.settings, ...identity, ...decidedSettings("consumer") };
    this.#library = library;
    this.topics = topics;
    this.#quiet = options.quiet ?? false;
    this.groupId = groupId;
    this.clientId = clientId;
    this.#client = new KafkaClient(environment, {
      type: RD_KAFKA_CONSUMER,
      settings,
      name: { clientId, groupId },
      events: RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT,
      onEvent: (_type, event) => logCommit(this.#who.consumer, library, event),
      onError: (error) => this.#errors.onClientError(error) && this.#woken.notify(),
      onLog: (facility, line) => this.#onLog(facility, line),
    });
    const milliseconds = (name: string): number => Number(effectiveValue(library, settings, name));
    this.#maxPollIntervalMs = milliseconds("max.poll.interval.ms");
    this.#sessionTimeoutMs = milliseconds("session.timeout.ms");
    this.isStatic = effectiveValue(library, settings, "group.instance.id") !== "";
    this.#isClassic = options.settings["group.protocol"] !== "consumer";
    this.#assignment = new Assignment(this.#client, this.#maxPollIntervalMs);
    this.#commits = new AckCommits(this.#client, milliseconds("auto.commit.interval.ms"));
    this.#resets = new OffsetResets(this.#client);
    this.#refusals = new Refusals(this.#client);
    const offsetReset = effectiveValue(library, settings, "auto.offset.reset");
    this.#lateTopics = new LateTopics(this.#client, offsetReset);
    this.#errors = new ConsumerErrors(options, this.#refusals, this.#lateTopics);
    this.#queue = library.symbols.rd_kafka_queue_get_consumer(this.#client.pointer);
    library.handles.opened("rd_kafka_queue_t");
    const onWake = (): void => this.#woken.notify();
    this.#registration = queueEvents.register(this.#queue, onWake);
    this.#messages = new MessageQueue(this.#client, queueEvents, {
      onWake,
      onError: (error, place) => this.#errors.onPollError(error, place),
      withMetadata: options.withMetadata ?? false,
    });
  }

  /** Its partitions, as `topic:partition`; none after too long without a poll. */
  get assigned(): ReadonlySet<string> {
    return this.#closing ? new Set() : this.#assignment.partitions;
  }

  /**
   * Joins the group, in the background.
   *
   * @throws {KafkaError} when librdkafka refuses the topics
   */
  subscribe(): void {
    this.#lateTopics.subscribing(this.topics);
    using list = TopicPartitionList.ofTopics(this.#library, this.topics);
    const code = this.#library.symbols.rd_kafka_subscribe(this.#client.pointer, list.pointer);
    check(this.#library, code);
    this.#joined = true;
    logJoining(this.#who, this.topics);
  }

  /**
   * Takes messages that are already fetched; never waits.
   *
   * @param maxCount maximum number; with large messages it is lower, see `MessageQueue`
   * @throws {KafkaError} for an error that the worker must know of; no message is taken then
   */
  poll(maxCount: number): Message[] {
    this.#requireOpen();
    this.#assignment.polled();
    this.#errors.throwNext();
    this.#serveEvents();
    this.#errors.throwNext();
    const messages = this.#messages.take(maxCount);
    if (messages.length === 0) this.#errors.throwReason();
    else {
      this.#client.drain(); // a reset is logged, on another queue, before its messages arrive
      this.#resets.look();
      this.#errors.received(messages);
    }
    // lost since the events were served: the new owner of the partitions gets them
    if (this.#assignment.lost) return [];
    this.#assignment.delivered(messages);
    return messages;
  }

  /**
   * Waits for a message, and takes those that are fetched then.
   *
   * @param maxCount maximum number, as for `poll`
   * @param timeoutMs maximum wait, `Infinity` for none
   * @returns no messages when none arrived in time
   * @throws the reason of `signal`, when it is aborted before a message was taken
   * @throws {KafkaError} for an error that the worker must know of
   */
  async receive(maxCount: number, timeoutMs: number, signal: AbortSignal): Promise<Message[]> {
    const deadline = performance.now() + timeoutMs;
    const keepAliveMs = Math.max(1, Math.floor(this.#maxPollIntervalMs / 3));
    for (;;) {
      signal.throwIfAborted();
      const messages = this.poll(maxCount);
      if (messages.length > 0) return messages;
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return messages;
      // regular polls tell librdkafka that this consumer is alive
      await this.#woken.wait(Math.min(leftMs, keepAliveMs), signal);
    }
  }

  /**
   * Stores `offset + 1` as the offset to continue at; it is committed in the background and by `close`.
   *
   * @throws {KafkaError} when the partition is not (or no longer) assigned to this consumer
   */
  ack(topic: string, partition: number, offset: bigint): void {
    this.#requireOpen();
    this.#assignment.ack(topic, partition, offset);
    this.#commits.acked(this.#assignment.leftMs);
  }

  /**
   * Commits acks, leaves the group, destroys the consumer; idempotent. After the abort of `signal`, whose reason is for
   * the log, or the time that Kafka waits for a member, it ends without leaving.
   */
  close(signal?: AbortSignal): Promise<void> {
    this.#closing ??= this.#close(signal);
    return this.#closing;
  }

  get #who(): Member {
    return { consumer: `${this.groupId}:${this.clientId}`, quiet: this.#quiet };
  }

  async #close(aborted?: AbortSignal): Promise<void> {
    const { symbols, handles } = this.#library;
    const startMs = performance.now();
    this.#commits.close();
    this.#client.drain();
    this.#resets.close();
    const answered = Promise.all([this.#refusals.close(), this.#lateTopics.close()]);
    const left = await leaveGroup({
      client: this.#client,
      queue: this.#queue,
      woken: this.#woken,
      messages: this.#messages,
      assignment: this.#assignment,
      says: this.#joined && this.#isClassic && !this.isStatic,
      sessionTimeoutMs: this.#sessionTimeoutMs,
      aborted,
    });
    this.#messages.close();
    this.#registration.unregister();
    symbols.rd_kafka_queue_destroy(this.#queue);
    handles.closed("rd_kafka_queue_t");
    await answered;
    const destroyed = this.#client.close(left ? 0 : RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    // else librdkafka continues by itself: it waits session.timeout.ms for a broker that takes the last commit
    if (left) await destroyed;
    if (!this.#joined) return;
    const { fatal } = this.#errors;
    if (fatal && !this.#wasMember) return logNeverJoined(this.#who, fatal);
    const whyNot = aborted?.aborted
      ? String(aborted.reason)
      : fatal?.message ?? "which is too long";
    logDeparture({
      ...this.#who,
      failure: left ? this.#leaveFailure : whyNot,
      durationMs: Math.round(performance.now() - startMs),
      sessionTimeoutMs: this.#sessionTimeoutMs,
    });
  }

  /** Serves all rebalances and errors of the group in the queue. */
  #serveEvents(): void {
    const { symbols } = this.#library;
    for (;;) {
      const event = symbols.rd_kafka_queue_poll(this.#queue, 0);
      if (event === null) return;
      try {
        this.#handle(symbols.rd_kafka_event_type(event), event);
      } finally {
        symbols.rd_kafka_event_destroy(event);
      }
    }
  }

  #handle(type: number, event: Deno.PointerValue): void {
    if (type === RD_KAFKA_EVENT_REBALANCE) this.#rebalance(event);
    else if (type === RD_KAFKA_EVENT_ERROR) {
      this.#errors.onPollError(eventError(this.#library, event));
    } else if (type === RD_KAFKA_EVENT_FETCH) throw new Error("A message came in the wrong queue");
  }

  #rebalance(event: Deno.PointerValue): void {
    const rebalance = serveRebalance(
      this.#client,
      event,
      this.#messages,
      this.#assignment,
      (partitions) => this.#lateTopics.assigning(partitions),
    );
    if (rebalance.assigns) this.#wasMember = true;
    logRebalance(this.#who, rebalance);
    this.#refusals.rebalanced(rebalance);
  }

  #onLog(facility: string, line: string): boolean {
    const failure = leaveFailureIn(facility, line);
    this.#leaveFailure ??= failure;
    return failure !== undefined || this.#resets.onLog(facility, line);
  }

  /** The C side of a closed consumer is freed memory. */
  #requireOpen(): void {
    if (this.#closing) throw new Error(`Cannot use consumer ${this.#who.consumer}: it is closed`);
  }
}
