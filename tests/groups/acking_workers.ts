/**
 * Workers of one group at several gateways that ack each entry at once, and know which entries are acked: one that is
 * delivered again is counted.
 *
 * @module
 */
import { KafkaError } from "../../src/kafka/client/error.ts";
import { formatId } from "../../src/streams/stream_id.ts";
import { until } from "../support/gateway.ts";
import { never, type TestGroup } from "./group_support.ts";

/** How long a worker waits for entries before it looks whether it is to end. */
const WAIT_MS = 100;

/** What all workers have done. */
export class AckingWorkers {
  /** IDs of entries that are acked. */
  readonly acked = new Set<string>();
  /** IDs of entries that were acked before they were delivered. */
  readonly again: string[] = [];

  /** Starts a worker. */
  start(test: TestGroup, name: string): Worker {
    return new Worker(this, test, name);
  }
}

/** One worker. */
class Worker {
  readonly #all: AckingWorkers;
  readonly #test: TestGroup;
  readonly #name: string;
  readonly #done: Promise<void>;
  #count = 0;
  #ends = false;

  constructor(all: AckingWorkers, test: TestGroup, name: string) {
    this.#all = all;
    this.#test = test;
    this.#name = name;
    this.#done = this.#work();
  }

  /** Waits until it has acked so many entries. */
  async untilAcked(count: number): Promise<void> {
    const wanted = this.#count + count;
    await until(() => this.#count >= wanted, `${this.#name} to ack ${count} entries`, 60_000);
  }

  /** It acks what it has, and takes nothing more. */
  async end(): Promise<void> {
    this.#ends = true;
    await this.#done;
  }

  async #work(): Promise<void> {
    while (!this.#ends) {
      try {
        await this.#takeAndAck();
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error;
        await new Promise((resolve) => setTimeout(resolve, WAIT_MS)); // its partitions are not there yet
      }
    }
  }

  async #takeAndAck(): Promise<void> {
    const { acked, again } = this.#all;
    const group = await this.#test.open();
    const entries = group.take(this.#name, 50, false);
    for (const { id } of entries) {
      if (acked.has(formatId(id))) again.push(formatId(id));
    }
    for (const { id } of entries) {
      if (group.ack([id]) === 0) continue;
      acked.add(formatId(id));
      this.#count++;
    }
    await this.#test.groups.wait([group], WAIT_MS, never);
  }
}
