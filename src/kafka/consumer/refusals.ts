/**
 * What Kafka refuses to a consumer until an operator changes it: its group, a topic, the offset of a partition.
 * librdkafka reports a refusal once, when it begins; each poll without messages has to report it until it ends.
 *
 * @module
 */

import {
  ERR__AUTO_OFFSET_RESET,
  ERR_GROUP_AUTHORIZATION_FAILED,
  ERR_NO_ERROR,
  ERR_TOPIC_AUTHORIZATION_FAILED,
} from "../../ffi/constants.ts";
import { OutParameter, toCString } from "../../ffi/memory.ts";
import type { KafkaClient } from "../client/kafka_client.ts";
import type { KafkaError } from "../client/error.ts";
import { isGroupRefusal, unavailableTopicIn } from "../client/librdkafka_texts.ts";
import { topicNames } from "../client/metadata.ts";
import type { Rebalance } from "./rebalance.ts";
import type { TopicPartition } from "../client/topic_partitions.ts";

/** Timeout of a request for topics. */
const ASK_TIMEOUT_MS = 5_000;

/** Something that is refused. */
interface Refusal {
  /** For people. */
  readonly what: string;
  readonly error: KafkaError;
  readonly topic?: string;
  readonly partition?: number;
  /** A poll has thrown it. */
  told: boolean;
}

/** Refusals to one consumer. */
export class Refusals {
  readonly #client: KafkaClient;
  readonly #all = new Map<string, Refusal>();
  #asking: Promise<void> | undefined;

  /** For one consumer. */
  constructor(client: KafkaClient) {
    this.#client = client;
  }

  /** Whether something is refused; of a topic, if it is given. */
  concern(topic?: string): boolean {
    if (this.#all.size === 0) return false;
    return [...this.#all.values()].some((refusal) => isAbout(refusal, topic));
  }

  /**
   * Keeps an error that lasts.
   *
   * @param place its partition; without, it is about the group or a topic
   * @returns false for an error that does not last
   */
  begin(error: KafkaError, place?: TopicPartition): boolean {
    const topic = unavailableTopicIn(error.message);
    if (place) {
      if (!isLasting(error)) return false;
      this.#begin({ ...place, what: `${place.topic}[${place.partition}]`, error, told: false });
    } else if (topic !== undefined) {
      this.#begin({ topic, what: `topic ${topic}`, error, told: false });
    } else {
      if (!isGroupRefusal(error.message) && error.code !== ERR_GROUP_AUTHORIZATION_FAILED) {
        return false;
      }
      this.#begin({ what: "its group", error, told: false });
    }
    return true;
  }

  /** Ends refusals that a rebalance disproves: the consumer is in its group, and has other partitions. */
  rebalanced({ assigns, partitions, held }: Rebalance): void {
    if (this.#all.size === 0) return;
    const isHeld = ({ topic, partition }: TopicPartition): boolean =>
      held.some((one) => one.topic === topic && one.partition === partition);
    for (const { topic, partition } of [...this.#all.values()]) {
      if (topic === undefined) {
        if (assigns) this.#end({});
      } else if (partition !== undefined) {
        const isNew = assigns &&
          partitions.some((one) => one.topic === topic && one.partition === partition);
        // another consumer's, or assigned anew: the cause may still hold
        if (isNew || !isHeld({ topic, partition })) this.#all.delete(keyOf({ topic, partition }));
      } else if (assigns && held.some((one) => one.topic === topic)) {
        this.#end({ topic });
      }
    }
    if (assigns) this.#askForTopics();
  }

  /** Ends refusals that the arrival of messages disproves. */
  received(messages: readonly TopicPartition[]): void {
    if (this.#all.size === 0) return;
    for (const { topic, partition } of messages) {
      for (const place of [{}, { topic }, { topic, partition }]) {
        if (this.#all.get(keyOf(place))?.told) this.#end(place); // else it may be newer than they are
      }
    }
  }

  /**
   * Throws a refusal, for a poll without messages.
   *
   * @param topic leaves out those of other topics
   * @throws {KafkaError} while there is one
   */
  throwOne(topic?: string): void {
    for (const refusal of [...this.#all.values()]) {
      if (!isAbout(refusal, topic)) continue;
      if (refusal.told && this.#isFetched(refusal)) {
        this.#end(refusal);
        continue;
      }
      refusal.told = true;
      throw refusal.error;
    }
  }

  /** Ends; the client must live until this resolves. */
  async close(): Promise<void> {
    this.#all.clear();
    await this.#asking;
  }

  #begin(refusal: Refusal): void {
    const key = keyOf(refusal);
    const known = this.#all.get(key);
    this.#all.set(key, refusal);
    if (known?.error.code !== refusal.error.code) this.#client.refused(refusal.what, refusal.error);
  }

  #end(place: Partial<TopicPartition>): void {
    const refusal = this.#all.get(keyOf(place));
    if (!refusal) return;
    this.#all.delete(keyOf(place));
    this.#client.accepted(refusal.what);
  }

  /** After a refused fetch librdkafka does not know the low watermark of the partition; after the next one it does. */
  #isFetched({ topic, partition, error }: Refusal): boolean {
    if (topic === undefined || partition === undefined) return false;
    if (error.code === ERR__AUTO_OFFSET_RESET) return false; // nothing is fetched
    const low = new OutParameter();
    const code = this.#client.library.symbols.rd_kafka_get_watermark_offsets(
      this.#client.pointer,
      toCString(topic),
      partition,
      low.buffer,
      new OutParameter().buffer,
    );
    return code === ERR_NO_ERROR && BigInt.asIntN(64, low.address) >= 0n;
  }

  /** A topic may be allowed and its partitions be another consumer's; librdkafka joins again when topics have changed. */
  #askForTopics(): void {
    const isOpen = [...this.#all.values()].some(({ topic, partition }) =>
      topic !== undefined && partition === undefined
    );
    if (!isOpen) return;
    this.#asking ??= this.#endThoseOf(topicNames(this.#client, ASK_TIMEOUT_MS))
      .finally(() => this.#asking = undefined);
  }

  async #endThoseOf(topics: Promise<readonly string[]>): Promise<void> {
    try {
      for (const topic of await topics) this.#end({ topic });
    } catch {
      // no answer: what was known still holds
    }
  }
}

/** A refusal of the group is about all topics. */
function isAbout(refusal: Refusal, topic: string | undefined): boolean {
  return topic === undefined || refusal.topic === undefined || refusal.topic === topic;
}

function keyOf({ topic, partition }: Partial<TopicPartition>): string {
  return `${topic ?? ""}:${partition ?? ""}`;
}

function isLasting({ code }: KafkaError): boolean {
  return code === ERR__AUTO_OFFSET_RESET || code === ERR_TOPIC_AUTHORIZATION_FAILED;
}
