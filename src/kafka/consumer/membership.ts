/**
 * A member of a Kafka group: an `rd_kafka_t` of type consumer with the queue of its rebalances and errors, from joining
 * to leaving. What it does with partitions and messages is its owner's matter.
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
import { eventError, KafkaClient, type KafkaEnvironment } from "../client/kafka_client.ts";
import { effectiveValue, type KafkaSettings } from "../client/conf.ts";
import { ConsumerErrors } from "./consumer_errors.ts";
import { check } from "../client/error.ts";
import { logCommit, logJoining, logRebalance, type Member } from "./group_log.ts";
import { LateTopics } from "./late_topics.ts";
import { leaveGroup } from "./leave_group.ts";
import { logDeparture, logNeverJoined } from "./leave_log.ts";
import { leaveFailureIn } from "../client/librdkafka_texts.ts";
import { Notifier } from "../../async/notifier.ts";
import { Refusals } from "./refusals.ts";
import { decidedSettings } from "../client/settings_policy.ts";
import { type MoveGroup, OffsetResets } from "./offset_resets.ts";
import type { Rebalance } from "./rebalance.ts";
import { type TopicPartition, TopicPartitionList } from "../client/topic_partitions.ts";
import type { QueueRegistration } from "../client/queue_events.ts";
import { formatName } from "../client/observer.ts";

/** Identity of a member. */
export interface MembershipOptions {
  /** Settings of librdkafka, without its identity. */
  readonly settings: KafkaSettings;
  /** Kafka's `group.id`. */
  readonly groupId: string;
  /** Kafka's `client.id`. */
  readonly clientId: string;
  /** Settings that count whatever `settings` say. */
  readonly decided?: KafkaSettings;
  /** Joining and leaving are not logged as news: the consumer replaces one that has just been logged. */
  readonly quiet?: boolean;
}

/** What the owner of a member does. */
export interface MembershipOwner {
  /** There may be events to be served, or an error that a worker must know of. */
  onWake(): void;
  /**
   * Answers a rebalance, immediately or later, and reports it with `rebalanced`.
   *
   * @param event lives as long as the call
   */
  onRebalance(event: Deno.PointerValue): void;
  /** Answers a rebalance while the consumer leaves, immediately. */
  onLastRebalance(event: Deno.PointerValue): void;
  /** A topic was deleted and created again: from now on messages of this partition are those of the new one. */
  onRecreated?(partition: TopicPartition): void;
  /** Makes the group go on behind messages that were deleted; the consumer's stored offset moves without it. */
  readonly onMoved?: MoveGroup;
  /** Whether the group continues without the member. */
  lost(): boolean;
}

/** Owns an `rd_kafka_t` of type consumer and its queue. */
export class Membership {
  /** Kafka's `group.id`. */
  readonly groupId: string;
  /** Kafka's `client.id`. */
  readonly clientId: string;
  /** The member has a `group.instance.id`: the group waits for its return. */
  readonly isStatic: boolean;
  /** The client; borrowed. */
  readonly client: KafkaClient;
  /** Which errors a worker gets. */
  readonly errors: ConsumerErrors;
  /** Resets of offsets. */
  readonly resets: OffsetResets;
  /** Topics that are created later. */
  readonly lateTopics: LateTopics;
  /** `max.poll.interval.ms` */
  readonly maxPollIntervalMs: number;
  /** `auto.commit.interval.ms` */
  readonly commitIntervalMs: number;
  readonly #owner: MembershipOwner;
  readonly #quiet: boolean;
  readonly #library: Library;
  readonly #queue: Deno.PointerValue;
  readonly #registration: QueueRegistration;
  readonly #sessionTimeoutMs: number;
  readonly #isClassic: boolean; // with `group.protocol` consumer librdkafka leaves by itself
  readonly #refusals: Refusals;
  readonly #woken = new Notifier();
  #joined = false;
  #wasMember = false;
  #leaveFailure: string | undefined;

  /**
   * Makes a consumer; `subscribe` makes it join its group.
   *
   * @throws {SettingError} when librdkafka refuses a setting
   * @throws {KafkaError} when it can't make the consumer
   */
  constructor(environment: KafkaEnvironment, options: MembershipOptions, owner: MembershipOwner) {
    const { library, queueEvents } = environment;
    const { groupId, clientId } = options;
    const identity = { "group.id": groupId, "client.id": clientId };
    const decided = { ...decidedSettings("consumer"), ...options.decided };
    const settings = { ...options.settings, ...identity, ...decided };
    this.#library = library;
    this.#owner = owner;
    this.#quiet = options.quiet ?? false;
    this.groupId = groupId;
    this.clientId = clientId;
    this.client = new KafkaClient(environment, {
      type: RD_KAFKA_CONSUMER,
      settings,
      name: { clientId, groupId },
      events: RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT,
      onEvent: (_type, event) => {
        if (logCommit(this.#who.consumer, library, event)) this.client.commitFailed();
      },
      onError: (error) => this.errors.onClientError(error) && this.#onWake(),
      onRecreated: (partition) => owner.onRecreated?.(partition),
      onLog: (facility, line) => this.#onLog(facility, line),
    });
    const value = (name: string): string => effectiveValue(library, settings, name);
    this.maxPollIntervalMs = Number(value("max.poll.interval.ms"));
    this.commitIntervalMs = Number(value("auto.commit.interval.ms"));
    this.#sessionTimeoutMs = Number(value("session.timeout.ms"));
    this.isStatic = value("group.instance.id") !== "";
    this.#isClassic = options.settings["group.protocol"] !== "consumer";
    this.resets = new OffsetResets(this.client, owner.onMoved);
    this.#refusals = new Refusals(this.client);
    this.lateTopics = new LateTopics(this.client, value("auto.offset.reset"));
    this.errors = new ConsumerErrors(
      { ...this.client.name, groupId, quiet: this.#quiet },
      this.#refusals,
      this.lateTopics,
    );
    this.#queue = library.symbols.rd_kafka_queue_get_consumer(this.client.pointer);
    library.handles.opened("rd_kafka_queue_t");
    this.#registration = queueEvents.register(this.#queue, () => this.#onWake());
  }

  /** For the log: `<group.id>:<client.id>`. */
  get name(): string {
    return this.#who.consumer;
  }

  /**
   * Joins the group, in the background; later calls change the topics.
   *
   * @param topics names, or regular expressions that begin with `^`
   * @throws {KafkaError} when librdkafka refuses the topics
   */
  subscribe(topics: readonly string[]): void {
    this.lateTopics.subscribing(topics);
    using list = TopicPartitionList.ofTopics(this.#library, topics);
    const code = this.#library.symbols.rd_kafka_subscribe(this.client.pointer, list.pointer);
    check(this.#library, code);
    if (!this.#joined) logJoining(this.#who, topics);
    this.#joined = true;
  }

  /** Serves all rebalances and errors of the group in the queue; tells Kafka that the member is alive. */
  serveEvents(): void {
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

  /** Takes note of a rebalance that is answered. */
  rebalanced(rebalance: Rebalance): void {
    if (rebalance.assigns) this.#wasMember = true;
    this.client.rebalanced();
    logRebalance(this.#who, rebalance);
    this.#refusals.rebalanced(rebalance);
  }

  /**
   * Leaves the group and destroys the consumer; commits were sent before. After the abort of `signal`, whose reason is
   * for the log, or the time that Kafka waits for a member, it ends without leaving.
   *
   * @param freeQueues destroys all other queues of the client
   */
  async close(freeQueues: () => void, aborted?: AbortSignal): Promise<void> {
    const { symbols, handles } = this.#library;
    const startMs = performance.now();
    this.client.drain();
    this.resets.close();
    const answered = Promise.all([this.#refusals.close(), this.lateTopics.close()]);
    const left = await leaveGroup({
      client: this.client,
      queue: this.#queue,
      woken: this.#woken,
      lost: () => this.#owner.lost(),
      onRebalance: (event) => this.#owner.onLastRebalance(event),
      says: this.#joined && this.#isClassic && !this.isStatic,
      sessionTimeoutMs: this.#sessionTimeoutMs,
      aborted,
    });
    freeQueues();
    this.#registration.unregister();
    symbols.rd_kafka_queue_destroy(this.#queue);
    handles.closed("rd_kafka_queue_t");
    await answered;
    const destroyed = this.client.close(left ? 0 : RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    // else librdkafka continues by itself: it waits session.timeout.ms for a broker that takes the last commit
    if (left) await destroyed;
    if (this.#joined) this.#logEnd(left, startMs, aborted);
  }

  get #who(): Member {
    return { consumer: formatName(this.client.name), quiet: this.#quiet };
  }

  #onWake(): void {
    this.#woken.notify();
    this.#owner.onWake();
  }

  #handle(type: number, event: Deno.PointerValue): void {
    if (type === RD_KAFKA_EVENT_REBALANCE) this.#owner.onRebalance(event);
    else if (type === RD_KAFKA_EVENT_ERROR) {
      this.errors.onPollError(eventError(this.#library, event));
    } else if (type === RD_KAFKA_EVENT_FETCH) throw new Error("A message came in the wrong queue");
  }

  #onLog(facility: string, line: string): boolean {
    const failure = leaveFailureIn(facility, line);
    this.#leaveFailure ??= failure;
    return failure !== undefined || this.resets.onLog(facility, line);
  }

  #logEnd(left: boolean, startMs: number, aborted: AbortSignal | undefined): void {
    const { fatal } = this.errors;
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
}
