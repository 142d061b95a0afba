/**
 * A Kafka consumer of a group. Kafka is polled only for a worker that wants a message: a message taken and not delivered
 * would be delayed or lost, and a worker that stops polling must lose its partitions after `max.poll.interval.ms`.
 * Rebalances are served in the same moments: if a partition were revoked while a worker handles its message, another
 * worker would get that message at the same time.
 *
 * @module
 */

import { AckCommits } from "./ack_commits.ts";
import type { SingleAcks } from "./ack_tracker.ts";
import { Assignment } from "./assignment.ts";
import { DeliveredOffsets } from "./delivered_offsets.ts";
import type { KafkaEnvironment } from "../client/kafka_client.ts";
import type { Message } from "../client/message.ts";
import { Membership, type MembershipOptions } from "./membership.ts";
import { MessageQueue } from "./message_queue.ts";
import { Notifier } from "../../async/notifier.ts";
import { type Rebalance, serveRebalance } from "./rebalance.ts";
import { TakenMessages } from "../client/taken_messages.ts";
import { isSamePartition, type TopicPartition } from "../client/topic_partitions.ts";

/** Identity and topics of a consumer. */
export interface ConsumerOptions extends MembershipOptions {
  /** Names, or regular expressions that begin with `^`. */
  readonly topics: readonly string[];
  /** Messages have `metadata`: key, headers, timestamp. */
  readonly withMetadata?: boolean;
  /** Acks stand for single messages, which can be given back; without, one stands for its partition up to its offset. */
  readonly singleAcks?: SingleAcks;
}

/** A member of a group for one worker. */
export class Consumer {
  /** Names, or regular expressions that begin with `^`. */
  readonly topics: readonly string[];
  /** Acks for single messages, if it was made with them. */
  readonly singleAcks: SingleAcks | undefined;
  readonly #member: Membership;
  readonly #messages: MessageQueue;
  /** Unless acks are for single messages. */
  readonly #offsets = new DeliveredOffsets();
  readonly #assignment: Assignment;
  readonly #commits: AckCommits;
  readonly #woken = new Notifier();
  /** Partitions whose topic was found to be deleted and created again while messages were taken. */
  #recreated: TopicPartition[] = [];
  #closing: Promise<void> | undefined;

  /**
   * Makes a consumer; `subscribe` makes it join its group.
   *
   * @throws {SettingError} when librdkafka refuses a setting
   * @throws {KafkaError} when it can't make the consumer
   */
  constructor(environment: KafkaEnvironment, options: ConsumerOptions) {
    this.topics = options.topics;
    this.singleAcks = options.singleAcks;
    const onWake = (): void => this.#woken.notify();
    const member = new Membership(environment, options, {
      onWake,
      onRebalance: (event) => member.rebalanced(this.#serveRebalance(event)),
      onLastRebalance: (event) => void this.#serveRebalance(event),
      lost: () => this.#assignment.lost,
    });
    this.#member = member;
    this.#assignment = new Assignment(
      member.client,
      member.maxPollIntervalMs,
      options.singleAcks ?? this.#offsets,
    );
    this.#commits = new AckCommits(member.client, member.commitIntervalMs);
    this.#messages = new MessageQueue(member.client, environment.queueEvents, {
      onWake,
      onError: (error, place) => member.errors.onPollError(error, place),
      onRecreated: (place) => this.#onRecreated(place),
      withMetadata: options.withMetadata ?? false,
    });
  }

  /** Kafka's `group.id`. */
  get groupId(): string {
    return this.#member.groupId;
  }

  /** Kafka's `client.id`. */
  get clientId(): string {
    return this.#member.clientId;
  }

  /** The consumer has a `group.instance.id`: the group waits for its return. */
  get isStatic(): boolean {
    return this.#member.isStatic;
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
    this.#member.subscribe(this.topics);
  }

  /**
   * Takes messages that are already fetched; never waits.
   *
   * @param maxCount maximum number; with large messages it is lower, see `MessageQueue`
   * @param maxBytes as for `MessageQueue.take`
   * @throws {KafkaError} for an error that the worker must know of; no message is taken then
   */
  poll(maxCount: number, maxBytes?: number): Message[] {
    this.#beforeTaking();
    const messages = this.#take(maxCount, maxBytes);
    if (!this.#mayDeliver(messages)) return [];
    this.#assignment.delivered(messages);
    return messages;
  }

  /**
   * The same, with messages as BLPOP replies with them where that is possible, and not for a single one: to take it as an
   * object and to reply with that is 0.5 µs faster.
   *
   * @throws {KafkaError} as `poll`
   */
  pollReplies(maxCount: number, maxBytes?: number): TakenMessages {
    if (this.singleAcks || maxCount === 1) return TakenMessages.of(this.poll(maxCount, maxBytes));
    this.#beforeTaking();
    const taken = this.#messages.takeReplies(maxCount, maxBytes);
    if (!this.#mayDeliver(taken.ranges)) return new TakenMessages();
    for (const range of taken.current) this.#offsets.addRange(range);
    return taken;
  }

  #beforeTaking(): void {
    this.#requireOpen();
    const { errors } = this.#member;
    this.#assignment.polled();
    errors.throwNext();
    this.#member.serveEvents();
    errors.throwNext();
  }

  /** Whether messages that were taken may be delivered. */
  #mayDeliver(messages: readonly TopicPartition[]): boolean {
    const { client, errors, resets } = this.#member;
    if (messages.length === 0) errors.throwReason();
    else {
      client.drain(); // a reset is logged, on another queue, before its messages arrive
      resets.look();
      errors.received(messages);
    }
    return !this.#assignment.lost; // since the events were served: the new owner of the partitions gets them
  }

  /** Messages that were given back come first. */
  #take(maxCount: number, maxBytes: number | undefined): Message[] {
    if (!this.singleAcks) return this.#messages.take(maxCount, maxBytes);
    const again = this.singleAcks.takeDue(maxCount);
    if (again.length === maxCount || this.singleAcks.isFull) return again;
    this.#recreated = [];
    const messages = this.#messages.take(maxCount - again.length);
    const isGone = (message: Message): boolean =>
      this.#recreated.some((place) => isSamePartition(place, message));
    return [...again.filter((message) => !isGone(message)), ...messages];
  }

  #onRecreated(place: TopicPartition): void {
    this.#recreated.push(place);
    this.#assignment.recreated(place);
    this.#member.resets.recreated(place);
    this.#commits.acked(this.#assignment.leftMs);
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
    const keepAliveMs = Math.max(1, Math.floor(this.#member.maxPollIntervalMs / 3));
    for (;;) {
      signal.throwIfAborted();
      const messages = this.poll(maxCount);
      if (messages.length > 0) return messages;
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return messages;
      // regular polls tell librdkafka that this consumer is alive
      const dueInMs = this.singleAcks?.dueInMs ?? Infinity;
      await this.#woken.wait(Math.min(leftMs, keepAliveMs, Math.ceil(dueInMs)), signal);
    }
  }

  /**
   * Acks a message. The offset at which the group continues is committed in the background and by `close`.
   *
   * @throws {KafkaError} when the partition is not (or no longer) assigned to this consumer
   */
  ack(topic: string, partition: number, offset: bigint): void {
    this.#requireOpen();
    this.#assignment.ack(topic, partition, offset);
    this.#commits.acked(this.#assignment.leftMs);
  }

  /**
   * Gives a message back, to be delivered to this consumer again after `delayMs`.
   *
   * @returns false if it is acked already, or given back
   * @throws {KafkaError} as `ack`
   */
  giveBack(topic: string, partition: number, offset: bigint, delayMs: number): boolean {
    this.#requireOpen();
    this.#assignment.requireDelivered(topic, partition, offset);
    return this.singleAcks?.giveBack(topic, partition, offset, delayMs) ?? false;
  }

  /**
   * Commits acks, leaves the group, destroys the consumer; idempotent. After the abort of `signal`, whose reason is for
   * the log, or the time that Kafka waits for a member, it ends without leaving.
   */
  close(signal?: AbortSignal): Promise<void> {
    this.#closing ??= this.#close(signal);
    return this.#closing;
  }

  async #close(signal?: AbortSignal): Promise<void> {
    this.#commits.close();
    await this.#member.close(() => this.#messages.close(), signal);
  }

  #serveRebalance(event: Deno.PointerValue): Rebalance {
    const { client, lateTopics } = this.#member;
    return serveRebalance(
      client,
      event,
      this.#messages,
      this.#assignment,
      (partitions) => lateTopics.assigning(partitions),
    );
  }

  /** The C side of a closed consumer is freed memory. */
  #requireOpen(): void {
    if (this.#closing) throw new Error(`Cannot use consumer ${this.#member.name}: it is closed`);
  }
}
