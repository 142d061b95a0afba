/**
 * The stream of a trial: the topic of its lists, read by a group of its own. Writers and consumers, and how they end:
 * first the writers, then the consumers, with some entries pending; then the gateway restarts, and the rest is acked.
 *
 * @module
 */
import { TestClient } from "../support/client.ts";
import { pause, type Worker } from "./load.ts";
import { StreamWriter } from "./stream_load.ts";
import {
  askForGroup,
  askForPending,
  askForState,
  type Committed,
  HOARDER,
  holdings,
  type Observation,
} from "./stream_state.ts";
import {
  createGroup,
  Hoarder,
  MortalWorker,
  Reaper,
  type StreamPlace,
  StreamWorker,
} from "./stream_workers.ts";

const POLL_MS = 200;
const NEW_CLUSTER_MS = 30_000;
/** After so long without an ack, each ack is committed. */
export const COMMIT_MS = 1_000;
/** A kill that late is no excuse; the last reply may have been on its way a moment longer. */
const QUIET_MS = COMMIT_MS + 250;
const ENTRIES_AT_A_TIME = 100;

/** What Kafka's own tool says of the group. */
export type AskKafka = () => Promise<ReadonlyMap<number, Committed>>;

/** Everybody who uses the stream. */
export class StreamStage {
  readonly writers: StreamWriter[];
  readonly observations: Observation[] = [];
  readonly #place: StreamPlace;
  readonly #askKafka: AskKafka | undefined;
  readonly #workers: Worker[];
  /** They look after what is pending. */
  readonly #keepers: Worker[];
  readonly #others: Worker[] = [];

  /** @param hoards some entries stay pending until the end, as does all behind them where order is kept */
  private constructor(place: StreamPlace, hoards: boolean, askKafka: AskKafka | undefined) {
    const { port, topic, journal } = place;
    this.#place = place;
    this.#askKafka = askKafka;
    this.writers = [
      new StreamWriter("adds-5", 5, port, topic, journal),
      new StreamWriter("adds-1", 1, port, topic, journal),
    ];
    this.#workers = [
      new StreamWorker("shared", 10, place),
      new StreamWorker("shared", 10, place),
      new StreamWorker("alone", 3, place),
      new MortalWorker("mortal", place),
    ];
    const hoarders = hoards ? [new Hoarder(HOARDER, place)] : [];
    this.#keepers = [new Reaper("reaper", place), ...hoarders];
  }

  /** With the load on. */
  static async open(
    place: StreamPlace,
    hoards: boolean,
    askKafka: AskKafka | undefined,
  ): Promise<StreamStage> {
    using client = await TestClient.connect(place.port());
    await firstGroup(client, place);
    const stage = new StreamStage(place, hoards, askKafka);
    for (const worker of [...stage.writers, ...stage.consumers]) worker.start();
    return stage;
  }

  /** Name of its consumer group. */
  get group(): string {
    return this.#place.group;
  }

  /** All that read. */
  get consumers(): Worker[] {
    return [...this.#workers, ...this.#keepers];
  }

  /** One more worker, on this gateway or on another. */
  addWorker(name: string, port = this.#place.port): StreamWorker {
    const worker = new StreamWorker(name, 10, { ...this.#place, port }).start();
    this.#others.push(worker);
    return worker;
  }

  /** Each writer has an id from now on, and a worker an entry. */
  async works(deadlineMs: number): Promise<void> {
    await Promise.all([
      ...this.writers.map((writer) => writer.succeeds(deadlineMs)),
      Promise.any(this.#workers.map((worker) => worker.succeeds(deadlineMs))),
    ]);
  }

  /** All is handed out: the consumers ack all but what is hoarded, and end. */
  async rest(deadlineMs: number): Promise<void> {
    await this.#untilHoarded(deadlineMs);
    await stopAll([...this.consumers, ...this.#others]);
    await this.#observe("before the restart");
  }

  /** The gateway is another one: what was pending comes again, and no more than that; it is acked. */
  async finish(drained: () => Promise<void>): Promise<void> {
    const worker = new StreamWorker("after-restart", ENTRIES_AT_A_TIME, this.#place).start();
    await drained();
    await worker.stop();
    await this.#observe("at the end");
  }

  async #observe(when: string): Promise<void> {
    await pause(QUIET_MS);
    const { topic, group, journal } = this.#place;
    const committed = await this.#askKafka?.();
    using client = await TestClient.connect(this.#place.port());
    const state = await askForState(client, topic, group, committed);
    this.observations.push({ when, state, held: holdings(journal) });
  }

  /** Nothing is pending but with the hoarder, and nothing is left to be handed out: also after a late rebalance. */
  async #untilHoarded(deadlineMs: number): Promise<void> {
    const { topic, group } = this.#place;
    const deadline = performance.now() + deadlineMs;
    using client = await TestClient.connect(this.#place.port());
    for (;; await pause(POLL_MS)) {
      const { count, consumers } = await askForPending(client, topic, group);
      const { lag } = this.#askKafka ? await askForGroup(client, topic, group) : { lag: count };
      if (lag === count && [...consumers.keys()].every((name) => name === HOARDER)) return;
      if (performance.now() > deadline) {
        const left = `lag ${lag}, pending ${[...consumers].join(" ")}`;
        throw new Error(`Not all is acked after ${deadlineMs} ms: ${left}`);
      }
    }
  }
}

/** A cluster that has just started has no coordinator of groups yet, and says so. */
async function firstGroup(client: TestClient, { topic, group }: StreamPlace): Promise<void> {
  const deadline = performance.now() + NEW_CLUSTER_MS;
  for (;;) {
    try {
      return await createGroup(client, `topics:${topic}`, group);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(POLL_MS);
    }
  }
}

async function stopAll(workers: readonly Worker[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.stop()));
}
