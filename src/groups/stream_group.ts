/**
 * A consumer group of one topic as Redis Streams know it: consumers by name, a pending list, acks one by one.
 *
 * @see https://redis.io/docs/latest/develop/data-types/streams/#consumer-groups
 * @module
 */

import type { KafkaError } from "../kafka/client/error.ts";
import type { Message } from "../kafka/client/message.ts";
import { type AutoClaimOptions, Claims } from "./claims.ts";
import { ConsumerNames } from "./consumer_names.ts";
import type { GroupReport, ReportedGroup } from "./group_report.ts";
import type { OwnedPartition } from "./owned_partition.ts";
import { MAX_DELIVERIES } from "./pending_entries.ts";
import type {
  AutoClaimed,
  ClaimedEntry,
  ClaimOptions,
  ConsumerInfo,
  EntryPlace,
  GroupInfo,
  PendingEntry,
  PendingQuery,
  PendingSummary,
  StreamEntry,
} from "./group_entries.ts";
import {
  compareIds,
  MIN_ID,
  numericPlaceOf,
  type RecordPlace,
  type StreamId,
} from "../streams/stream_id.ts";
import { Taking } from "./taking.ts";
import { WaitingCallers } from "./waiting_callers.ts";

export { MAX_DELIVERIES };
export type {
  AutoClaimed,
  ClaimedEntry,
  ClaimOptions,
  ConsumerInfo,
  EntryPlace,
  GroupInfo,
  PendingEntry,
  PendingQuery,
  PendingSummary,
  StreamEntry,
};

/** What a group on a topic needs of the group as a whole. */
export interface GroupHost {
  /** Kafka's group.id. */
  readonly name: string;
  /**
   * Throws what the client must know of.
   *
   * @param topic there is no message of it; without, only what takes precedence over messages
   */
  throwError(topic?: string): void;
  /** Entries were delivered, `again` of them not for the first time: errors of their partitions are over. */
  delivered(topic: string, entries: readonly StreamEntry[], again: number): void;
  /** Entries were acked; so many ids were of partitions of another gateway. */
  acked(topic: string, count: number, notOwned: number): void;
  /** Reads messages again. */
  readAgain(topic: string, places: readonly RecordPlace[]): Promise<(Message | undefined)[]>;
  /** The first offset that Kafka has, as far as is known. */
  lowOffset(topic: string, partition: number): number;
  /** The offset behind the last message, as of the last fetch; undefined before the first one. */
  endOffset(topic: string, partition: number): number | undefined;
  /** Goes on behind offsets that are no messages. */
  skipMarkers(): void;
  /** What Kafka knows of the group and the topic. */
  report(group: ReportedGroup): Promise<GroupReport>;
}

/** A caller that was woken and does not take anything is not waited for longer. */
const WOKEN_MS = 5;

/** A group on a topic. Several groups of one name share one Kafka consumer. */
export class StreamGroup implements ReportedGroup {
  /** Name of the topic. */
  readonly topic: string;
  /** Partitions that this gateway has, by number. */
  readonly partitions: Map<number, OwnedPartition> = new Map();
  /** Its consumers. */
  readonly names: ConsumerNames = new ConsumerNames();
  /** Callers that wait for entries. */
  readonly waiting: WaitingCallers = new WaitingCallers();
  readonly #host: GroupHost;
  readonly #claims: Claims;
  /** Consumers that exist as long as something else does, see `attach`. */
  readonly #attached = new Set<string>();
  /** Partitions in the order in which they are asked. */
  #turns: OwnedPartition[] = [];
  #lastDelivered = MIN_ID;
  #askedAtMs = performance.now();
  /** Number of callers that wait until it is joined. */
  #joining = 0;
  /** Runs while a caller is woken and has not taken anything. */
  #woken: ReturnType<typeof setTimeout> | undefined;
  #ended: KafkaError | undefined;

  /** No partitions yet. */
  constructor(host: GroupHost, topic: string) {
    this.#host = host;
    this.topic = topic;
    this.#claims = new Claims(this.partitions, this.names, {
      read: (places) => host.readAgain(topic, places),
      low: (partition) => host.lowOffset(topic, partition),
    });
  }

  /** Kafka's group.id. */
  get name(): string {
    return this.#host.name;
  }

  /** How long nobody has asked for anything, or waited for it, or worked on what it has got. */
  get idleMs(): number {
    if (this.waiting.count > 0 || this.#joining > 0 || this.#isWorkedOn) return 0;
    return performance.now() - this.#askedAtMs;
  }

  /** Somebody waits until it is joined: that may take longer than it may be idle. */
  async joined(ready: Promise<void>): Promise<void> {
    this.#joining++;
    await ready;
    this.#joining--;
    this.#askedAtMs = performance.now();
  }

  /** The group is not used here any more. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Partitions that `streams.maxPending` holds up. */
  get heldBack(): OwnedPartition[] {
    return [...this.partitions.values()].filter(({ heldBack }) => heldBack);
  }

  /** Messages of the partitions here that are not acked, as of the last fetch; undefined before the first one. */
  get lag(): number | undefined {
    let lag = 0;
    for (const [number, partition] of this.partitions) {
      const end = this.#host.endOffset(this.topic, number);
      if (end === undefined) return undefined;
      lag += partition.unfinishedBefore(end);
    }
    return lag;
  }

  /** The largest id that was delivered here; `0-0` for none. */
  get lastDelivered(): StreamId {
    return this.#lastDelivered;
  }

  /**
   * Takes new entries for a consumer, which exists from then on; never waits.
   *
   * @param count at most so many; fewer where `streams.maxPending` or the order of a key holds some back
   * @param noAck the entries count as acked
   * @throws {KafkaError} for what the client must know of (a refused topic, a fatal error)
   */
  take(consumer: string, count: number, noAck: boolean): StreamEntry[] {
    const nowMs = this.#asked();
    this.#host.throwError();
    const taking = new Taking(this.names.asking(consumer, nowMs), count, noAck, nowMs);
    for (let turn = this.#turns.length; turn > 0 && taking.left > 0; turn--) {
      const partition = this.#turns.shift()!;
      this.#turns.push(partition); // the next caller begins with another
      partition.take(taking);
    }
    taking.mix();
    if (taking.entries.length > 0) this.#delivered(taking);
    this.#taken();
    if (taking.entries.length === 0) this.#host.throwError(this.topic);
    return taking.entries;
  }

  /** Pending entries of a consumer behind an id, in the order of ids; `message` is undefined for one that is gone. */
  async history(consumer: string, after: StreamId, count: number): Promise<ClaimedEntry[]> {
    return await this.#claims.history(this.names.asking(consumer, this.#asked()), after, count);
  }

  /** Acks entries; returns how many were pending. */
  ack(ids: readonly StreamId[]): number {
    return this.ackPlaces(ids.map((id) => ({ ...numericPlaceOf(id), timeMs: id.ms })));
  }

  /** The same, by their places. */
  ackPlaces(places: readonly EntryPlace[]): number {
    this.#asked();
    let [acked, notOwned] = [0, 0];
    for (const { partition, offset, timeMs } of places) {
      const owned = this.partitions.get(partition);
      if (!owned) notOwned++;
      else if (owned.ack(offset, timeMs)) acked++;
    }
    this.#host.acked(this.topic, acked, notOwned);
    this.wakeNext(); // maxPending may have held something back, or the order of a key
    return acked;
  }

  /**
   * Takes pending entries from their consumers. They stay pending with nobody, named "" and idle for `Infinity`, so that
   * they may be claimed at once. XNACK.
   *
   * @param countOf the number of deliveries from then on, up to MAX_DELIVERIES
   * @returns how many were pending
   */
  nack(ids: readonly StreamId[], countOf: (deliveries: number) => number): number {
    this.#asked();
    const count = ids.filter((id) => this.#claims.giveBack(id, countOf)).length;
    if (count > 0) this.waiting.wakeAll(); // XREADGROUP with CLAIM may take them
    return count;
  }

  /** Reads messages again; undefined stands for one that Kafka no longer has. */
  async readAgain(places: readonly RecordPlace[]): Promise<(Message | undefined)[]> {
    return await this.#host.readAgain(this.topic, places);
  }

  /** What is pending. */
  pendingSummary(): PendingSummary {
    this.#requireUse();
    return this.#claims.summary();
  }

  /** Pending entries, in the order of ids. */
  pending(query: PendingQuery): PendingEntry[] {
    this.#requireUse();
    return this.#claims.list(query);
  }

  /** Gives pending entries to a consumer; those that Kafka no longer has are dropped and left out. */
  async claim(
    consumer: string,
    ids: readonly StreamId[],
    options: ClaimOptions,
  ): Promise<ClaimedEntry[]> {
    return await this.#claims.claim(this.names.asking(consumer, this.#asked()), ids, options);
  }

  /** Gives a consumer the next entries that are idle for long enough. */
  async autoClaim(
    consumer: string,
    start: StreamId,
    options: AutoClaimOptions,
  ): Promise<AutoClaimed> {
    return await this.#claims.autoClaim(this.names.asking(consumer, this.#asked()), start, options);
  }

  /** Its consumers, in the order of their names. */
  consumers(): ConsumerInfo[] {
    this.#requireUse();
    const nowMs = performance.now();
    return this.names.sorted().map(({ name, pending, askedAtMs }) => ({
      name,
      pending,
      idleMs: Math.max(0, Math.floor(nowMs - askedAtMs)),
    }));
  }

  /** Makes a consumer; returns false if it exists. */
  createConsumer(name: string): boolean {
    const nowMs = this.#asked();
    if (this.names.get(name)) return false;
    this.names.asking(name, nowMs);
    return true;
  }

  /**
   * A consumer is that of a connection, or of a list: the group is in use as long as it has entries. It ends with
   * `detach`.
   */
  attach(name: string): void {
    this.#attached.add(name);
  }

  /** Ends an attached consumer; what it has is delivered again. */
  detach(name: string): void {
    this.#attached.delete(name);
    if (!this.ended) this.deleteConsumer(name);
  }

  get #isWorkedOn(): boolean {
    for (const name of this.#attached) if (this.names.get(name)?.pending) return true;
    return false;
  }

  /**
   * Whether it has delivered all that is before these ends of the partitions, or may not deliver it now; else there is
   * something that is not fetched yet.
   */
  hasReached(ends: readonly bigint[]): boolean {
    this.#requireUse();
    this.#host.skipMarkers();
    return [...this.partitions.values()].every((partition) =>
      partition.hasReached(Number(ends[partition.partition] ?? 0n))
    );
  }

  /** Removes a consumer; its pending entries are delivered again. Returns how many it had. */
  deleteConsumer(name: string): number {
    this.#asked();
    const consumer = this.names.get(name);
    if (!consumer) return 0;
    const count = consumer.pending;
    if (count > 0) this.#claims.releaseAll(consumer);
    this.names.remove(consumer);
    this.wakeNext();
    return count;
  }

  /** Of the group as a whole. */
  async info(): Promise<GroupInfo> {
    const { pendingElsewhere, ...report } = await this.#host.report(this);
    const pending = this.names.pending + pendingElsewhere;
    const { name, names: { count: consumers } } = this;
    return { name, consumers, pending, ...report };
  }

  /** Whether `take` gives anything, or an error. */
  isReady(): boolean {
    return this.#ended !== undefined || this.#turns.some((partition) => partition.isReady());
  }

  /**
   * Wakes the caller that has waited longest, if there is something for it. The next one is woken when that has taken
   * something: two for one entry would lose their turns.
   */
  wakeNext(): void {
    if (this.#woken !== undefined || this.waiting.count === 0 || !this.isReady()) return;
    this.waiting.wakeFirst();
    // it may be gone
    this.#woken = setTimeout(() => {
      this.#woken = undefined;
      this.wakeNext();
    }, WOKEN_MS);
  }

  #taken(): void {
    clearTimeout(this.#woken);
    this.#woken = undefined;
    this.wakeNext();
  }

  /** Adds a partition that this gateway has from now on. */
  add(partition: OwnedPartition): void {
    this.partitions.set(partition.partition, partition);
    this.#turns.push(partition);
  }

  /** Removes a partition, if it is this group's; it stays open. */
  remove(partition: OwnedPartition): void {
    if (this.partitions.get(partition.partition) !== partition) return;
    this.partitions.delete(partition.partition);
    this.#turns = this.#turns.filter((one) => one !== partition);
  }

  /** The group is not used here any more: callers get this error. */
  end(error: KafkaError): void {
    this.#ended ??= error;
    clearTimeout(this.#woken);
    this.waiting.wakeAll();
  }

  #delivered({ entries, again }: Taking): void {
    const last = entries.reduce((latest, entry) => entry.isBehind(latest) ? entry : latest).id;
    if (compareIds(last, this.#lastDelivered) > 0) this.#lastDelivered = last;
    this.#host.delivered(this.topic, entries, again);
  }

  /** Somebody works with it. Who only looks at it does not keep the gateway in the group. */
  #asked(): number {
    this.#requireUse();
    this.#askedAtMs = performance.now();
    return this.#askedAtMs;
  }

  #requireUse(): void {
    if (this.#ended) throw this.#ended;
  }
}
