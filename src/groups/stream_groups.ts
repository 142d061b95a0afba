/**
 * The stream groups of a gateway: one Kafka consumer for each group.id, however many topics and workers it has.
 *
 * @module
 */

import type { StreamGroup } from "./stream_group.ts";
import type { StreamId } from "./stream_id.ts";

/** Where a new group begins: at the end, or behind this id (`0-0` for the first entry). */
export type GroupStart = "end" | StreamId;

/** All stream groups of a gateway. */
export abstract class StreamGroups {
  /**
   * The group, if it is in use here; else undefined, also where Kafka has it.
   */
  abstract known(name: string, topic: string): StreamGroup | undefined;
  /**
   * The group, which joins Kafka's on first use.
   *
   * @returns undefined when there is no such topic, or Kafka's group has no offsets of the topic
   * @throws {KafkaError} when Kafka does not answer, or there are too many groups
   */
  abstract open(name: string, topic: string): Promise<StreamGroup | undefined>;
  /**
   * XGROUP CREATE: commits the initial offsets.
   *
   * @returns "exists" when it does, "no topic" when there is none (and it is not to be created)
   */
  abstract create(
    name: string,
    topic: string,
    start: GroupStart,
    options: { readonly makeTopic: boolean },
  ): Promise<"created" | "exists" | "no topic">;
  /** XGROUP SETID; what is pending stays pending. */
  abstract setId(
    name: string,
    topic: string,
    start: GroupStart,
  ): Promise<"set" | "no topic" | "no group">;
  /** XGROUP DESTROY; returns "no group" when there is none. */
  abstract destroy(name: string, topic: string): Promise<"destroyed" | "no topic" | "no group">;
  /** The groups that Kafka has offsets of, for this topic, in the order of their names; undefined without a topic. */
  abstract ofTopic(topic: string): Promise<StreamGroup[] | undefined>;
  /**
   * Waits until one of the groups may have entries. Callers of one group are woken in the order in which they came.
   *
   * @throws the reason of `signal`
   */
  abstract wait(
    groups: readonly StreamGroup[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void>;
  /** Commits acks and leaves all groups. */
  abstract close(signal: AbortSignal): Promise<void>;
}
