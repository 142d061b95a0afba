/**
 * Commits acks in the background. librdkafka does so, too, but not while a rebalance waits for the worker, which may
 * take as long as the work on its message; and it never commits an ack from just before `max.poll.interval.ms`.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { ERR__NO_OFFSET, ERR_NO_ERROR } from "../../ffi/constants.ts";
import type { KafkaClient } from "../client/kafka_client.ts";
import { kafkaError } from "../client/error.ts";
import { formatName } from "../client/observer.ts";

/** Time for a commit before the partitions are lost. */
const COMMIT_MS = 1_000;

const logger = getLogger(["rafka", "consumer"]);

/** The commits of one consumer. */
export class AckCommits {
  readonly #client: KafkaClient;
  readonly #intervalMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Commits every `intervalMs`, `auto.commit.interval.ms`; 0 leaves it to librdkafka, which commits at a revoke. */
  constructor(client: KafkaClient, intervalMs: number) {
    this.#client = client;
    this.#intervalMs = intervalMs;
  }

  /** Schedules a commit; the partitions are lost in `leftMs`, unless the worker polls. */
  acked(leftMs: number): void {
    if (this.#intervalMs === 0) return;
    const delayMs = Math.min(this.#intervalMs, leftMs - COMMIT_MS); // acks of a command are committed together
    this.#timer ??= setTimeout(() => this.#commit(), Math.max(0, delayMs));
  }

  /** Stops; closing the consumer commits the rest. */
  close(): void {
    clearTimeout(this.#timer);
  }

  /** Returns immediately; a refusal is an event, logged like those of librdkafka's own commits. */
  #commit(): void {
    this.#timer = undefined;
    const { library, name } = this.#client;
    const code = this.#client.commitStored();
    if (code === ERR_NO_ERROR || code === ERR__NO_OFFSET) return;
    this.#client.commitFailed();
    logger.warn("Consumer {consumer} could not commit: {error}", {
      consumer: formatName(name),
      error: kafkaError(library, code).message,
    });
  }
}
