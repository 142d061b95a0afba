/**
 * The settings of plain lists: the object `lists` in the section `server`.
 *
 * @module
 */

import * as z from "zod";
import { anObject } from "./setting_types.ts";

const aGroup = "must be the name of a group, 1 to 255 characters";
const groupName = z.string({ error: aGroup }).min(1, { error: aGroup }).max(255, { error: aGroup });

/** When a message that a connection has popped is acked. */
const ACKS = ["next", "sent"] as const;

/**
 * The object `lists`: what each key means, what is allowed, its default.
 *
 * @ignore its type is zod's
 */
export const listsSection = z.strictObject({
  group: groupName.nullable().default(null).describe(
    "the consumer group of connections without a name `<group>:<name>` that pop messages in Redis' shapes; `null` for " +
      "none: they get an error. A rule's `group` comes before it, and a user's. See [Lists](lists.md)",
  ),
  userGroups: z.record(z.string(), groupName, anObject).default({}).describe(
    'the same by user: `{"alice": "soc"}`',
  ),
  ack: z.enum(ACKS, { error: 'must be "next" or "sent"' }).default("next").describe(
    '`"next"`: what a connection has popped is acked by its next pop, or by QUIT, and is given back to the group when ' +
      'the connection ends otherwise; `"sent"`: it is acked when the reply is written, and lost if the client fails then',
  ),
}, anObject).prefault({});
