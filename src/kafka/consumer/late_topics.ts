/**
 * Topics that are created while a worker waits for them. With `auto.offset.reset` `latest` a group begins at the end that
 * a topic has when it is found, seconds after its creation: messages from before would never be delivered. Such a topic is
 * read from its beginning, unless the group has committed an offset.
 *
 * @module
 */

import { toCString } from "../../ffi/memory.ts";
import type { KafkaClient } from "../client/kafka_client.ts";
import { unavailableTopicIn } from "../client/librdkafka_texts.ts";
import { topicNames } from "../client/metadata.ts";
import type { TopicPartition } from "../client/topic_partitions.ts";

/** Values of `auto.offset.reset` for the end of a partition. */
const END = ["largest", "latest", "end"];
/** Timeout of a request for topics. */
const ASK_TIMEOUT_MS = 5_000;
const ERRSTR_BYTES = 512;

/** The late topics of one consumer. */
export class LateTopics {
  readonly #client: KafkaClient;
  readonly #beginsAtEnd: boolean;
  readonly #missing = new Set<string>();
  /** Topics from before the subscription to a regular expression; undefined if not known. */
  #early: ReadonlySet<string> | undefined;
  #asking: Promise<void> | undefined;

  /** `offsetReset` is `auto.offset.reset`. */
  constructor(client: KafkaClient, offsetReset: string) {
    this.#client = client;
    this.#beginsAtEnd = END.includes(offsetReset);
  }

  /** Prepares for a subscription to these topics. */
  subscribing(topics: readonly string[]): void {
    if (this.#beginsAtEnd && topics.some((topic) => topic.startsWith("^"))) {
      this.#asking = this.#askForTopics();
    }
  }

  /** A topic does not exist: librdkafka's text of the error. */
  missing(message: string): void {
    const topic = unavailableTopicIn(message);
    if (topic !== undefined) this.#missing.add(topic);
  }

  /** Prepares partitions for their assignment; librdkafka must not have a handle of their topics yet. */
  assigning(partitions: readonly TopicPartition[]): void {
    if (!this.#beginsAtEnd) return;
    for (const topic of new Set(partitions.map(({ topic }) => topic))) {
      const isNew = this.#early !== undefined && !this.#early.has(topic);
      if (this.#missing.has(topic) || isNew) this.#beginAtStart(topic);
    }
  }

  /** Ends; the client must live until this resolves. */
  async close(): Promise<void> {
    await this.#asking;
  }

  async #askForTopics(): Promise<void> {
    try {
      this.#early = new Set(await topicNames(this.#client, ASK_TIMEOUT_MS));
    } catch {
      // not known: `auto.offset.reset` holds for all topics
    }
  }

  /** A topic's settings are those that its first handle is made with. */
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
