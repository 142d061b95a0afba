/**
 * What a connection has parsed last, by the bytes it was sent as: most commands of a connection repeat the key of the
 * one before, and comparing bytes takes a tenth of the time that parsing them does.
 *
 * @module
 */

import type { KafkaSettings } from "../../kafka/client/conf.ts";
import { COLON, NO_BYTES } from "../../resp/bytes.ts";
import type { Request } from "../../resp/request_parser.ts";

/** Of one connection; RESET starts a new one. */
export class Memo {
  /** `topics:<topic>` of the last message produced, as it was sent; empty before the first. */
  topicKey: Request[number] = NO_BYTES;
  /** Its topic. */
  topic = "";
  /** The last command that the user was found to have the right to, and its key up to the topic. */
  granted: unknown;
  /** See `granted`; empty for a command without a key. */
  grantedKey: Request[number] = NO_BYTES;
  /** The key of the last BLPOP or BLMPOP; undefined before the first. */
  popKey: Request[number] | undefined;
  /** The settings that the consumer was made with, from the JSON of its key. */
  settings: KafkaSettings = {};
  /** The log says that later JSON differs from that. */
  settingsDiffer = false;
  /** What replies with a message begin with, up to the offset, by topic and partition. */
  readonly replyHeads = new Map<string, Uint8Array[]>();
}

/** Whether an argument is the key of a topic, or that with anything behind a colon. */
export function namesTopic(argument: Request[number], topicKey: Request[number]): boolean {
  const { byteLength } = topicKey;
  if (byteLength === 0) return false;
  if (argument.byteLength > byteLength && argument[byteLength] !== COLON) return false;
  for (let at = 0; at < byteLength; at++) if (argument[at] !== topicKey[at]) return false;
  return true;
}

/** Whether two arguments hold the same bytes. */
export function sameBytes(a: Request[number], b: Request[number]): boolean {
  if (a.byteLength !== b.byteLength) return false;
  for (let at = 0; at < a.byteLength; at++) if (a[at] !== b[at]) return false;
  return true;
}
