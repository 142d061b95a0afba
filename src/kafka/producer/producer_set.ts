/**
 * All producers that are there, from their making to their end, whoever uses them.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { ERR__UNSUPPORTED_FEATURE, ERR_CLUSTER_AUTHORIZATION_FAILED } from "../../ffi/constants.ts";
import type { KafkaEnvironment } from "../client/kafka_client.ts";
import { DrainingProducers, type DrainLimits } from "./draining_producers.ts";
import type { KafkaError } from "../client/error.ts";
import { Producer, type ProducerOptions } from "./producer.ts";

/** Kafka's `client.id` of the producer of somebody who has not said a name. */
const DEFAULT_CLIENT_ID = "rafka";

/** What a cluster answers that lets nobody, or not us, be idempotent: Kafka before 3.0 asks for a permission. */
const IDEMPOTENCE_REFUSALS: readonly number[] = [
  ERR_CLUSTER_AUTHORIZATION_FAILED,
  ERR__UNSUPPORTED_FEATURE,
];

/** How to make the producers. */
export interface ProducerSetOptions extends Omit<ProducerOptions, "name">, DrainLimits {
  /** Where the cluster does not allow `enable.idempotence`, do without. */
  readonly idempotenceIsPreset: boolean;
  /** Why there can't be one more beside so many; undefined if there can. */
  readonly refusal: (count: number) => KafkaError | undefined;
}

/** So many that are ending have their place taken already: that is a matter of milliseconds, unless a broker hangs. */
const MAX_REPLACED = 2;

const logger = getLogger(["rafka", "kafka"]);

/** Makes producers, ends them, and counts them meanwhile. */
export class ProducerSet {
  readonly #environment: KafkaEnvironment;
  #options: ProducerSetOptions;
  readonly #producers = new Set<Producer>();
  readonly #draining: DrainingProducers;
  #ending = 0;

  /** Producers with these options, none of them made yet. */
  constructor(environment: KafkaEnvironment, options: ProducerSetOptions) {
    this.#environment = environment;
    this.#options = options;
    this.#draining = new DrainingProducers(options, (producer, why) => {
      void this.retire(producer, 0, why);
    });
  }

  /** How many there are. */
  get count(): number {
    return this.#producers.size;
  }

  /** Those whose connection is gone, and whose messages are not delivered yet. */
  get draining(): Pick<DrainingProducers, "count" | "messages"> {
    return this.#draining;
  }

  /** Messages that are neither delivered nor failed. */
  get outstanding(): number {
    let sum = 0;
    for (const { outstanding } of this.#producers) sum += outstanding.messages;
    return sum;
  }

  /** Why there can't be one more, in place of `replaced`; undefined if there can. */
  refusal(replaced = 0): KafkaError | undefined {
    return this.#options.refusal(this.count - replaced - Math.min(this.#ending, MAX_REPLACED));
  }

  /** Kafka's `client.id` for somebody of that name: what the settings say comes first. */
  clientId(name: string | undefined): string {
    return String(this.#options.settings["client.id"] ?? name ?? DEFAULT_CLIENT_ID);
  }

  /**
   * A new one.
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
   * Lets one without users deliver what it has, see `DrainingProducers`.
   *
   * @returns whether it has, and can be used again
   */
  drain(producer: Producer): Promise<boolean> {
    return this.#draining.drained(producer);
  }

  /**
   * A new one for whoever used `producer`, which ends.
   *
   * @throws {KafkaError} as for `open`; the old one does not end then
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

  /** Ends one that has no users any more, after `timeoutMs` at most; `why` it gives up what is left then. */
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

  /** Ends all, since the gateway does. */
  async closeAll(timeoutMs: number): Promise<void> {
    const why = "the gateway ends";
    await Promise.all(
      [...this.#producers].map((producer) => this.retire(producer, timeoutMs, why)),
    );
  }
}
