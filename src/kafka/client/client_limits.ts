/**
 * Maximum numbers of librdkafka clients: each has a few threads, and one more for each broker. librdkafka ends the
 * process when it can't start a thread, so clients are refused before that.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { ERR__CRIT_SYS_RESOURCE } from "../../ffi/constants.ts";
import type { Library } from "../../ffi/library.ts";
import { type KafkaError, kafkaError } from "./error.ts";
import type { ThreadLimit } from "./thread_limits.ts";

/** Threads of a consumer: its main thread, the internal broker, the coordinator of its group. */
const OWN_THREADS = 3;
/** Assumed until the cluster has answered: the first clients may all be made before that. */
const SUPPOSED_BROKERS = 12;
/** For Deno's blocking calls, for V8, and for clients that are ending while others begin. */
const SPARE_THREADS = 48;
/** Threads left when all clients have theirs; with fewer the estimate is wrong. */
const LEAST_SPARE_THREADS = 16;
/** The shared producer, its successor, and one for a connection with very many topics. */
const SHARED_PRODUCERS = 3;

const logger = getLogger(["rafka", "kafka"]);

/** Limits of the configuration. */
export interface ClientLimitSettings {
  /** Maximum number of consumers, 0 for as many as there are threads for. */
  readonly maxConsumers: number;
  /** The same for producers. */
  readonly maxProducers: number;
  /** All connections share one producer. */
  readonly sharedProducer: boolean;
  /** Number of addresses in `bootstrap.servers`: librdkafka has a thread for each, at least at first. */
  readonly bootstrapServers: number;
}

/** Current maximum of each kind of client; infinite where no limit is known. */
export interface MostClients {
  /** Consumers. */
  readonly maxConsumers: number;
  /** Producers. */
  readonly maxProducers: number;
}

/** The limits of one gateway. */
export class ClientLimits implements MostClients {
  #brokers: number | undefined;
  readonly #library: Library;
  readonly #settings: ClientLimitSettings;
  readonly #limits: readonly ThreadLimit[];
  /** The tightest limit, and the threads that it leaves to clients; undefined for none. */
  readonly #tightest: { readonly limit: ThreadLimit; readonly threads: number } | undefined;

  /** Measures what other programs use: there must be no clients yet. */
  constructor(library: Library, settings: ClientLimitSettings, limits: readonly ThreadLimit[]) {
    this.#library = library;
    this.#settings = settings;
    this.#limits = limits;
    this.#tightest = limits
      .map((limit) => ({ limit, threads: limit.threads - limit.used() - SPARE_THREADS }))
      .toSorted((a, b) => a.threads - b.threads)[0];
  }

  /** Number of brokers of the cluster. */
  set brokers(count: number) {
    if (count === this.#brokers) return;
    this.#brokers = count;
    if (!this.#tightest) return;
    const { name, value } = this.#tightest.limit;
    logger.info(
      "There may be {maxConsumers} consumers and {maxProducers} producers: with {brokers} brokers one takes {threads} " +
        "threads, and {limit} is {value}",
      {
        maxConsumers: this.maxConsumers,
        maxProducers: this.maxProducers,
        brokers: count,
        threads: this.#threadsPerClient,
        limit: name,
        value,
      },
    );
  }

  /** Current maximum number of consumers. */
  get maxConsumers(): number {
    const { maxConsumers, maxProducers, sharedProducer } = this.#settings;
    if (maxConsumers > 0) return maxConsumers;
    if (sharedProducer) return this.#leftBy(SHARED_PRODUCERS);
    return maxProducers > 0 ? this.#leftBy(maxProducers) : Math.ceil(this.#maxClients / 2);
  }

  /** Current maximum number of producers. */
  get maxProducers(): number {
    const { maxProducers, sharedProducer } = this.#settings;
    if (sharedProducer) return Infinity; // there are few, as long as there are threads
    return maxProducers > 0 ? maxProducers : this.#leftBy(this.maxConsumers);
  }

  /** Why one more consumer is refused; undefined if it is not. */
  get consumerRefusal(): KafkaError | undefined {
    const { consumer } = this.#library.handles.clients;
    return this.#refusal("maxConsumers", `${consumer} consumers`, consumer);
  }

  /** Why one more producer beside `count` is refused; undefined if it is not. */
  producerRefusal(count: number): KafkaError | undefined {
    if (this.#settings.sharedProducer && count < SHARED_PRODUCERS) return undefined;
    return this.#refusal("maxProducers", `${count} producers`, count);
  }

  /** The same beside `count` producers of durable messages, which all connections share: only threads limit them. */
  durableRefusal(count: number): KafkaError | undefined {
    const scarce = this.#scarce();
    return scarce &&
      this.#noThreads(`${count} producers of durable messages`, scarce, "maxProducers");
  }

  /** Why one more reader of a stream is refused; undefined if it is not. Only threads limit them here. */
  get readerRefusal(): KafkaError | undefined {
    const { reader } = this.#library.handles.clients;
    const scarce = this.#scarce();
    return scarce && this.#noThreads(`${reader} readers of streams`, scarce, "streams.maxReaders");
  }

  /** Why Kafka is not opened with one more login; undefined if it is. */
  get principalRefusal(): KafkaError | undefined {
    const { producer } = this.#library.handles.clients;
    const scarce = this.#scarce();
    return scarce && this.#noThreads(`${producer} producers`, scarce, "userKafka");
  }

  get #threadsPerClient(): number {
    return OWN_THREADS + this.#settings.bootstrapServers + (this.#brokers ?? SUPPOSED_BROKERS);
  }

  /** One client is for metadata. */
  get #maxClients(): number {
    if (!this.#tightest) return Infinity;
    return Math.max(2, Math.floor(this.#tightest.threads / this.#threadsPerClient) - 1);
  }

  #leftBy(others: number): number {
    return this.#maxClients === Infinity ? Infinity : Math.max(1, this.#maxClients - others);
  }

  #refusal(
    setting: "maxConsumers" | "maxProducers",
    those: string,
    count: number,
  ): KafkaError | undefined {
    const most = this[setting];
    const isFull = count >= most;
    if (isFull && this.#settings[setting] > 0) {
      return this.#error(
        `there are ${those}, those that are ending among them, as many as server.${setting} allows: ${most}`,
      );
    }
    const scarce = isFull ? this.#tightest?.limit : this.#scarce();
    return scarce && this.#noThreads(those, scarce, setting);
  }

  #noThreads(those: string, { name, value }: ThreadLimit, setting: string): KafkaError {
    return this.#error(
      `there are ${those}, those that are ending among them, and no room for more: one takes ` +
        `${this.#threadsPerClient} threads, ${name} is ${value} (see server.${setting})`,
    );
  }

  /** The limit that one more client might exceed: by what clients need, or by the threads in use. */
  #scarce(): ThreadLimit | undefined {
    const { consumer, producer, reader } = this.#library.handles.clients;
    const needed = (consumer + producer + reader + 1) * this.#threadsPerClient;
    if (this.#tightest && needed > this.#tightest.threads + SPARE_THREADS - LEAST_SPARE_THREADS) {
      return this.#tightest.limit;
    }
    return this.#limits.find(({ threads, used }) =>
      used() + this.#threadsPerClient + LEAST_SPARE_THREADS > threads
    );
  }

  #error(message: string): KafkaError {
    return kafkaError(this.#library, ERR__CRIT_SYS_RESOURCE, { message });
  }
}
