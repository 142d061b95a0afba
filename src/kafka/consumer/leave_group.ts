/**
 * The graceful end of a consumer: final commit, leaving the group (rd_kafka_consumer_close_queue in rdkafka.h), with
 * neither a thread that waits nor a call that blocks. A member that only disappears holds up its group until
 * `session.timeout.ms` is over, so that it takes as long as it takes: a rebalance that is under way may have to end first.
 *
 * @module
 */

import { ERR__FATAL, ERR_NO_ERROR, RD_KAFKA_EVENT_REBALANCE } from "../../ffi/constants.ts";
import { fromCString } from "../../ffi/memory.ts";
import type { Assignment } from "./assignment.ts";
import type { KafkaClient } from "../client/kafka_client.ts";
import { checkErrorObject, kafkaError } from "../client/error.ts";
import { warnNotGraceful } from "./leave_log.ts";
import type { MessageQueue } from "./message_queue.ts";
import type { Notifier } from "../../async/notifier.ts";
import { serveRebalance } from "./rebalance.ts";

/** The end of a consumer is not always announced by a wake-up. */
const CHECK_MS = 50;
/** How long Kafka takes to give a new member its ID: one that leaves without it stays, and nobody can make it leave. */
const MEMBER_ID_MS = 1_000;
/** How long librdkafka may not be asked a second time, see `#close`. */
const ANSWER_MS = 2_500;

/** What leaving a group may take beside `session.timeout.ms`. */
const MARGIN_MS = 5_000;

/** What a consumer consists of while it leaves. */
export interface LeavingParts {
  /** The consumer. */
  readonly client: KafkaClient;
  /** Its rebalances; empty afterwards. */
  readonly queue: Deno.PointerValue;
  /** Notifies when the queue has events. */
  readonly woken: Notifier;
  /** Where its messages arrive. */
  readonly messages: MessageQueue;
  /** Its partitions. */
  readonly assignment: Assignment;
  /** It is a member that has to say that it leaves. */
  readonly says: boolean;
  /** How long Kafka waits for a member that has disappeared, and librdkafka for a broker that takes the last commit. */
  readonly sessionTimeoutMs: number;
  /** Ends the attempt. */
  readonly aborted: AbortSignal | undefined;
}

/**
 * Commits what was acked and leaves the group.
 *
 * @returns whether librdkafka is done with the group
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

  /** Ends the membership. A consumer that is closed without that would not leave a group that rebalances. */
  async unsubscribe(): Promise<void> {
    const { client, assignment } = this.#parts;
    if (client.hasReachedKafka && !assignment.lost) {
      const deadline = performance.now() + MEMBER_ID_MS;
      await this.#until(() => this.#isMember() || performance.now() > deadline);
    }
    const code = client.library.symbols.rd_kafka_unsubscribe(client.pointer);
    if (code === ERR__FATAL) return; // it is a member no more
    if (code !== ERR_NO_ERROR) return warnNotGraceful(client, kafkaError(client.library, code));
    await this.#until(() => !this.#isMember());
  }

  /**
   * Ends the consumer. One answer to its rebalances is enough: a consumer that closes takes any for "give up
   * everything". One more, to an event from before the first, may reach librdkafka when the group is closed already, and
   * the call would never return.
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

  /** Serves rebalances until it is so: the group may have to go through one before it can be left. */
  async #until(isSo: () => boolean): Promise<void> {
    const { client, woken, messages, assignment } = this.#parts;
    for (;;) {
      this.#drain((event) => serveRebalance(client, event, messages, assignment));
      if (this.#signal.aborted || isSo()) return;
      await woken.wait(CHECK_MS, this.#signal);
    }
  }

  /** Empties the queue. A message that is still there was never handed out and stays in Kafka. */
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
