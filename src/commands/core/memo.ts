/**
 * What a connection has parsed last, by the bytes it was sent as: most commands of a connection repeat the key of the
 * one before, and comparing bytes takes a tenth of the time that parsing them does.
 *
 * @module
 */

import type { KeyRule } from "../../config/keys_section.ts";
import type { KafkaSettings } from "../../kafka/client/conf.ts";
import { COLON, NO_BYTES } from "../../resp/bytes.ts";
import type { Request } from "../../resp/request_parser.ts";
import { RequestPattern } from "../../resp/request_pattern.ts";

/** Where a message goes. */
export interface ProduceTarget {
  /** Name of the topic. */
  readonly topic: string;
  /** null for a message without a key; an empty one is a key. */
  readonly key: Request[number] | null;
  /** The rule that has made the topic of a key; undefined for `topics:…`. */
  readonly rule?: KeyRule | undefined;
}

/** What an argument was read as. */
export class LastArgument {
  #bytes: Request[number] = NO_BYTES;
  #text = "";

  /** The text of the last argument; undefined before the first. */
  get latest(): string | undefined {
    return this.#text === "" ? undefined : this.#text;
  }

  /**
   * The text that the argument stands for.
   *
   * @param read how it is found for another argument than the last one
   */
  text(argument: Request[number], read: (argument: Request[number]) => string): string {
    if (argument.byteLength > 0 && sameBytes(argument, this.#bytes)) return this.#text;
    const text = read(argument);
    this.#bytes = argument.slice();
    this.#text = text;
    return text;
  }
}

/** Of one connection; RESET starts a new one. */
export class Memo {
  /** The topic of the last stream that was read by a group. */
  readonly streamTopic = new LastArgument();
  /** The group that has read it. */
  readonly groupName = new LastArgument();
  /** The consumer that has read it. */
  readonly consumerName = new LastArgument();
  /** `topics:<topic>` of the last message produced, or its key by a rule, as it was sent; empty before the first. */
  #topicKey: Request[number] = NO_BYTES;
  #topic = "";
  #rule: KeyRule | undefined;
  /** Of requests for that topic; undefined before they are pipelined. */
  #pattern: RequestPattern | undefined;
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
  /** What replies have of a message behind its value; they are those of the consumer. */
  replyFields: readonly ("key" | "timestamp" | "headers")[] = [];
  /** What replies with a message begin with, up to the offset, by topic and partition. */
  readonly replyHeads = new Map<string, Uint8Array[]>();

  /** The target that `topics:<topic>[:<key>]` names, if its topic is that of the message before. */
  target(argument: Request[number]): ProduceTarget | undefined {
    if (!namesTopic(argument, this.#topicKey)) return undefined;
    const { byteLength } = this.#topicKey;
    if (this.#rule) {
      // anything behind the key would be another key
      const isSame = argument.byteLength === byteLength;
      return isSame ? { topic: this.#topic, key: null, rule: this.#rule } : undefined;
    }
    const key = argument.byteLength === byteLength ? null : argument.subarray(byteLength + 1);
    return { topic: this.#topic, key };
  }

  /** The pattern of requests like one that has just been run: a key of the same topic, and the same words around it. */
  patternOf(request: Request): RequestPattern {
    if (this.#pattern?.hasWordsOf(request)) return this.#pattern;
    return this.#pattern = new RequestPattern(request, this.#topicKey, { isOpen: !this.#rule });
  }

  /** Keeps the topic of a target as it was sent. */
  keepTarget(argument: Request[number], { topic, key, rule }: ProduceTarget): void {
    const keyBytes = key === null ? 0 : key.byteLength + 1;
    this.#topicKey = argument.slice(0, argument.byteLength - keyBytes);
    this.#topic = topic;
    this.#rule = rule;
    this.#pattern = undefined;
  }
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
