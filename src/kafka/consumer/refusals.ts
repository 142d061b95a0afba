/**
 * What Kafka refuses to a consumer for as long as nobody changes it: its group, a topic, the offset of a partition.
 * librdkafka says so once, when it begins; each poll that finds no message has to say it until it ends.
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
import { topicNames } from "../client/metadata.ts";
import type { Rebalance } from "./rebalance.ts";
import type { TopicPartition } from "../client/topic_partitions.ts";

/** How librdkafka begins what it says of a topic, and of a group. */
const OF_TOPIC = /^Subscribed topic not available: (\S+): /;
const OF_GROUP = /^(JoinGroup failed|FindCoordinator response error): /;
/** How long a question about topics may take. */
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

/** What one consumer is refused. */
export class Refusals {
  readonly #client: KafkaClient;
  readonly #all = new Map<string, Refusal>();
  #asking: Promise<void> | undefined;

  /** Nothing yet. */
  constructor(client: KafkaClient) {
    this.#client = client;
  }

  /**
   * Remembers an error, if it holds until it is known to have ended.
   *
   * @param place the partition that it came from; without, it is about the group or a topic
   */
  begin(error: KafkaError, place?: TopicPartition): boolean {
    const [, topic] = OF_TOPIC.exec(error.message) ?? [];
    if (place) {
      if (!isLasting(error)) return false;
      this.#begin({ ...place, what: `${place.topic}[${place.partition}]`, error, told: false });
    } else if (topic !== undefined) {
      this.#begin({ topic, what: `topic ${topic}`, error, told: false });
    } else {
      if (!OF_GROUP.test(error.message) && error.code !== ERR_GROUP_AUTHORIZATION_FAILED) {
        return false;
      }
      this.#begin({ what: "its group", error, told: false });
    }
    return true;
  }

  /** A rebalance: the consumer is in its group, and has other partitions. */
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
        // another consumer's, or a new beginning: that is no end of the cause
        if (isNew || !isHeld({ topic, partition })) this.#all.delete(keyOf({ topic, partition }));
      } else if (assigns && held.some((one) => one.topic === topic)) {
        this.#end({ topic });
      }
    }
    if (assigns) this.#askForTopics();
  }

  /** Messages of these partitions have come. */
  received(messages: readonly TopicPartition[]): void {
    if (this.#all.size === 0) return;
    for (const { topic, partition } of messages) {
      for (const place of [{}, { topic }, { topic, partition }]) {
        if (this.#all.get(keyOf(place))?.told) this.#end(place); // else it may be newer than they are
      }
    }
  }

  /**
   * For a poll without messages.
   *
   * @throws {KafkaError} while something is refused
   */
  throwOne(): void {
    for (const refusal of [...this.#all.values()]) {
      if (refusal.told && this.#isFetched(refusal)) {
        this.#end(refusal);
        continue;
      }
      refusal.told = true;
      throw refusal.error;
    }
  }

  /** The client must not end before. */
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

  /** After a fetch that is refused librdkafka does not know where the partition begins; after the next one it does. */
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

  /** A topic may be allowed, and its partitions another consumer's. librdkafka joins again when topics have changed. */
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

function keyOf({ topic, partition }: Partial<TopicPartition>): string {
  return `${topic ?? ""}:${partition ?? ""}`;
}

function isLasting({ code }: KafkaError): boolean {
  return code === ERR__AUTO_OFFSET_RESET || code === ERR_TOPIC_AUTHORIZATION_FAILED;
}
