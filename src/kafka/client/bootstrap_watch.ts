/**
 * Whether the gateway has ever reached its cluster, and if not, why. A cluster that was known and is away is waited
 * for: it comes back. One that was never reached may be a wrong name, password or certificate, and to wait in silence
 * would hide that: it is a failure at once where the login or TLS is refused, else after
 * `socket.connection.setup.timeout.ms`, so that a Kafka that starts together with the gateway is still waited for.
 * librdkafka goes on trying, and with the first contact all is well.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { ERR__AUTHENTICATION, ERR__SSL, ERR__TIMED_OUT } from "../../ffi/constants.ts";
import type { KafkaClient } from "./kafka_client.ts";
import { type KafkaError, kafkaError } from "./error.ts";

/** librdkafka has no event for it. */
const LOOK_INTERVAL_MS = 100;

const logger = getLogger(["rafka", "kafka"]);

/** The first contact to a cluster. */
export class BootstrapWatch {
  /** Why there was none; undefined when there was, and while it is too early to say. */
  failure: KafkaError | undefined;
  readonly #unreachable = new AbortController();
  readonly #failed = Promise.withResolvers<never>();
  /** The latest that went wrong. */
  #latest: KafkaError | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Waits for the first contact of `client`; `place` is where it looks for the cluster. */
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

  /** Something went wrong for the client. */
  onError(error: KafkaError): void {
    this.#latest = error;
    if (this.#timer === undefined) return;
    if (isRefusal(error)) this.#fail(error);
  }

  /**
   * What `answer` is, unless the failure comes first: librdkafka's calls wait for a broker until their time is over, and
   * know only that none was there.
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
   * The signal of a wait for messages, which the failure ends, too. A login that is refused does not: a consumer may
   * have another one, and hears of it itself.
   */
  watch(signal: AbortSignal): AbortSignal {
    if (this.#timer === undefined) return signal;
    return AbortSignal.any([signal, this.#unreachable.signal]);
  }

  /** Nobody asks any more. */
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
    this.#failed.promise.catch(() => {}); // nobody may be asking
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

/** To wait does not help. */
function isRefusal({ code }: KafkaError): boolean {
  return code === ERR__AUTHENTICATION || code === ERR__SSL;
}
