/**
 * Topics that are made while a worker waits for them. With `auto.offset.reset` `latest` a group begins where a topic ends
 * when it is found, which is seconds after it was made: what was produced meanwhile would never be handed out. Such a topic
 * is read from its beginning, unless the group has committed an offset.
 *
 * @module
 */

import { toCString } from "../../ffi/memory.ts";
import type { KafkaClient } from "../client/kafka_client.ts";
import { topicNames } from "../client/metadata.ts";
import type { TopicPartition } from "../client/topic_partitions.ts";

/** How librdkafka calls the end of a partition. */
const END = ["largest", "latest", "end"];
const MISSING = /^Subscribed topic not available: (\S+): /;
/** How long a question about topics may take. */
const ASK_TIMEOUT_MS = 5_000;
const ERRSTR_BYTES = 512;

/** Those of one consumer. */
export class LateTopics {
  readonly #client: KafkaClient;
  readonly #beginsAtEnd: boolean;
  readonly #missing = new Set<string>();
  /** Those that were there before a regular expression was subscribed to; undefined where that is not known. */
  #early: ReadonlySet<string> | undefined;
  #asking: Promise<void> | undefined;

  /** None yet; `offsetReset` is `auto.offset.reset`. */
  constructor(client: KafkaClient, offsetReset: string) {
    this.#client = client;
    this.#beginsAtEnd = END.includes(offsetReset);
  }

  /** The consumer is going to subscribe to these. */
  subscribing(topics: readonly string[]): void {
    if (this.#beginsAtEnd && topics.some((topic) => topic.startsWith("^"))) {
      this.#asking = this.#askForTopics();
    }
  }

  /** A topic is not there, in librdkafka's words. */
  missing(message: string): void {
    const [, topic] = MISSING.exec(message) ?? [];
    if (topic !== undefined) this.#missing.add(topic);
  }

  /** These are going to be assigned; librdkafka must not have made anything of theirs yet. */
  assigning(partitions: readonly TopicPartition[]): void {
    if (!this.#beginsAtEnd) return;
    for (const topic of new Set(partitions.map(({ topic }) => topic))) {
      const isNew = this.#early !== undefined && !this.#early.has(topic);
      if (this.#missing.has(topic) || isNew) this.#beginAtStart(topic);
    }
  }

  /** The client must not end before. */
  async close(): Promise<void> {
    await this.#asking;
  }

  async #askForTopics(): Promise<void> {
    try {
      this.#early = new Set(await topicNames(this.#client, ASK_TIMEOUT_MS));
    } catch {
      // not known: `auto.offset.reset` is followed to the letter
    }
  }

  /** A topic's own settings count from the moment in which librdkafka makes it. */
  #beginAtStart(topic: string): void {
    const { library: { symbols }, pointer } = this.#client;
    const conf = symbols.rd_kafka_default_topic_conf_dup(pointer);
    symbols.rd_kafka_topic_conf_set(
      conf,
      toCString("auto.offset.reset"),
      toCString("smallest"),
      new Uint8Array(ERRSTR_BYTES),
      BigInt(ERRSTR_BYTES),
    );
    const rkt = symbols.rd_kafka_topic_new(pointer, toCString(topic), conf);
    if (rkt !== null) symbols.rd_kafka_topic_destroy(rkt); // the partitions keep it
  }
}
