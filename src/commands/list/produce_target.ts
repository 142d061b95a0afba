/**
 * @module
 * Where a message goes: `topics:<topic>[:<key>]`. Read for each message, and mostly the topic is that of the message
 * before.
 */

import { COLON, NO_BYTES } from "../../resp/bytes.ts";
import { isInternalTopic } from "../../kafka/client/topic_name.ts";
import { type Argument, parseProduceTarget } from "../core/args.ts";
import { CommandError } from "../core/command_error.ts";
import type { ProduceTarget } from "../core/context.ts";
import { produceHint } from "../core/topic_hint.ts";

/**
 * Reads targets, and remembers the last topic by its bytes: to compare them takes a tenth of the time that decoding
 * and checking them does.
 */
export class ProduceTargets {
  readonly #internalTopics: boolean;
  #topic = "";
  /** `topics:<topic>` as it was sent; none before the first. */
  #prefix = NO_BYTES;

  /** Remembers nothing yet; `internalTopics` says whether those are targets, too. */
  constructor({ internalTopics = false }: { readonly internalTopics?: boolean } = {}) {
    this.#internalTopics = internalTopics;
  }

  /**
   * `topics:<topic>[:<key>]`; the key may hold anything, `:` too.
   *
   * @throws {CommandError} PROD
   */
  parse(argument: Argument): ProduceTarget {
    const { byteLength } = this.#prefix;
    if (byteLength === 0 || !this.#isSame(argument)) return this.#parse(argument);
    return {
      topic: this.#topic,
      key: argument.byteLength === byteLength ? null : argument.subarray(byteLength + 1),
    };
  }

  /** The topic of before, all of it. */
  #isSame(argument: Argument): boolean {
    const prefix = this.#prefix;
    const { byteLength } = prefix;
    if (argument.byteLength > byteLength && argument[byteLength] !== COLON) return false;
    for (let at = 0; at < byteLength; at++) if (argument[at] !== prefix[at]) return false;
    return true;
  }

  #parse(argument: Argument): ProduceTarget {
    const target = parseProduceTarget(argument, produceHint);
    if (isInternalTopic(target.topic) && !this.#internalTopics) throw internal(target.topic);
    const keyBytes = target.key === null ? 0 : target.key.byteLength + 1;
    this.#prefix = argument.slice(0, argument.byteLength - keyBytes);
    this.#topic = target.topic;
    return target;
  }
}

function internal(topic: string): CommandError {
  return new CommandError(
    "PROD",
    `Not to ${topic}: topics that begin with __ are Kafka's own, server.internalTopics is false`,
  );
}
