/**
 * The graceful end of a consumer: final commit, leaving the group (rd_kafka_consumer_close_queue in rdkafka.h), without
 * a waiting thread or a blocking call. A member that disappears holds up its group for `session.timeout.ms`, so leaving
 * takes its time: a rebalance in progress may have to end first.
 *
 * @module
 */

import { ERR__FATAL, ERR_NO_ERROR, RD_KAFKA_EVENT_REBALANCE } from "../../ffi/constants.ts";
import { fromCString } from "../../ffi/memory.ts";
import type { KafkaClient } from "../client/kafka_client.ts";
import { checkErrorObject, kafkaError } from "../client/error.ts";
import { warnNotGraceful } from "./leave_log.ts";
import type { Notifier } from "../../async/notifier.ts";

/** The end of a consumer does not always cause a wake-up. */
const CHECK_MS = 50;
/** How long Kafka takes to give a new member its ID: without it a member cannot leave, and cannot be removed. */
const MEMBER_ID_MS = 1_000;
/** Minimum time between two answers to rebalances, see `close`. */
const ANSWER_MS = 2_500;

/** Maximum time for leaving a group beside `session.timeout.ms`. */
const MARGIN_MS = 5_000;

/** Parts of a consumer that leaves. */
export interface LeavingParts {
  /** The client of the consumer. */
  readonly client: KafkaClient;
  /** Queue of its rebalances; empty afterwards. */
  readonly queue: Deno.PointerValue;
  /** Notifies when the queue has events. */
  readonly woken: Notifier;
  /** Whether the group continues without it. */
  readonly lost: () => boolean;
  /** Answers a rebalance, immediately. */
  readonly onRebalance: (event: Deno.PointerValue) => void;
  /** The consumer is a member that must send LeaveGroup. */
  readonly says: boolean;
  /** How long Kafka waits for a member that disappears, and librdkafka for a broker that takes the last commit. */
  readonly sessionTimeoutMs: number;
  /** Ends the attempt. */
  readonly aborted: AbortSignal | undefined;
}

/**
 * Commits acks and leaves the group.
 *
 * @returns whether librdkafka has left the group
 */
export async function leaveGroup(parts: LeavingParts): Promise<boolean> {
  const leaving = new Leaving(parts);
  try {
    if (parts.says) await leaving.unsubscribe();
    return await leaving.close();
  } catch (error) {
    warnNotGraceful(parts.client, error);
    return false;
  }
}

class Leaving {
  readonly #parts: LeavingParts;
  readonly #signal: AbortSignal;

  constructor(parts: LeavingParts) {
    this.#parts = parts;
    const timeout = AbortSignal.timeout(parts.sessionTimeoutMs + MARGIN_MS);
    this.#signal = AbortSignal.any(parts.aborted ? [timeout, parts.aborted] : [timeout]);
  }

  /** Ends the membership: closing alone does not leave a group that rebalances. */
  async unsubscribe(): Promise<void> {
    const { client, lost } = this.#parts;
    if (client.hasReachedKafka && !lost()) {
      const deadline = performance.now() + MEMBER_ID_MS;
      await this.#until(() => this.#isMember() || performance.now() > deadline);
    }
    const code = client.library.symbols.rd_kafka_unsubscribe(client.pointer);
    if (code === ERR__FATAL) return; // it is not a member any more
    if (code !== ERR_NO_ERROR) return warnNotGraceful(client, kafkaError(client.library, code));
    await this.#until(() => !this.#isMember());
  }

  /**
   * Closes the consumer. One answer to its rebalances is enough: a closing consumer takes any as a revoke of everything.
   * A second one, to an earlier event, may reach librdkafka when the group is closed already, and the call would never
   * return.
   */
  async close(): Promise<boolean> {
    const { client, queue, woken } = this.#parts;
    const { symbols } = client.library;
    checkErrorObject(client.library, symbols.rd_kafka_consumer_close_queue(client.pointer, queue));
    let rebalancing = false;
    let mayAnswerAtMs = 0;
    while (symbols.rd_kafka_consumer_closed(client.pointer) === 0 && !this.#signal.aborted) {
      this.#drain(() => rebalancing = true);
      if (rebalancing && performance.now() >= mayAnswerAtMs) {
        rebalancing = false;
        const code = symbols.rd_kafka_assign(client.pointer, null);
        if (code !== ERR_NO_ERROR) warnNotGraceful(client, kafkaError(client.library, code));
        mayAnswerAtMs = performance.now() + ANSWER_MS;
      }
      await woken.wait(CHECK_MS, this.#signal);
    }
    // what is left in the queue holds partitions, and they hold the threads that destroying waits for
    this.#drain(() => {});
    return symbols.rd_kafka_consumer_closed(client.pointer) !== 0;
  }

  /** Serves rebalances until the condition holds: the group may have to complete one before it can be left. */
  async #until(isSo: () => boolean): Promise<void> {
    const { woken, onRebalance } = this.#parts;
    for (;;) {
      this.#drain(onRebalance);
      if (this.#signal.aborted || isSo()) return;
      await woken.wait(CHECK_MS, this.#signal);
    }
  }

  /** Empties the queue. Messages in it were never delivered and stay in Kafka. */
  #drain(onRebalance: (event: Deno.PointerValue) => void): void {
    const { client: { library: { symbols } }, queue } = this.#parts;
    for (;;) {
      const event = symbols.rd_kafka_queue_poll(queue, 0);
      if (event === null) return;
      try {
        if (symbols.rd_kafka_event_type(event) === RD_KAFKA_EVENT_REBALANCE) onRebalance(event);
      } finally {
        symbols.rd_kafka_event_destroy(event);
      }
    }
  }

  /** librdkafka forgets the ID when it sends the request to leave. */
  #isMember(): boolean {
    const { library: { symbols }, pointer } = this.#parts.client;
    const memberId = symbols.rd_kafka_memberid(pointer);
    try {
      return fromCString(memberId) !== "";
    } finally {
      symbols.rd_kafka_mem_free(pointer, memberId);
    }
  }
}
