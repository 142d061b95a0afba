/**
 * All producers of a gateway, from the first to the last moment of each.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { Deadlines } from "../../async/deadlines.ts";
import { ERR__UNSUPPORTED_FEATURE, ERR_CLUSTER_AUTHORIZATION_FAILED } from "../../ffi/constants.ts";
import type { KafkaEnvironment } from "../client/kafka_client.ts";
import { DrainingProducers, type DrainLimits } from "./draining_producers.ts";
import type { KafkaError } from "../client/error.ts";
import { Producer, type ProducerOptions } from "./producer.ts";

/** Kafka's `client.id` for a connection without a name. */
const DEFAULT_CLIENT_ID = "rafka";

/** Answers of a cluster that does not allow idempotence: Kafka before 3.0 requires a permission. */
const IDEMPOTENCE_REFUSALS: readonly number[] = [
  ERR_CLUSTER_AUTHORIZATION_FAILED,
  ERR__UNSUPPORTED_FEATURE,
];

/** How to make the producers. */
export interface ProducerSetOptions extends Omit<ProducerOptions, "name">, DrainLimits {
  /** Producers do without `enable.idempotence` where the cluster does not allow it. */
  readonly idempotenceIsPreset: boolean;
  /** Why one more beside so many is refused; undefined if it is not. */
  readonly refusal: (count: number) => KafkaError | undefined;
}

/** With the presets of `linger.ms` all messages have been sent by then. */
const UNHURRIED_MS = 25;

/** Closing producers that do not count any more: they end in milliseconds, unless a broker hangs. */
const MAX_REPLACED = 2;

const logger = getLogger(["rafka", "kafka"]);

/** Makes, counts and closes producers. */
export class ProducerSet {
  /** See `Lessor`. */
  readonly unhurried: Deadlines = new Deadlines(UNHURRIED_MS);
  readonly #environment: KafkaEnvironment;
  #options: ProducerSetOptions;
  readonly #producers = new Set<Producer>();
  readonly #draining: DrainingProducers;
  #ending = 0;

  /** An empty set; its producers have these options. */
  constructor(environment: KafkaEnvironment, options: ProducerSetOptions) {
    this.#environment = environment;
    this.#options = options;
    this.#draining = new DrainingProducers(options, (producer, why) => {
      void this.retire(producer, 0, why);
    });
  }

  /** Number of producers. */
  get count(): number {
    return this.#producers.size;
  }

  /** Producers of closed connections with outstanding messages. */
  get draining(): Pick<DrainingProducers, "count" | "messages"> {
    return this.#draining;
  }

  /** Number of outstanding messages. */
  get outstanding(): number {
    let sum = 0;
    for (const { outstanding } of this.#producers) sum += outstanding.messages;
    return sum;
  }

  /** Bytes that these take at most. */
  get outstandingBytes(): number {
    let sum = 0;
    for (const { outstandingBytes } of this.#producers) sum += outstandingBytes;
    return sum;
  }

  /** Why one more, instead of `replaced` others, is refused; undefined if it is not. */
  refusal(replaced = 0): KafkaError | undefined {
    return this.#options.refusal(this.count - replaced - Math.min(this.#ending, MAX_REPLACED));
  }

  /** Kafka's `client.id` for a connection of that name; that of the settings takes precedence. */
  clientId(name: string | undefined): string {
    return String(this.#options.settings["client.id"] ?? name ?? DEFAULT_CLIENT_ID);
  }

  /**
   * Makes a producer.
   *
   * @throws {KafkaError} when librdkafka can't make it, or when there are too many
   */
  open(clientId: string): Producer {
    this.#requireRoom();
    return this.#make(clientId);
  }

  #make(clientId: string): Producer {
    const producer = new Producer(this.#environment, { ...this.#options, name: { clientId } });
    this.#producers.add(producer);
    return producer;
  }

  /**
   * Waits for the outstanding messages of a producer without users, see `DrainingProducers`.
   *
   * @returns whether it can be used again
   */
  drain(producer: Producer): Promise<boolean> {
    return this.#draining.drained(producer);
  }

  /**
   * Makes a successor for `producer`, and closes that.
   *
   * @throws {KafkaError} as `open`; `producer` stays open then
   */
  replace(producer: Producer): Producer {
    this.#requireRoom(1);
    void this.retire(producer, 0);
    return this.#make(producer.name.clientId);
  }

  #requireRoom(replaced?: number): void {
    const refusal = this.refusal(replaced);
    if (refusal) throw refusal;
  }

  /** Closes a producer without users after at most `timeoutMs`; `why` it gives up outstanding messages then. */
  async retire(producer: Producer, timeoutMs: number, why?: string): Promise<void> {
    if (producer.fatalError) this.#learnFrom(producer.fatalError);
    this.#ending++;
    await producer.close(timeoutMs, why);
    this.#ending--;
    this.#producers.delete(producer);
  }

  #learnFrom({ code, message }: KafkaError): void {
    const { idempotenceIsPreset, settings } = this.#options;
    if (!idempotenceIsPreset || !IDEMPOTENCE_REFUSALS.includes(code)) return;
    this.#options = {
      ...this.#options,
      idempotenceIsPreset: false,
      settings: { ...settings, "enable.idempotence": false },
    };
    logger.warn("Kafka does not allow enable.idempotence, so producers do without it: {reason}", {
      reason: message,
    });
  }

  /** Closes all at the end of the gateway; outstanding messages have `timeoutMs`. */
  async closeAll(timeoutMs: number): Promise<void> {
    const why = "the gateway ends";
    await Promise.all(
      [...this.#producers].map((producer) => this.retire(producer, timeoutMs, why)),
    );
  }
}
