/**
 * The settings of pub/sub: the object `pubsub` in the section `server`.
 *
 * @module
 */

import * as z from "zod";
import { anObject, integer } from "./setting_types.ts";

/**
 * The object `pubsub`: what each key means, what is allowed, its default.
 *
 * @ignore its type is zod's
 */
export const pubsubSection = z.strictObject({
  maxSubscriptions: integer(1, 1_000_000).default(10_000).describe(
    "maximum number of channels and patterns that a connection subscribes to",
  ),
  maxChannels: integer(1, 10_000_000).default(100_000).describe(
    "maximum number of channels in memory with subscribers, those of SSUBSCRIBE among them; topics count for " +
      "`streams.maxReaders`",
  ),
  maxPatterns: integer(1, 100_000).default(1_000).describe(
    "maximum number of patterns with subscribers: a message is compared with each",
  ),
}, anObject).prefault({});
