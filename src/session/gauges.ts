/**
 * Gauges of a server, read on demand: INFO clients, memory and kafka.
 *
 * @module
 */

import { isSubscriber } from "../commands/core/client_info.ts";
import type { GatewayView } from "../commands/core/context.ts";
import { statusOf } from "../groups/group_status.ts";
import type { LiveGroup } from "../groups/live_group.ts";
import type { Producers } from "../kafka/producer/producers.ts";
import type { ChannelKind } from "../pubsub/channel.ts";
import type { InputBudget } from "../net/input_budget.ts";
import { type KafkaGaugeSources, registerKafkaGauges } from "./kafka_gauges.ts";
import type { Principals } from "./principals.ts";

/** Sources of the gauges. */
export interface GaugeSources
  extends
    Pick<GatewayView, "telemetry" | "settings" | "clientList" | "tls" | "channels">,
    KafkaGaugeSources {
  /** Kafka's clients; their handles and limits are those of the process. */
  readonly principals: Principals;
  /** Memory for incomplete requests. */
  readonly inputBudget: InputBudget;
  /** Number of connections with a consumer. */
  readonly consumerCount: number;
}

/** Registers the gauges in the registry of `sources`. */
export function registerGauges(sources: GaugeSources): void {
  const { telemetry: { registry }, settings, principals, inputBudget } = sources;
  const { cluster } = principals.own;
  const producers = (count: (of: Producers) => number): number =>
    principals.open.reduce(
      (sum, one) => sum + count(one.producers) + count(one.durableProducers),
      0,
    );
  const gauge = (
    metric: string,
    help: string,
    info: readonly [section: string, field: string] | undefined,
    read: () => number,
  ): void => registry.gauge({ metric: `rafka_${metric}`, help, ...(info && { info }) }, read);
  const clients = (is: (client: GaugeSources["clientList"][number]) => unknown): number =>
    sources.clientList.reduce((count, client) => is(client) ? count + 1 : count, 0);

  const { tls } = sources;
  if (tls) {
    gauge(
      "tls_certificate_remaining_seconds",
      "Time until the gateway's TLS certificate ends",
      ["tls", "tls_server_cert_expires_in_seconds"],
      () => secondsUntil(tls.certificate.notAfter),
    );
  }
  if (tls?.clientCa) {
    gauge(
      "tls_client_ca_remaining_seconds",
      "Time until the first of the CAs for TLS clients ends",
      ["tls", "tls_ca_cert_expires_in_seconds"],
      () => secondsUntil(tls.clientCa!.notAfter),
    );
  }

  gauge(
    "connected_clients",
    "Connections",
    ["clients", "connected_clients"],
    () => clients(() => true),
  );
  gauge(
    "max_clients",
    "Connections at most: maxClients",
    ["clients", "maxclients"],
    () => settings.maxClients,
  );
  gauge(
    "blocked_clients",
    "Connections with a command that waits",
    ["clients", "blocked_clients"],
    () => clients(({ blocked }) => blocked),
  );
  gauge(
    "pubsub_clients",
    "Connections that subscribe",
    ["clients", "pubsub_clients"],
    () => clients(isSubscriber),
  );
  gauge(
    "tracking_clients",
    "Connections with CLIENT TRACKING on",
    ["clients", "tracking_clients"],
    () => clients(({ tracking }) => tracking),
  );

  gauge(
    "incomplete_request_bytes",
    "Memory of requests that have not arrived as a whole",
    ["memory", "input_bytes"],
    () => inputBudget.usedBytes,
  );
  gauge(
    "max_incomplete_request_bytes",
    "That memory at most: maxInputBytes",
    ["memory", "input_limit_bytes"],
    () => inputBudget.limitBytes,
  );
  gauge(
    "input_waiting_clients",
    "Connections that are not read from for lack of that memory",
    ["memory", "input_waiting_clients"],
    () => inputBudget.waiting,
  );

  gauge(
    "native_handles",
    "Objects of librdkafka that are open",
    ["kafka", "native_handles"],
    () => cluster.nativeHandles,
  );
  gauge("producers", "Producers", ["kafka", "producers"], () => producers(({ count }) => count));
  gauge(
    "idle_producers",
    "Producers kept for the next connection",
    ["kafka", "idle_producers"],
    () => producers(({ idleCount }) => idleCount),
  );
  gauge(
    "draining_producers",
    "Producers of closed connections with messages in flight",
    ["kafka", "draining_producers"],
    () => producers(({ draining }) => draining.count),
  );
  gauge(
    "draining_messages",
    "Messages in flight of closed connections",
    ["kafka", "draining_messages"],
    () => producers(({ draining }) => draining.messages),
  );
  gauge(
    "max_producers",
    "Producers at most",
    ["kafka", "max_producers"],
    () => cluster.limits?.maxProducers ?? Infinity,
  );
  gauge("consumers", "Consumers", ["kafka", "consumers"], () => sources.consumerCount);
  gauge(
    "max_consumers",
    "Consumers at most",
    ["kafka", "max_consumers"],
    () => cluster.limits?.maxConsumers ?? Infinity,
  );
  registerGroupGauges(sources);
  registerPubSubGauges(sources);
  gauge(
    "outstanding_bytes",
    "Size of the outstanding messages, at most",
    undefined,
    () => producers(({ outstandingBytes }) => outstandingBytes),
  );
  gauge(
    "held_clients",
    "Connections that are not read from until there is room for their messages",
    undefined,
    () => clients(({ kafka }) => kafka.held),
  );
  registerKafkaGauges(sources);
  gauge(
    "outstanding_messages",
    "Messages that are neither delivered nor failed",
    ["kafka", "outstanding"],
    () => principals.outstanding,
  );
}

function registerPubSubGauges(
  { telemetry: { registry }, channels, principals }: GaugeSources,
): void {
  const gauge = (
    metric: string,
    help: string,
    info: readonly [section: string, field: string],
    read: () => number,
  ): void => registry.gauge({ metric: `rafka_pubsub_${metric}`, help, info }, read);
  const open = (kind: ChannelKind): number =>
    principals.open.reduce((sum, { feeds }) => sum + feeds.of(kind).length, channels.count(kind));

  gauge(
    "channels",
    "Channels with subscribers",
    ["stats", "pubsub_channels"],
    () => open("channel"),
  );
  gauge(
    "patterns",
    "Patterns with subscribers",
    ["stats", "pubsub_patterns"],
    () => open("pattern"),
  );
  gauge(
    "shard_channels",
    "Channels with subscribers by SSUBSCRIBE",
    ["stats", "pubsubshard_channels"],
    () => open("shard"),
  );
  gauge(
    "topics",
    "Topics that are read for subscribers",
    ["kafka", "pubsub_topics"],
    () => principals.open.reduce((sum, { feeds }) => sum + feeds.count, 0),
  );
}

function registerGroupGauges({ telemetry: { registry }, principals }: GaugeSources): void {
  const live = (): readonly LiveGroup[] => principals.liveGroups;
  const gauge = (name: string, help: string, read: () => number): void =>
    registry.gauge(
      { metric: `rafka_stream_${name}`, help, info: ["kafka", `stream_${name}`] },
      read,
    );
  const sumOf = (count: (status: ReturnType<typeof statusOf>[number]) => number): number =>
    statusOf(live()).reduce((sum, status) => sum + count(status), 0);

  gauge("groups", "Stream groups that the gateway is a member of", () => live().length);
  gauge("pending", "Pending entries of stream groups", () => sumOf(({ pending }) => pending));
  gauge(
    "pending_bytes",
    "Memory of pending entries",
    () => live().reduce((sum, { keptBytes }) => sum + keptBytes, 0),
  );
  gauge(
    "waiting",
    "Readers that wait for entries of groups",
    () => sumOf(({ waiting }) => waiting),
  );
  gauge(
    "held_up",
    "Partitions that streams.maxPending holds up",
    () => sumOf(({ heldUp }) => heldUp.length),
  );
}

function secondsUntil(end: Date): number {
  return Math.floor((end.getTime() - Date.now()) / 1_000);
}
