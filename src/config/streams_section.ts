/**
 * The settings of Redis Streams: the object `streams` in the section `server`.
 *
 * @module
 */

import * as z from "zod";
import { aBoolean, anObject, integer, MIB } from "./setting_types.ts";

const VALUE_FIELDS = ["data", "body", "payload", "message", "msg", "eve", "__data__"];
const fieldName = z.string().regex(/^[\x20-\x7e]+$/, {
  error: "must be a name of ASCII characters",
});

/**
 * The object `streams`: what each key means, what is allowed, its default.
 *
 * @ignore its type is zod's
 */
export const streamsSection = z.strictObject({
  valueFields: z.array(fieldName, { error: "must be an array of names" }).max(100).default(
    VALUE_FIELDS,
  ).describe(
    "fields of an entry of XADD that may be the value of its message, in order of preference, behind `value`; else an " +
      "entry's only field is",
  ),
  addTimeoutMs: integer(100, 86_400_000).default(30_000).describe(
    "how long XADD waits for Kafka; then it returns an error, and the message may still be stored",
  ),
  maxReaders: integer(1, 10_000).default(32).describe(
    "maximum number of topics that XREAD waits for at a time, and of topics that are subscribed to: each takes a " +
      "Kafka client with about five threads, one for both. XREAD and SUBSCRIBE of one more return an error",
  ),
  readBytes: integer(1_024, 1024 * MIB).default(16 * MIB).describe(
    "maximum size of the entries in a reply of XREAD, and in one of XRANGE and XREVRANGE without COUNT; the first " +
      "entry of each stream is returned in any case",
  ),
  maxGroups: integer(1, 10_000).default(100).describe(
    "maximum number of stream groups that the gateway is a member of: each takes a Kafka consumer with about five " +
      "threads. XREADGROUP of one more returns an error",
  ),
  groupIdleMs: integer(1_000, 7 * 86_400_000).default(600_000).describe(
    "the gateway leaves a group when no client has asked anything of it for this long; what is pending is delivered " +
      "again then. Must be longer than a worker's work on an entry",
  ),
  maxPending: integer(1, 1_000_000).default(10_000).describe(
    "maximum number of pending entries of a group in a partition: with as many, nothing new is delivered until some " +
      "are acked",
  ),
  pendingBytes: integer(0, 64 * 1024 * MIB).default(64 * MIB).describe(
    "memory for the pending entries of a group, for XCLAIM and for delivering them again; those beyond it are read " +
      "from Kafka again",
  ),
  prefetchMessages: integer(1, 10_000_000).default(20_000).describe(
    "number of messages that are fetched ahead for a group, divided among its partitions",
  ),
  prefetchBytes: integer(MIB, 64 * 1024 * MIB).default(16 * MIB).describe(
    "size of the messages that are fetched ahead for a group, divided among its partitions; each may have one fetch " +
      "of 64 KiB or more beyond its share",
  ),
  order: z.enum(["none", "key", "partition"]).default("none").describe(
    '`"none"`: entries are delivered as workers ask for them, as in Redis; `"key"`: an entry is not delivered while an ' +
      'earlier one with its message key is pending; `"partition"`: nor while any earlier one of its partition is',
  ),
  trim: z.boolean(aBoolean).default(false).describe(
    "whether XTRIM, and MAXLEN and MINID of XADD without `~`, delete records of the topic for all its consumers; " +
      "else Kafka's own retention decides",
  ),
}, anObject).prefault({});
