/**
 * INFO: what the gateway is and does, in Redis' sections and one of our own, `kafka`.
 *
 * @see https://redis.io/docs/latest/commands/info/
 * @module
 */

import { type Reply, verbatim } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import * as arg from "../core/arguments.ts";
import { toText } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import type { Context, PrincipalView } from "../core/context.ts";
import { readsMessages, seesTopic, visiblePrincipals } from "../core/visibility.ts";
import { commandStats, errorStats, latencyStats } from "./info_commands.ts";
import { REDIS_VERSION } from "../core/about.ts";

type Fields = Readonly<Record<string, string | number>>;

/** In Redis' order. */
const SECTIONS: Readonly<
  Record<string, (context: Context) => Fields | Promise<Fields>>
> = {
  server: ({ gateway: { about, port, uptimeMs } }) => ({
    redis_version: REDIS_VERSION,
    redis_mode: "standalone",
    rafka_version: about.version,
    os: Deno.build.os,
    arch_bits: 64,
    process_id: Deno.pid,
    run_id: about.runId,
    tcp_port: port,
    server_time_usec: Date.now() * 1_000,
    uptime_in_seconds: Math.floor(uptimeMs / 1_000),
    uptime_in_days: Math.floor(uptimeMs / 86_400_000),
  }),
  clients: ({ gateway: { telemetry } }) => telemetry.registry.infoFields("clients"),
  memory: ({ gateway: { telemetry } }) => {
    const { rss, heapUsed, external } = Deno.memoryUsage();
    return {
      used_memory: heapUsed + external,
      used_memory_human: human(heapUsed + external),
      // read from /proc, which takes a file descriptor: 0 when none is left
      ...(rss > 0 && { used_memory_rss: rss, used_memory_rss_human: human(rss) }),
      maxmemory: 0,
      maxmemory_policy: "noeviction",
      ...telemetry.registry.infoFields("memory"),
    };
  },
  persistence: () => ({ loading: 0, rdb_bgsave_in_progress: 0, aof_enabled: 0 }),
  stats: ({ gateway: { telemetry } }) => telemetry.registry.infoFields("stats"),
  replication: ({ gateway: { about } }) => ({
    role: "master",
    connected_slaves: 0,
    master_replid: about.runId,
    master_repl_offset: 0,
  }),
  modules: () => ({}),
  tls: ({ gateway: { tls, telemetry } }) => ({
    tls_port: tls?.port ?? 0,
    ...tls && { tls_server_cert_serial: tls.certificate.serial },
    ...tls?.clientCa && { tls_ca_cert_serial: tls.clientCa.serial },
    ...telemetry.registry.infoFields("tls"),
  }),
  commandstats: ({ gateway }) => commandStats(gateway),
  errorstats: ({ gateway }) => errorStats(gateway),
  latencystats: ({ gateway }) => latencyStats(gateway),
  cluster: () => ({ cluster_enabled: 0 }),
  keyspace,
  kafka: kafkaFields,
};

/** What stands for all sections. */
const ALL = ["all", "everything"];
/** Long lists that are shown only when they are asked for, as in Redis. */
const NOT_DEFAULT = ["commandstats", "latencystats"];

const INFO: Command = command({
  name: "INFO",
  arity: -1,
  arguments: [arg.string("section", { optional: true, multiple: true })],
  summary:
    "Returns information about the gateway in sections: server, clients, memory, persistence, stats, replication, " +
    "modules, tls, commandstats, errorstats, latencystats, cluster, keyspace, kafka",
  since: "0.2.0",
  group: "server",
  flags: [],
  categories: ["dangerous"],
  run(context, args): Reply | Promise<Reply> {
    const names = chosenSections(args).filter((name) => name !== "tls" || context.gateway.tls);
    const fields = names.map((name) => SECTIONS[name]!(context));
    const show = (known: Fields[]): Reply =>
      verbatim(known.map((one, at) => section(names[at]!, one)).join("\r\n"));
    return fields.some((one) => one instanceof Promise)
      ? Promise.all(fields).then(show)
      : show(fields as Fields[]);
  },
});

/** INFO */
export const infoCommands: readonly Command[] = [INFO];

function chosenSections(args: Request): string[] {
  const asked = new Set(args.map((arg) => toText(arg).toLowerCase()));
  const all = ALL.some((name) => asked.has(name));
  const byDefault = asked.size === 0 || asked.has("default");
  return Object.keys(SECTIONS).filter((name) =>
    all || asked.has(name) || byDefault && !NOT_DEFAULT.includes(name)
  );
}

/** Topics are keys. No line without any, as in Redis. */
async function keyspace({ kafka, client: { user } }: Context): Promise<Fields> {
  const count = await kafka.countTopics((topic) => seesTopic(user, topic));
  return count > 0 ? { db0: `keys=${count},expires=0,avg_ttl=0` } : {};
}

/** The fields that clients have known longest; others are shown behind them. */
const KAFKA_FIELDS = [
  "native_handles",
  "producers",
  "idle_producers",
  "draining_producers",
  "draining_messages",
  "max_producers",
  "consumers",
  "max_consumers",
  "stream_groups",
  "stream_pending",
  "stream_pending_bytes",
  "stream_waiting",
  "stream_held_up",
  "pubsub_topics",
  "produced",
  "outstanding",
  "delivered",
  "failed",
  "unflushed",
  "consumed",
  "unread",
  "skipped",
  "acked",
  "redelivered",
  "lost_pending",
  "stray_acks",
  "errors_kept",
  "errors_kept_bytes",
  "errors_dropped",
];

/** Clients of librdkafka, and messages since the start or since DEL stats. */
function kafkaFields(context: Context): Fields {
  const { gateway, client } = context;
  const { about, telemetry: { registry, messages } } = gateway;
  const errors = messages.errorCounts.filter((kind) => readsMessages(client, kind));
  return {
    brokers: about.brokers,
    librdkafka_version: about.librdkafkaVersion,
    ...inOrder(registry.infoFields("kafka"), KAFKA_FIELDS),
    ...Object.fromEntries(errors.map(({ topic, error, count, principal }, at) => [
      `delivery_error${at}`,
      `topic=${topic},error=${error},count=${count}${ofPrincipal(principal)}`,
    ])),
    ...principalFields(visiblePrincipals(context)),
  };
}

function ofPrincipal(name: string | undefined): string {
  return name === undefined ? "" : `,principal=${name}`;
}

/** Those that users are with a login of their own, as long as they have clients of Kafka. */
function principalFields(principals: readonly PrincipalView[]): Fields {
  const named = principals.filter(({ name }) => name !== undefined);
  return Object.fromEntries(named.map(({ name, connections, outstanding, groups, cluster }, at) => [
    `principal${at}`,
    `name=${name},connections=${connections},outstanding=${outstanding},` +
    `groups=${groups.live.length},error=${cluster.bootstrap.failure?.codeName ?? ""}`,
  ]));
}

function inOrder(fields: Record<string, number>, order: readonly string[]): Fields {
  const known = order.filter((name) => name in fields).map((name) => [name, fields[name]!]);
  return { ...Object.fromEntries(known), ...fields };
}

function section(name: string, fields: Fields): string {
  const title = name === "tls" ? "# TLS" : `# ${name[0]!.toUpperCase()}${name.slice(1)}`;
  const lines = Object.entries(fields).map(([field, value]) => `${field}:${value}`);
  return [title, ...lines, ""].join("\r\n");
}

function human(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(2)}M`;
}
