/**
 * Whether the gateway has ever reached its cluster, and if not, why. An outage of a known cluster ends by itself. A
 * cluster that was never reached may be a wrong name, password or certificate, and waiting in silence would hide that:
 * a refused login or TLS handshake is a failure immediately, everything else after
 * `socket.connection.setup.timeout.ms`, so that Kafka and the gateway can start together. librdkafka keeps trying, and
 * the first contact clears the failure.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { ERR__AUTHENTICATION, ERR__SSL, ERR__TIMED_OUT } from "../../ffi/constants.ts";
import type { KafkaClient } from "./kafka_client.ts";
import { type KafkaError, kafkaError } from "./error.ts";

/** librdkafka has no event for the first contact. */
const LOOK_INTERVAL_MS = 100;

const logger = getLogger(["rafka", "kafka"]);

/** Watches for the first contact to a cluster. */
export class BootstrapWatch {
  /** Why there was no contact; undefined after one, and while it is too early to say. */
  failure: KafkaError | undefined;
  readonly #unreachable = new AbortController();
  readonly #failed = Promise.withResolvers<never>();
  /** Most recent error of the client. */
  #latest: KafkaError | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * Waits for the first contact of `client`.
   *
   * @param place bootstrap servers, for the log
   * @param timeoutMs time after which no contact is a failure
   */
  begin(client: KafkaClient, place: string, timeoutMs: number, onContact: () => void): void {
    const startMs = performance.now();
    this.#timer = setInterval(() => {
      if (client.hasReachedKafka) {
        this.#succeed(place);
        onContact();
      } else if (performance.now() - startMs >= timeoutMs) this.#giveUp(client, place, timeoutMs);
    }, LOOK_INTERVAL_MS);
    Deno.unrefTimer(this.#timer as unknown as number);
  }

  /** There was no contact so far. */
  get isWaiting(): boolean {
    return this.#timer !== undefined;
  }

  /** Takes note of an error of the client. */
  onError(error: KafkaError): void {
    this.#latest = error;
    if (this.#timer === undefined) return;
    if (isRefusal(error)) this.#fail(error);
  }

  /**
   * Resolves as `answer` does, unless the failure is known first: librdkafka's calls wait for a broker until their
   * timeout, and say only that there was none.
   *
   * @throws {KafkaError} the better error, as long as there was no contact
   */
  async orFailure<T>(answer: Promise<T>): Promise<T> {
    if (this.#timer === undefined) return await answer;
    try {
      return await Promise.race([answer, this.#failed.promise]);
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /**
   * The signal of a wait for messages, aborted by the failure, too. A refused login does not abort it: a consumer may
   * have another login, and gets its own error.
   */
  watch(signal: AbortSignal): AbortSignal {
    if (this.#timer === undefined) return signal;
    return AbortSignal.any([signal, this.#unreachable.signal]);
  }

  /** Ends the watch. */
  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.failure = undefined;
  }

  #explain(error: unknown): unknown {
    return this.#timer === undefined ? error : this.failure ?? this.#latest ?? error;
  }

  #fail(error: KafkaError): void {
    this.failure = error;
    this.#failed.promise.catch(() => {}); // it may have no reader
    this.#failed.reject(error);
  }

  #succeed(place: string): void {
    this.end();
    logger.info("Kafka at {place} answers", { place });
  }

  #giveUp({ library }: KafkaClient, place: string, timeoutMs: number): void {
    const message = `No answer from ${place} in ${timeoutMs} ms; check bootstrap.servers`;
    const failure = this.failure ?? this.#latest ??
      kafkaError(library, ERR__TIMED_OUT, { message });
    this.#fail(failure);
    if (!isRefusal(failure)) this.#unreachable.abort(failure);
  }
}

/** Errors that waiting does not mend. */
function isRefusal({ code }: KafkaError): boolean {
  return code === ERR__AUTHENTICATION || code === ERR__SSL;
}
