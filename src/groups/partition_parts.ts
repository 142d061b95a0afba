/**
 * What a partition of a group is made from: its messages, what is committed of it, its settings, whom it tells.
 *
 * @module
 */

import type { Message } from "../kafka/client/message.ts";
import type { Progress } from "./commit_metadata.ts";
import type { ConsumerNames } from "./consumer_names.ts";
import type { MessageMemory } from "./message_memory.ts";
import type { ReadAgain } from "./redeliveries.ts";

/** Which messages have to wait for others, see `streams.order`. */
export type DeliveryOrder = "none" | "key" | "partition";

/** Where the messages of a partition come from. */
export interface MessageSource {
  /** Messages at hand, at most so many. */
  take(maxCount: number): Message[];
  /** False when there is none at hand. */
  readonly mayHaveMore: boolean;
}

/** What a partition needs. */
export interface OwnedPartitionOptions {
  /** Number of the partition. */
  readonly partition: number;
  /** Its messages from `offset` on. */
  readonly source: MessageSource;
  /** The committed offset; NONE when nothing is committed. */
  readonly offset: number;
  /** What is known of the messages behind it. */
  readonly progress: Progress;
  /** `streams.order` */
  readonly order: DeliveryOrder;
  /** `streams.maxPending` */
  readonly maxPending: number;
  /** Memory of the group's messages. */
  readonly memory: MessageMemory;
  /** The consumers of the group on the topic. */
  readonly consumers: ConsumerNames;
  /** Reads messages of the topic again. */
  readonly readAgain: ReadAgain;
  /** What is to be committed has changed. */
  readonly onProgress: () => void;
  /** There may be something to deliver. */
  readonly onReady: () => void;
  /** Pending entries are gone: Kafka has deleted them, or the partition was made again. */
  readonly onLost: (count: number, cause: "deleted" | "recreated") => void;
}
