/**
 * What producer and consumer share: an `rd_kafka_t`, the events of its main queue (errors, log lines), its end. Events
 * are taken from the queue after a wake-up, with a poll that never waits.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import {
  ERR__ALL_BROKERS_DOWN,
  ERR_UNKNOWN_TOPIC_ID,
  RD_KAFKA_EVENT_ERROR,
  RD_KAFKA_EVENT_LOG,
  RD_KAFKA_EVENT_STATS,
  RD_KAFKA_PRODUCER,
} from "../../ffi/constants.ts";
import type { ClientKind } from "../../ffi/handles.ts";
import type { Library } from "../../ffi/library.ts";
import { fromBuffer, fromCString, OutParameter } from "../../ffi/memory.ts";
import { destroy } from "./blocking_calls.ts";
import { type KafkaSettings, newConf } from "./conf.ts";
import { ClientRefusal, type KafkaError, kafkaError } from "./error.ts";
import { type BrokerStatistics, STATISTICS_INTERVAL_MS } from "./broker_statistics.ts";
import { brokerFailureIn, recreatedIn } from "./librdkafka_texts.ts";
import { brokerFailure, withAdvice } from "./broker_failure.ts";
import {
  type ClientName,
  formatName,
  type KafkaObserver,
  type OffsetReset,
  SYSLOG_ERROR,
} from "./observer.ts";
import { withoutSecrets } from "./secrets.ts";
import { unreadableFiles } from "./setting_files.ts";
import type { QueueEvents, QueueRegistration } from "./queue_events.ts";
import type { TopicPartition } from "./topic_partitions.ts";
import { settlesWithin } from "../../async/settles_within.ts";

/** What every Kafka client of this process needs. */
export interface KafkaEnvironment {
  /** The opened librdkafka. */
  readonly library: Library;
  /** Tells when a queue has events. */
  readonly queueEvents: QueueEvents;
  /** Gets events that no call is waiting for. */
  readonly observer: KafkaObserver;
  /** Whose login the clients have; undefined for the gateway's own. */
  readonly principal?: string | undefined;
  /** Gets statistics of the clients that report brokers. */
  readonly statistics?: BrokerStatistics | undefined;
}

/** How to open a `KafkaClient`. */
export interface ClientOptions {
  /** RD_KAFKA_PRODUCER or RD_KAFKA_CONSUMER */
  readonly type: number;
  /** It has no group. */
  readonly isReader?: boolean;
  /** It makes statistics about brokers, where somebody wants them. */
  readonly reportsBrokers?: boolean;
  /** Settings of librdkafka. */
  readonly settings: KafkaSettings;
  /** Identifies the client to the observer. */
  readonly name: ClientName;
  /** Event types to enable beside errors and log lines: bits of RD_KAFKA_EVENT_… */
  readonly events: number;
  /** Gets each event of these types; the event is destroyed when it returns. */
  readonly onEvent: (type: number, event: Deno.PointerValue) => void;
  /** Gets each error of the client as a whole, after the observer. */
  readonly onError?: (error: KafkaError) => void;
  /** A topic was deleted and created again: from now on messages of this partition are those of the new one. */
  readonly onRecreated?: (partition: TopicPartition) => void;
  /** Gets each line of the log; returns whether it has handled the line, which the observer does not get then. */
  readonly onLog?: (facility: string, line: string) => boolean;
}

const ERRSTR_BYTES = 512;
/** How long a caller waits for the end of a client. */
const DESTROY_TIMEOUT_MS = 2_000;

const logger = getLogger(["rafka", "kafka"]);

/** Owns an `rd_kafka_t` and its main queue. */
export class KafkaClient {
  /** The opened librdkafka. */
  readonly library: Library;
  /** The `rd_kafka_t`; borrowed by its users. */
  readonly pointer: Deno.PointerValue;
  /** Identifies the client to the observer. */
  readonly name: ClientName;
  readonly #options: ClientOptions;
  readonly #observer: KafkaObserver;
  readonly #statistics: BrokerStatistics | undefined;
  readonly #mainQueue: Deno.PointerValue;
  readonly #registration: QueueRegistration;
  #hasReachedKafka = false;
  #closing: Promise<void> | undefined;

  /**
   * Makes the client; it connects in the background.
   *
   * @throws {SettingError} when librdkafka refuses a setting
   * @throws {KafkaError} when it can't make the client
   */
  constructor(environment: KafkaEnvironment, options: ClientOptions) {
    const { library, queueEvents, observer, principal, statistics } = environment;
    this.library = library;
    if (options.reportsBrokers && statistics?.enabled) this.#statistics = statistics;
    this.name = { ...options.name, principal };
    this.#options = options;
    this.#observer = observer;
    this.pointer = newHandle(library, options, this.#statistics !== undefined);
    this.#mainQueue = library.symbols.rd_kafka_queue_get_main(this.pointer);
    library.symbols.rd_kafka_set_log_queue(this.pointer, null); // NULL: the main queue
    library.handles.opened("rd_kafka_t");
    library.handles.clients[kindOf(options)]++;
    library.handles.opened("rd_kafka_queue_t");
    this.#registration = queueEvents.register(this.#mainQueue, () => this.drain());
    // events from before the registration wake nobody up; its owner, who gets them, is still being constructed
    queueMicrotask(() => this.drain());
  }

  /** The client has known the cluster: its address and login are right, whatever its brokers do since. */
  get hasReachedKafka(): boolean {
    this.#hasReachedKafka ||= this.library.symbols.rd_kafka_controllerid(this.pointer, 0) >= 0;
    return this.#hasReachedKafka;
  }

  /** Reports that Kafka refuses something to this consumer. */
  refused(what: string, error: KafkaError): void {
    this.#observer.refused(this.name, what, error);
  }

  /** Reports that Kafka does not refuse it any more. */
  accepted(what: string): void {
    this.#observer.accepted(this.name, what);
  }

  /**
   * Commits the stored offsets of this consumer in the background; the result is an event, as those of librdkafka's own
   * commits are. That of `rd_kafka_commit` would be a line of librdkafka's log, and nothing if Kafka took it.
   *
   * @returns an `rd_kafka_resp_err_t`
   */
  commitStored(): number {
    const { symbols } = this.library;
    return symbols.rd_kafka_commit_queue(this.pointer, null, this.#mainQueue, null, null);
  }

  /** Reports a rebalance of this consumer. */
  rebalanced(): void {
    this.#observer.rebalanced(this.name);
  }

  /** Reports that a commit of this consumer was refused. */
  commitFailed(): void {
    this.#observer.commitFailed(this.name);
  }

  /** Reports that this consumer continues at another offset. */
  offsetReset(reset: OffsetReset): void {
    this.#observer.offsetReset(this.name, reset);
  }

  /** Handles all events in the queue. */
  drain(): void {
    if (this.#closing) return;
    const { symbols } = this.library;
    for (;;) {
      const event = symbols.rd_kafka_queue_poll(this.#mainQueue, 0);
      if (event === null) return;
      try {
        this.#handle(symbols.rd_kafka_event_type(event), event);
      } finally {
        symbols.rd_kafka_event_destroy(event);
      }
    }
  }

  /**
   * Destroys the client; idempotent. Every other handle made from it must be destroyed already.
   *
   * @param inUse calls that use the client: it is destroyed when they are over
   */
  close(destroyFlags = 0, inUse: readonly (Promise<unknown> | undefined)[] = []): Promise<void> {
    if (!this.#closing) {
      this.drain();
      this.#closing = this.#destroy(destroyFlags, inUse);
    }
    return this.#closing;
  }

  async #destroy(flags: number, inUse: readonly (Promise<unknown> | undefined)[]): Promise<void> {
    const { symbols, handles } = this.library;
    this.#statistics?.remove(this);
    this.#registration.unregister();
    symbols.rd_kafka_queue_destroy(this.#mainQueue);
    handles.closed("rd_kafka_queue_t");
    handles.ending++;
    const destroyed = Promise.allSettled(inUse)
      .then(() => destroy(this.library, this.pointer, flags))
      .then(() => {
        handles.ending--;
        handles.clients[kindOf(this.#options)]--;
      });
    handles.closed("rd_kafka_t"); // librdkafka's from here on, however long it takes
    // no name and no shutdown may hang on it
    if (await settlesWithin(destroyed, DESTROY_TIMEOUT_MS)) return;
    logger.warn("Client {client} takes librdkafka more than {timeoutMs} ms to end", {
      client: formatName(this.name),
      timeoutMs: DESTROY_TIMEOUT_MS,
    });
  }

  #handle(type: number, event: Deno.PointerValue): void {
    if (type === RD_KAFKA_EVENT_ERROR) this.#handleError(event);
    else if (type === RD_KAFKA_EVENT_LOG) this.#handleLog(event);
    else if (type === RD_KAFKA_EVENT_STATS) {
      const json = this.library.symbols.rd_kafka_event_stats(event);
      this.#statistics?.add(this, fromCString(json));
    } else if (type & this.#options.events) this.#options.onEvent(type, event);
    else this.#observer.unknownEvent(this.name, type);
  }

  #handleError(event: Deno.PointerValue): void {
    const error = eventError(this.library, event, this.#options.settings);
    const recreated = error.code === ERR_UNKNOWN_TOPIC_ID && recreatedIn(error.message);
    if (recreated) {
      this.#observer.topicRecreated(this.name, recreated);
      return this.#options.onRecreated?.(recreated);
    }
    const allDown = error.code === ERR__ALL_BROKERS_DOWN;
    if (this.hasReachedKafka && allDown) {
      this.#observer.allBrokersDown(this.name);
      return this.#options.onError?.(error);
    }
    if (this.hasReachedKafka) return this.#report(error);
    // so far it knows names only, and the failure of each is reported already
    if (!allDown) this.#report(withAdvice(error, this.name.principal));
  }

  #report(error: KafkaError): void {
    this.#observer.clientError(this.name, error);
    this.#options.onError?.(error);
  }

  #handleLog(event: Deno.PointerValue): void {
    const [facility, text] = [new OutParameter(), new OutParameter()];
    const level = new Int32Array(1);
    this.library.symbols.rd_kafka_event_log(event, facility.buffer, text.buffer, level);
    const line = withoutSecrets(fromCString(text.pointer), this.#options.settings);
    const subject = fromCString(facility.pointer);
    if (this.#options.onLog?.(subject, line)) return;
    const failure = brokerFailureIn(subject, line);
    if (failure !== undefined) {
      if (level[0]! <= SYSLOG_ERROR) return; // reported as an error, too
      // librdkafka calls a failure an error by how it came about; before the first contact each may be the reason
      if (!this.hasReachedKafka) {
        return this.#report(withAdvice(brokerFailure(this.library, failure), this.name.principal));
      }
    }
    this.#observer.clientLog(this.name, level[0]!, subject, line);
  }
}

/** The error that an event of a client with these settings carries. */
export function eventError(
  library: Library,
  event: Deno.PointerValue,
  settings: KafkaSettings = {},
): KafkaError {
  const { symbols } = library;
  return kafkaError(library, symbols.rd_kafka_event_error(event), {
    message: withoutSecrets(fromCString(symbols.rd_kafka_event_error_string(event)), settings),
    fatal: symbols.rd_kafka_event_error_is_fatal(event) !== 0,
  });
}

function newHandle(
  library: Library,
  options: ClientOptions,
  withStatistics: boolean,
): Deno.PointerValue {
  const { symbols } = library;
  const conf = newConf(library, {
    ...options.settings,
    "log.queue": true,
    ...(withStatistics && { "statistics.interval.ms": STATISTICS_INTERVAL_MS }),
  });
  const events = options.events | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG;
  symbols.rd_kafka_conf_set_events(conf, events | (withStatistics ? RD_KAFKA_EVENT_STATS : 0));
  const errstr = new Uint8Array(ERRSTR_BYTES);
  const pointer = symbols.rd_kafka_new(options.type, conf, errstr, BigInt(ERRSTR_BYTES));
  if (pointer !== null) return pointer;
  const code = symbols.rd_kafka_last_error();
  symbols.rd_kafka_conf_destroy(conf); // rd_kafka_new takes it on success only
  const text = withoutSecrets(fromBuffer(errstr), options.settings);
  const files = unreadableFiles(options.settings, text).join("; ");
  throw new ClientRefusal(kafkaError(library, code), {
    kind: kindOf(options),
    reason: files || text,
    isExplained: files !== "",
  });
}

function kindOf({ type, isReader }: ClientOptions): ClientKind {
  if (isReader) return "reader";
  return type === RD_KAFKA_PRODUCER ? "producer" : "consumer";
}
