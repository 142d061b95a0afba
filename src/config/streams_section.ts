/**
 * The settings of Redis Streams: the object `streams` in the section `server`.
 *
 * @module
 */

import * as z from "zod";
import { aBoolean, anObject, integer, MIB } from "./setting_types.ts";

/**
 * The object `streams`: what each key means, what is allowed, its default.
 *
 * @ignore its type is zod's
 */
export const streamsSection = z.strictObject({
  maxReaders: integer(1, 10_000).default(32).describe(
    "maximum number of topics that XREAD waits for at a time: each takes a Kafka client with about five threads. " +
      "XREAD of one more returns an error",
  ),
  readBytes: integer(1_024, 1024 * MIB).default(16 * MIB).describe(
    "maximum size of the entries in a reply of XRANGE, XREVRANGE and XREAD without COUNT; the first entry is " +
      "returned in any case",
  ),
  trim: z.boolean(aBoolean).default(false).describe(
    "whether XTRIM, and MAXLEN and MINID of XADD without `~`, delete records of the topic for all its consumers; " +
      "else Kafka's own retention decides",
  ),
}, anObject).prefault({});
