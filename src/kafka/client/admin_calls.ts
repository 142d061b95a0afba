/**
 * Calls of librdkafka's Admin API: each returns immediately, and its result is an event of a queue. No thread waits, so a
 * broker that hangs holds up nothing but its own call.
 *
 * @module
 */

import {
  ERR__DESTROY,
  ERR__TIMED_OUT,
  ERR__UNSUPPORTED_FEATURE,
  ERR_CLUSTER_AUTHORIZATION_FAILED,
  ERR_COORDINATOR_LOAD_IN_PROGRESS,
  ERR_COORDINATOR_NOT_AVAILABLE,
  ERR_FENCED_LEADER_EPOCH,
  ERR_GROUP_AUTHORIZATION_FAILED,
  ERR_LEADER_NOT_AVAILABLE,
  ERR_NOT_CONTROLLER,
  ERR_NOT_COORDINATOR,
  ERR_NOT_LEADER_FOR_PARTITION,
  ERR_OFFSET_NOT_AVAILABLE,
  ERR_TOPIC_AUTHORIZATION_FAILED,
  ERR_UNKNOWN_LEADER_EPOCH,
} from "../../ffi/constants.ts";
import { OutParameter, toCString } from "../../ffi/memory.ts";
import { StructReader } from "../../ffi/structs.ts";
import { check, checkErrorObject, KafkaError, kafkaError } from "./error.ts";
import { eventError, type KafkaClient } from "./kafka_client.ts";
import type { QueueEvents, QueueRegistration } from "./queue_events.ts";

/** How a call is made. */
export interface AdminCallOptions {
  /** RD_KAFKA_ADMIN_OP_… */
  readonly operation: number;
  /** The whole call ends in this time, with the error _TIMED_OUT if there is no answer. */
  readonly timeoutMs: number;
  /** The broker answers when it is done, not as soon as it has begun. */
  readonly waitsForBroker?: boolean;
  /** RD_KAFKA_ISOLATION_LEVEL_… */
  readonly isolationLevel?: number;
}

/** Starts a call: its arguments are followed by these. */
export type StartCall = (options: Deno.PointerValue, queue: Deno.PointerValue) => void;

/** Fails an answer sooner than it would fail. */
export type WatchAnswer = <T>(answer: Promise<T>) => Promise<T>;

interface PendingCall {
  readonly read: (event: Deno.PointerValue) => void;
  readonly reject: (error: KafkaError) => void;
}

const ERRSTR_BYTES = 512;
/** Some calls have the timeout for each of their steps; librdkafka's own error says more. */
const GRACE_MS = 100;
/** Pause before a call is made again. */
const RETRY_MS = 50;
/** What Kafka does not allow to the login. */
const REFUSALS: readonly number[] = [
  ERR_CLUSTER_AUTHORIZATION_FAILED,
  ERR_GROUP_AUTHORIZATION_FAILED,
  ERR_TOPIC_AUTHORIZATION_FAILED,
];
/** What a cluster says in between. */
const TRANSIENT: ReadonlySet<number> = new Set([
  ERR_LEADER_NOT_AVAILABLE,
  ERR_NOT_LEADER_FOR_PARTITION,
  ERR_COORDINATOR_LOAD_IN_PROGRESS,
  ERR_COORDINATOR_NOT_AVAILABLE,
  ERR_NOT_COORDINATOR,
  ERR_NOT_CONTROLLER,
  ERR_FENCED_LEADER_EPOCH,
  ERR_UNKNOWN_LEADER_EPOCH,
  ERR_OFFSET_NOT_AVAILABLE,
]);

/** Owns the queue of the results. */
export class AdminCalls {
  /** The client that the calls are made with; borrowed. */
  readonly client: KafkaClient;
  readonly #queue: Deno.PointerValue;
  readonly #registration: QueueRegistration;
  readonly #watch: WatchAnswer;
  readonly #pending = new Map<bigint, PendingCall>();
  #nextId = 1n;
  #closed = false;

  /** No call is under way. */
  constructor(client: KafkaClient, queueEvents: QueueEvents, watch?: WatchAnswer) {
    const { symbols, handles } = client.library;
    this.client = client;
    this.#watch = watch ?? ((answer) => answer);
    this.#queue = symbols.rd_kafka_queue_new(client.pointer);
    handles.opened("rd_kafka_queue_t");
    this.#registration = queueEvents.register(this.#queue, () => this.#drain());
  }

  /**
   * Makes a call, again and again while brokers change their roles: after a topic has been made, or a broker has stopped.
   *
   * @param start calls librdkafka, which copies the arguments
   * @param read gets the event with the result; the event is destroyed when it returns. It throws for errors in the result
   * @throws {KafkaError} for an error of the call as a whole, and what `read` throws
   */
  async call<T>(
    options: AdminCallOptions,
    start: StartCall,
    read: (event: Deno.PointerValue) => T,
  ): Promise<T> {
    const deadlineMs = performance.now() + options.timeoutMs;
    for (;;) {
      const leftMs = Math.max(1, Math.ceil(deadlineMs - performance.now()));
      try {
        return await this.#callOnce({ ...options, timeoutMs: leftMs }, start, read);
      } catch (error) {
        const isTransient = error instanceof KafkaError && this.#isTransient(error);
        if (!isTransient || performance.now() + RETRY_MS > deadlineMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** librdkafka also fails a call that waited for a bootstrap server when that turns out to be a broker. */
  #isTransient({ code }: KafkaError): boolean {
    return TRANSIENT.has(code) || code === ERR__DESTROY && !this.#closed;
  }

  async #callOnce<T>(
    options: AdminCallOptions,
    start: StartCall,
    read: (event: Deno.PointerValue) => T,
  ): Promise<T> {
    const { library, pointer } = this.client;
    const { symbols } = library;
    if (this.#closed) throw kafkaError(library, ERR__DESTROY);
    const id = this.#nextId++;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const adminOptions = symbols.rd_kafka_AdminOptions_new(pointer, options.operation);
    try {
      this.#setOptions(adminOptions, options);
      symbols.rd_kafka_AdminOptions_set_opaque(adminOptions, id);
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      start(adminOptions, this.#queue);
      this.#pending.set(id, { read: (event) => resolve(read(event)), reject });
      timer = setTimeout(
        () => reject(kafkaError(library, ERR__TIMED_OUT)),
        options.timeoutMs + GRACE_MS,
      );
      return await this.#watch(promise);
    } finally {
      clearTimeout(timer);
      this.#pending.delete(id);
      symbols.rd_kafka_AdminOptions_destroy(adminOptions);
    }
  }

  /**
   * A function that librdkafka has since 2.3.
   *
   * @throws {KafkaError} where it is older
   */
  required<T>(symbol: T | null): T {
    if (symbol !== null) return symbol;
    const { library } = this.client;
    const message = `This needs librdkafka 2.3 or newer, here is ${library.version}`;
    throw kafkaError(library, ERR__UNSUPPORTED_FEATURE, { message });
  }

  /** Fails all calls that are under way; the client must still exist. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { library } = this.client;
    this.#registration.unregister();
    library.symbols.rd_kafka_queue_destroy(this.#queue);
    library.handles.closed("rd_kafka_queue_t");
    for (const { reject } of this.#pending.values()) reject(kafkaError(library, ERR__DESTROY));
    this.#pending.clear();
  }

  #setOptions(options: Deno.PointerValue, call: AdminCallOptions): void {
    const { library } = this.client;
    const { symbols } = library;
    const { timeoutMs, waitsForBroker, isolationLevel } = call;
    const errstr = [new Uint8Array(ERRSTR_BYTES), BigInt(ERRSTR_BYTES)] as const;
    check(
      library,
      symbols.rd_kafka_AdminOptions_set_request_timeout(options, timeoutMs, ...errstr),
    );
    if (waitsForBroker) {
      const set = symbols.rd_kafka_AdminOptions_set_operation_timeout;
      check(library, set(options, timeoutMs, ...errstr));
    }
    if (isolationLevel !== undefined) {
      const set = this.required(symbols.rd_kafka_AdminOptions_set_isolation_level);
      checkErrorObject(library, set(options, isolationLevel));
    }
  }

  #drain(): void {
    if (this.#closed) return;
    const { symbols } = this.client.library;
    for (;;) {
      const event = symbols.rd_kafka_queue_poll(this.#queue, 0);
      if (event === null) return;
      try {
        this.#answer(event);
      } finally {
        symbols.rd_kafka_event_destroy(event);
      }
    }
  }

  #answer(event: Deno.PointerValue): void {
    const { library } = this.client;
    const id = library.symbols.rd_kafka_event_opaque(event);
    const call = this.#pending.get(id);
    if (!call) return; // it came too late
    const error = library.symbols.rd_kafka_event_error(event);
    // librdkafka's text for these begins with the request of its own that found out
    if (REFUSALS.includes(error)) return call.reject(kafkaError(library, error));
    if (error !== 0) return call.reject(eventError(library, event));
    try {
      call.read(event);
    } catch (cause) {
      call.reject(cause as KafkaError);
    }
  }
}

/** The pointers of an array whose length C writes behind an argument. */
export function readPointers(
  { library: { symbols } }: KafkaClient,
  readArray: (count: BigUint64Array<ArrayBuffer>) => Deno.PointerValue,
): Deno.PointerValue[] {
  const count = new OutParameter();
  const array = readArray(count.buffer);
  const length = Number(count.address);
  if (array === null || length === 0) return [];
  const reader = new StructReader(symbols, 8 * length).load(array);
  return Array.from(
    { length },
    (_, index) => Deno.UnsafePointer.create(reader.address(8 * index)),
  );
}

/** V8 keeps smaller arrays on its heap, where they may move. */
const MIN_OFF_HEAP_BYTES = 128;
/** What an array points to lives as long as the array does. */
const pointedTo = new WeakMap<BigUint64Array, Uint8Array>();

/** Texts as an argument, `const char **`, for a call that copies them. */
export function cStringArray(...texts: readonly string[]): BigUint64Array<ArrayBuffer> {
  const strings = texts.map(toCString);
  const byteLength = strings.reduce((sum, string) => sum + string.byteLength, 0);
  const bytes = new Uint8Array(MIN_OFF_HEAP_BYTES + byteLength);
  const start = Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
  let at = 0;
  const array = BigUint64Array.from(strings, (string) => {
    bytes.set(string, at);
    at += string.byteLength;
    return start + BigInt(at - string.byteLength);
  });
  pointedTo.set(array, bytes);
  return array;
}

/** Pointers as an argument, `X **`. */
export function pointerArray(
  ...pointers: readonly Deno.PointerValue[]
): BigUint64Array<ArrayBuffer> {
  return new BigUint64Array(pointers.map((pointer) => Deno.UnsafePointer.value(pointer)));
}
