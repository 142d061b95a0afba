/**
 * Rafka's own settings, the section `server` of the configuration: what each key means, what is allowed, its default.
 *
 * @module
 */

import * as z from "zod";
import { kafkaSection } from "./kafka_section.ts";
import { httpSection } from "./http_section.ts";
import { listenHost } from "./listen_host.ts";
import { secretPlace } from "./secret_values.ts";
import { aBoolean, anObject, integer, MIB } from "./setting_types.ts";
import { keysSection } from "./keys_section.ts";
import { listsSection } from "./lists_section.ts";
import { pubsubSection } from "./pubsub_section.ts";
import { streamsSection } from "./streams_section.ts";
import { tlsSection } from "./tls_section.ts";
import { LOG_FORMATS, LOG_LEVELS } from "../telemetry/log.ts";

/** A longer shutdown would exceed systemd's TimeoutStopSec. */
export const MAX_FLUSH_TIMEOUT_MS = 15_000;

/** What a user may have of the gateway. */
const userLimits = z.strictObject({
  connections: integer(1, 1_000_000).describe("connections at a time; another login gets an error")
    .optional(),
  consumers: integer(1, 1_000_000).describe(
    "connections with a consumer at a time; BLPOP and BLMPOP of one more return an error",
  ).optional(),
  messagesPerSecond: integer(1, 1_000_000_000).describe("messages produced and consumed")
    .optional(),
  bytesPerSecond: integer(1, 1_000_000_000_000).describe("bytes sent by the user's clients")
    .optional(),
}, anObject);

/** The keys of a user's limits. */
export const userLimitNames: readonly string[] = Object.keys(userLimits.shape);

/** Limits of one user; absent ones are unlimited. */
export interface UserLimits {
  /** At a time. */
  readonly connections?: number | undefined;
  /** At a time. */
  readonly consumers?: number | undefined;
  /** Produced and consumed. */
  readonly messagesPerSecond?: number | undefined;
  /** Sent by its clients. */
  readonly bytesPerSecond?: number | undefined;
}

/**
 * The section `server`: what each key means, what is allowed, its default. The source of the types, help, JSON Schema
 * and documentation.
 *
 * @ignore its type is zod's
 */
export const serverSection = z.strictObject({
  host: listenHost.default("0.0.0.0").describe(
    "address to listen on: any IPv4 address, `localhost`, `::` or `::1`",
  ),
  port: integer(0, 65535).nullable().default(6380).describe(
    "port to listen on without TLS, 0 for any free one; `null` for none",
  ),
  reusePort: z.boolean(aBoolean).default(false).describe(
    "whether other gateways may listen on the same port of this machine, each with this setting and as the same user " +
      "of the system; Linux divides new connections among them. See " +
      "[Several gateways](operations.md#several-gateways-on-one-machine)",
  ),
  dialect: z.enum(["rafka", "readme"]).default("rafka").describe(
    '`"readme"`: RPUSHX, RPUSH acks, CLIENT SETNAME and QUIT answer `OK` as a bulk string, BLPOP\'s timeout is in ' +
      "milliseconds, as the README of the first Rafka said",
  ),
  maxClients: integer(1, 1_000_000).default(10_000).describe(
    "maximum number of connections; one more gets an error and is closed. Three more from this machine may run " +
      "PING, INFO, CLIENT and the like",
  ),
  idleTimeoutMs: integer(0, 86_400_000).default(0).describe(
    "a connection without a complete command for this long is closed, 0 for never; must be longer than a worker's " +
      "work on a message, and than the largest message takes to arrive",
  ),
  keepAliveMs: integer(0, 86_400_000).default(300_000).describe(
    "a connection silent for this long is probed; without an answer for as long again it is closed; 0 for the " +
      "system's time, 2 hours",
  ),
  maxBulkBytes: integer(1, 512 * MIB).default(32_768_000).describe(
    "maximum size of an argument, and so of a message",
  ),
  maxRequestBytes: integer(1, 1024 * MIB).default(64 * MIB).describe(
    "maximum size of a command, all its arguments together",
  ),
  maxInputBytes: integer(MIB, 64 * 1024 * MIB).default(64 * MIB).describe(
    "memory for incomplete commands, and for those between MULTI and EXEC, of all connections together; a " +
      "connection that needs more waits",
  ),
  maxArguments: integer(1, 1024 * 1024).default(65_536).describe(
    "maximum number of arguments of a command",
  ),
  pipelineLimitBytes: integer(1, 1024 * MIB).default(16 * MIB).describe(
    "maximum size of commands sent behind a blocked BLPOP or BLMPOP; a client with more is disconnected",
  ),
  outputLimitBytes: integer(1, 1024 * MIB).default(64 * MIB).describe(
    "maximum size of unread replies of a client, and so of a reply; a client with more is disconnected",
  ),
  monitorBacklogBytes: integer(1, 1024 * MIB).default(MIB).describe(
    "maximum size of unread lines of a MONITOR client; a client with more is disconnected",
  ),
  producerMode: z.enum(["connection", "shared"]).default("connection").describe(
    '`"connection"`: each connection that produces has a librdkafka producer of its own, about five threads; ' +
      '`"shared"`: all connections share one',
  ),
  maxConsumers: integer(0, 1_000_000).default(0).describe(
    "maximum number of consumers, 0 for as many as the machine has threads for; BLPOP and BLMPOP of one more " +
      "return an error",
  ),
  maxProducers: integer(0, 1_000_000).default(0).describe(
    "maximum number of producers where each connection has its own, 0 as above; RPUSHX and LPUSH of one more " +
      "return an error",
  ),
  producerIdleMs: integer(0, 3_600_000).default(10_000).describe(
    "how long the producer of a closed connection is kept for reuse",
  ),
  producerPool: integer(0, 10_000).default(100).describe(
    "maximum number of idle producers; 0 for none",
  ),
  maxDrainingProducers: integer(0, 10_000).default(100).describe(
    "maximum number of producers that still deliver messages of closed connections, until `message.timeout.ms`; " +
      "with more, the oldest gives up",
  ),
  maxDrainingBytes: integer(0, 64 * 1024 * MIB).default(256 * MIB).describe(
    "maximum size of the messages of these producers; with more, the oldest gives up",
  ),
  flushTimeoutMs: integer(0, MAX_FLUSH_TIMEOUT_MS).default(5_000).describe(
    "how long a shutdown waits for outstanding messages; those left are logged and counted. The whole shutdown " +
      "takes 20 seconds more at most",
  ),
  errorRingBytes: integer(0, 1024 * MIB).default(16 * MIB).describe(
    "memory for the latest messages that could not be delivered, for RAFKA ERRORS; 0 for none",
  ),
  internalTopics: z.boolean(aBoolean).default(false).describe(
    "whether clients can list topics that begin with `__`, such as Kafka's `__consumer_offsets`, consume them and " +
      "produce to them",
  ),
  administration: z.boolean(aBoolean).default(true).describe(
    "whether RAFKA commands may create, change and delete topics, move groups and delete them; each takes the right to " +
      "it, see [Administration](administration.md)",
  ),
  keys: keysSection,
  lists: listsSection,
  pubsub: pubsubSection,
  streams: streamsSection,
  tls: tlsSection.nullable().default(null).describe(
    "TLS for clients, at a port of its own; an object, see [`server.tls`](#servertls)",
  ),
  http: httpSection.nullable().default(null).describe(
    "an HTTP port for metrics, health and the state of the gateway; an object, see [`server.http`](#serverhttp)",
  ),
  protectedMode: z.boolean({ error: "must be true or false" }).default(true).describe(
    "without users, clients on other machines are refused; `false` lets everybody who can connect do everything",
  ),
  users: z.array(z.union([z.string(), secretPlace], {
    error: 'must be a text, or where to read it: {"file": …} or {"env": …}',
  })).default([]).describe(
    'users, each a line of Redis\' ACL file: `"user alice on >secret ~topics:orders* +@produce"`; ' +
      '`{"file": …}` or `{"env": …}` for a line that is kept elsewhere. See [Security](security.md#users)',
  ),
  aclFile: z.string().default("").describe(
    "path of a file of such lines, instead of `users`; ACL LOAD and SIGHUP read it again",
  ),
  userLimits: z.record(z.string(), userLimits, anObject).default({}).describe(
    "limits by user: `connections`, `consumers`, `messagesPerSecond`, `bytesPerSecond`; clients above the last two " +
      "are held back, not refused",
  ),
  userKafka: z.record(z.string(), kafkaSection, anObject).default({}).describe(
    "settings of librdkafka by user, above those of `general`, `consumer` and `producer`: a login to Kafka of its " +
      "own, so that Kafka's ACLs and quotas are those of the user. See [Security](security.md#principals)",
  ),
  logFormat: z.enum(LOG_FORMATS).default("text").describe('`"text"` or `"json"`'),
  logLevel: z.enum(LOG_LEVELS).default("info").describe(
    '`"trace"`, `"debug"`, `"info"`, `"warning"`, `"error"` or `"fatal"`',
  ),
}, anObject).refine(({ port, tls }) => port !== null || tls !== null, {
  path: ["port"],
  error: "there is no other port to listen on: `tls` is null",
}).prefault({});

/**
 * The values of the section `server`.
 *
 * @ignore inferred from the schema: `--config-help` and docs/configuration.md show it
 */
export type ServerSettings = Readonly<z.infer<typeof serverSection>>;

/** The defaults of the section `server`. */
export const serverDefaults: ServerSettings = serverSection.parse({});

/**
 * Checks a listen address.
 *
 * @returns why `text` is not allowed; undefined if it is
 */
export function hostProblem(text: string): string | undefined {
  return listenHost.safeParse(text).error?.issues[0]?.message;
}

/** A key of the section `server`. */
export interface ServerKey {
  /** Its name; that of a key in an object has the object's before it, `streams.maxReaders`. */
  readonly name: string;
  /** Its default. */
  readonly value: unknown;
  /** What it means, in Markdown. */
  readonly description: string;
}

/** All keys of the section `server`, those in objects among them, in the order of the documentation. */
export const serverKeys: readonly ServerKey[] = keysOf(
  serverSection.unwrap().shape,
  serverDefaults,
);

interface Field {
  readonly description?: string | undefined;
  readonly unwrap?: () => unknown;
}

function keysOf(
  shape: Readonly<Record<string, Field>>,
  defaults: Readonly<Record<string, unknown>>,
): ServerKey[] {
  return Object.entries(shape).flatMap(([name, field]) => {
    const value = defaults[name];
    if (field.description !== undefined) return { name, value, description: field.description };
    const section = field.unwrap!() as z.ZodObject;
    return keysOf(section.shape, value as Record<string, unknown>)
      .map((key) => ({ ...key, name: `${name}.${key.name}` }));
  });
}
