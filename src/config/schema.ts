/**
 * Our own settings, the section `server` of the configuration: what each key means, what is allowed, its default.
 *
 * @module
 */

import * as z from "zod";
import { LOG_FORMATS, LOG_LEVELS } from "../telemetry/log.ts";

const MIB = 1024 * 1024;
/** With more, the shutdown would take longer than systemd lets it. */
export const MAX_FLUSH_TIMEOUT_MS = 15_000;

/** What is said of a section that is none; other problems have words of their own. */
export const anObject: { error: (issue: { readonly code?: string }) => string | undefined } = {
  error: ({ code }) => code === "invalid_type" ? "must be an object" : undefined,
};

/** What the program is permitted to listen on: Deno's permissions know no ranges of IPv6 addresses. */
const host = z.string().refine(
  (text) => z.ipv4().safeParse(text).success || ["localhost", "::", "::1"].includes(text),
  { error: "must be an IPv4 address, localhost, :: or ::1" },
);

function integer(least: number, most: number): z.ZodInt {
  const error = `must be a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/**
 * The section `server`: what each key means, what is allowed, its default. Types, help, JSON Schema and the documentation
 * are made from it.
 *
 * @ignore its type is zod's
 */
export const serverSection = z.strictObject({
  host: host.default("0.0.0.0").describe(
    "address to listen on: any IPv4 address, `localhost`, `::` or `::1`",
  ),
  port: integer(0, 65535).default(6380).describe("port to listen on, 0 for any free one"),
  dialect: z.enum(["rafka", "readme"]).default("rafka").describe(
    '`"readme"`: RPUSHX, RPUSH acks, CLIENT SETNAME and QUIT answer `OK` as a bulk string, BLPOP\'s timeout is in ' +
      "milliseconds, as the README of the first Rafka said",
  ),
  maxClients: integer(1, 1_000_000).default(10_000).describe(
    "most connections at a time; one more is told so and closed. Three more from this machine may ask PING, INFO, " +
      "CLIENT and the like",
  ),
  idleTimeoutMs: integer(0, 86_400_000).default(0).describe(
    "after so long without a whole command a connection is closed, 0 for never; must be longer than a worker's " +
      "work on a message, and than the largest message takes to arrive",
  ),
  keepAliveMs: integer(0, 86_400_000).default(300_000).describe(
    "after so long in silence a client's machine is asked whether it is there; without an answer for as long again " +
      "the connection ends; 0 for the system's time, 2 hours",
  ),
  maxBulkBytes: integer(1, 512 * MIB).default(32_768_000).describe(
    "largest argument of a command, and so the largest message",
  ),
  maxRequestBytes: integer(1, 1024 * MIB).default(64 * MIB).describe(
    "largest command, all its arguments together",
  ),
  maxInputBytes: integer(MIB, 64 * 1024 * MIB).default(64 * MIB).describe(
    "what commands that have not arrived as a whole, and those between MULTI and EXEC, may take in memory, of all " +
      "connections together; who needs more waits",
  ),
  maxArguments: integer(1, 1024 * 1024).default(65_536).describe(
    "most arguments of a command",
  ),
  pipelineLimitBytes: integer(1, 1024 * MIB).default(16 * MIB).describe(
    "what may be sent behind a BLPOP or BLMPOP that waits; with more the client is disconnected",
  ),
  outputLimitBytes: integer(1, 1024 * MIB).default(64 * MIB).describe(
    "what may wait for a client in replies, and so the largest reply; with more it is disconnected",
  ),
  monitorBacklogBytes: integer(1, 1024 * MIB).default(MIB).describe(
    "what may wait for a MONITOR client that does not read; with more it is disconnected",
  ),
  producerMode: z.enum(["connection", "shared"]).default("connection").describe(
    '`"connection"`: each connection that produces has a librdkafka producer for itself, about five threads; ' +
      '`"shared"`: all of them have one together',
  ),
  maxConsumers: integer(0, 1_000_000).default(0).describe(
    "most consumers, 0 for as many as the machine has threads for; BLPOP and BLMPOP of one more answer an error",
  ),
  maxProducers: integer(0, 1_000_000).default(0).describe(
    "most producers where each connection has its own, 0 as above; RPUSHX and LPUSH of one more answer an error",
  ),
  producerIdleMs: integer(0, 3_600_000).default(10_000).describe(
    "how long the producer of a connection that is gone is kept for the next one",
  ),
  producerPool: integer(0, 10_000).default(32).describe(
    "how many producers are kept so at most; 0 for none",
  ),
  maxDrainingProducers: integer(0, 10_000).default(100).describe(
    "how many producers of connections that are gone go on trying to deliver what they have, until " +
      "`message.timeout.ms`; with more, the one that has tried longest gives up",
  ),
  maxDrainingBytes: integer(0, 64 * 1024 * MIB).default(256 * MIB).describe(
    "what the messages of these producers may take; with more, the one that has tried longest gives up",
  ),
  flushTimeoutMs: integer(0, MAX_FLUSH_TIMEOUT_MS).default(5_000).describe(
    "how long a shutdown tries to deliver what is outstanding; what is left then is logged and counted. The whole " +
      "shutdown takes 19 seconds more at most",
  ),
  errorRingBytes: integer(0, 1024 * MIB).default(16 * MIB).describe(
    "how much is kept of the messages that were last not delivered, for RAFKA ERRORS; 0 for nothing",
  ),
  internalTopics: z.boolean({ error: "must be true or false" }).default(false).describe(
    "whether clients see topics that begin with `__`, Kafka's own as `__consumer_offsets`, and may consume them and " +
      "produce to them",
  ),
  logFormat: z.enum(LOG_FORMATS).default("text").describe('`"text"` or `"json"`'),
  logLevel: z.enum(LOG_LEVELS).default("info").describe(
    '`"trace"`, `"debug"`, `"info"`, `"warning"`, `"error"` or `"fatal"`',
  ),
}, anObject).prefault({});

/**
 * Rafka's own settings: the keys of the section `server`, each with its value.
 *
 * @ignore inferred from the schema: `--config-help` and docs/configuration.md show it
 */
export type ServerSettings = Readonly<z.infer<typeof serverSection>>;

/** Every key of the section `server` with its default. */
export const serverDefaults: ServerSettings = serverSection.parse({});

/** Why there can't be listened on `text`, undefined if there can. */
export function hostProblem(text: string): string | undefined {
  return host.safeParse(text).error?.issues[0]?.message;
}

/** What every key of the section `server` means, in Markdown. */
export const serverDescriptions: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(serverSection.unwrap().shape).map(([key, { description }]) => [key, description!]),
);
