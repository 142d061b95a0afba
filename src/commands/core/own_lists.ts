/**
 * Lists of the gateway itself, to which LMOVE, BLMOVE, RPOPLPUSH and BRPOPLPUSH move what a worker works on: keys that
 * stand for no topic.
 *
 * @module
 */

import type { ProcessingList } from "../../groups/processing_lists.ts";
import { readsTopic, usesGroup } from "./access.ts";
import type { Argument } from "./args.ts";
import { requireKey } from "./authorize.ts";
import { CommandError } from "./command_error.ts";
import type { Context } from "./context.ts";

const MAX_KEY_BYTES = 1_024;
/** Each byte is a character: keys may hold any bytes. */
const decoder = new TextDecoder("latin1");

/**
 * The name of a list.
 *
 * @throws {CommandError} ERR for a long key
 */
export function listName(key: Argument): string {
  if (key.byteLength <= MAX_KEY_BYTES) return decoder.decode(key);
  throw new CommandError("ERR", `key of a list larger than ${MAX_KEY_BYTES} bytes`);
}

/**
 * The list of a key, if it has entries.
 *
 * @throws {CommandError} NOPERM for a user who may not read its topics, or not consume as their groups
 */
export function findList(context: Context, key: Argument): ProcessingList | undefined {
  if (key.byteLength > MAX_KEY_BYTES) return undefined;
  const list = context.kafka.processing.find(decoder.decode(key));
  for (const { topic, name } of list?.groups ?? []) {
    requireKey(context, readsTopic(topic));
    requireKey(context, usesGroup(name));
  }
  return list;
}
