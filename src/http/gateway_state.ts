/**
 * What the HTTP port shows of a gateway as JSON: figures and names, never a message, a key or an argument.
 *
 * @module
 */

import type { ClientView, GatewayView } from "../commands/core/context.ts";
import type { LagWatch } from "../groups/lag_watch.ts";
import type { LiveGroup } from "../groups/live_group.ts";
import type { BrokerState } from "../kafka/client/broker_statistics.ts";
import { type Part, partOf } from "./part_of.ts";
import type { Readiness } from "./readiness.ts";
import { type ShownGroup, shownGroups } from "./shown_groups.ts";

/** The part of a gateway that is shown. */
export interface ShownGateway
  extends Pick<GatewayView, "about" | "telemetry" | "clientList" | "uptimeMs"> {
  /** The stream groups that it is a member of. */
  readonly liveGroups: readonly LiveGroup[];
  /** How far behind the groups of its consumers are. */
  readonly lagWatch: LagWatch;
  /** Brokers as its own clients see them. */
  readonly brokers: readonly BrokerState[];
}

/** Stands for a name where names are not shown. */
const HIDDEN = "(hidden)";
/** Topics of one connection or group in an answer. */
const MAX_NAMES = 20;
const SUBSCRIBED = ["channel", "pattern", "shard"] as const;

/** Makes the answers of `/api/…`. */
export class GatewayState {
  readonly #gateway: ShownGateway;
  readonly #names: boolean;

  /** Shows names of topics, groups and clients, or not. */
  constructor(gateway: ShownGateway, names: boolean) {
    this.#gateway = gateway;
    this.#names = names;
  }

  /**
   * What changes all the time; counters are since the start.
   *
   * @param prefix of the metrics' names
   */
  status({ ready, reason }: Readiness, prefix = ""): Record<string, unknown> {
    const { about, telemetry, uptimeMs } = this.#gateway;
    return {
      version: about.version,
      runId: about.runId,
      uptimeSeconds: Math.floor(uptimeMs / 1_000),
      ready,
      reason,
      names: this.#names,
      metrics: telemetry.registry.totals(prefix),
    };
  }

  /**
   * Connections, the oldest first.
   *
   * @param query of `partOf`; `match` is a part of the name or address
   */
  connections(query: URLSearchParams): Record<string, unknown> {
    const { clientList } = this.#gateway;
    const { total, some } = this.#part(clientList, query, ({ id, address }) => [id, address]);
    return { total, connections: some.map((client) => this.#connection(client)) };
  }

  /**
   * The groups that the gateway works in, those with the most lag first.
   *
   * @param query of `partOf`; `match` is a part of the name of the group or a topic
   */
  async groups(query: URLSearchParams): Promise<Record<string, unknown>> {
    const { lagWatch } = this.#gateway;
    await lagWatch.refresh();
    const { clientList, liveGroups } = this.#gateway;
    const groups = shownGroups(
      clientList,
      liveGroups,
      lagWatch.latest,
      (name) => this.#name(name),
    );
    const { total, some } = this.#part(groups, query, ({ group, topics }) => [group, ...topics]);
    return { total, groups: some.map((group) => this.#group(group)) };
  }

  /** Brokers as the gateway's own clients see them. */
  brokers(): Record<string, unknown> {
    const { brokers } = this.#gateway;
    return { brokers: brokers.map((one) => ({ ...one, address: this.#name(one.address) })) };
  }

  /**
   * How far behind the groups of this gateway's consumers are, by partition, the furthest first.
   *
   * @param query of `partOf`; `match` is a part of the name of the group or topic
   */
  async lag(query: URLSearchParams): Promise<Record<string, unknown>> {
    const { lagWatch } = this.#gateway;
    await lagWatch.refresh();
    const sorted = [...lagWatch.latest].sort((a, b) => b.lag - a.lag);
    const { total, some } = this.#part(sorted, query, ({ group, topic }) => [group, topic]);
    return {
      total,
      lag: some.map(({ group, topic, partition, lag }) => ({
        group: this.#name(group),
        topic: this.#name(topic),
        partition,
        lag,
      })),
    };
  }

  /**
   * Counters of topics, since the start; those with the most messages first.
   *
   * @param query of `partOf`; `match` is a part of the name
   */
  topics(query: URLSearchParams): Record<string, unknown> {
    const { produced, delivered, consumed, acked, failedByTopic } =
      this.#gateway.telemetry.messages;
    const counters = { produced, delivered, consumed, acked, failed: failedByTopic };
    const topics = new Map<string, Record<string, number>>();
    for (const [name, family] of Object.entries(counters)) {
      for (const { labels, total } of family.samples()) {
        const topic = this.#name(labels.topic!);
        const row = topics.get(topic) ?? {};
        row[name] = (row[name] ?? 0) + total;
        topics.set(topic, row);
      }
    }
    const sorted = [...topics].sort(([, a], [, b]) => messagesOf(b) - messagesOf(a));
    const { total, some } = this.#part(sorted, query, ([topic]) => [topic]);
    return { total, topics: some.map(([topic, row]) => ({ topic, ...row })) };
  }

  /**
   * The latest messages that were not delivered, the newest first; without their keys and values.
   *
   * @param query of `partOf`; `match` is a part of the topic or the client
   */
  failures(query: URLSearchParams): Record<string, unknown> {
    const all = this.#gateway.telemetry.failedMessages.latest(Infinity);
    const { total, some } = this.#part(all, query, ({ topic, client }) => [topic, client]);
    return {
      total,
      failures: some.map((one) => ({
        timeMs: one.timeMs,
        client: this.#name(one.client),
        topic: this.#name(one.topic),
        partition: one.partition,
        error: one.error,
        reason: this.#name(one.reason), // it may hold the topic
        possiblyPersisted: one.possiblyPersisted,
        valueBytes: one.valueBytes,
      })),
    };
  }

  #part<T>(
    all: readonly T[],
    query: URLSearchParams,
    namesOf: (row: T) => readonly string[],
  ): Part<T> {
    return partOf(all, query, this.#names ? namesOf : undefined);
  }

  #group({ topics, streams, ...group }: ShownGroup): Record<string, unknown> {
    return {
      ...group,
      topics: [...topics].slice(0, MAX_NAMES),
      topicCount: topics.size,
      streams: streams.map(({ group: _, heldUp, ...status }) => ({
        ...status,
        heldUp: heldUp.map(({ partition, count }) => ({ partition, pending: count })),
      })),
    };
  }

  #connection(client: ClientView): Record<string, unknown> {
    const { consumer } = client.kafka;
    return {
      id: client.connectionId,
      name: this.#name(client.name ?? ""),
      address: this.#name(client.address),
      user: this.#name(client.user.name),
      ageMs: Math.round(client.ageMs),
      idleMs: Math.round(client.idleMs),
      command: client.lastCommand,
      blocked: client.blocked,
      monitoring: client.monitoring,
      subscriptions: SUBSCRIBED.reduce((sum, kind) => sum + client.subscriptionCount(kind), 0),
      outstanding: client.kafka.outstanding,
      held: client.kafka.held,
      ...consumer && {
        group: this.#name(consumer.groupId),
        topics: consumer.topics.slice(0, MAX_NAMES).map((topic) => this.#name(topic)),
        partitions: consumer.assigned.size,
      },
    };
  }

  #name(text: string): string {
    return this.#names || text === "" ? text : HIDDEN;
  }
}

function messagesOf({ produced = 0, consumed = 0, failed = 0 }: Record<string, number>): number {
  return produced + consumed + failed;
}
