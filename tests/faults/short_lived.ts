/**
 * Workers that live for less than a group needs to hand out its partitions: jobs that start for a few messages, pods
 * that crash. Whoever is in the group when they are gone must not have to wait for them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestClient } from "../support/client.ts";
import { uniqueName } from "../support/gateway.ts";
import { ack, onBrokers } from "../support/kafka.ts";
import { Program } from "../support/program.ts";
import type { Cluster } from "./cluster.ts";
import type { ClusterTrial, EnduranceOutcome } from "./endurance.ts";
import { pause } from "./load.ts";

const PARTITIONS = 6;
const WORKERS = 8;
const LIFE_MS = { shortest: 300, longest: 8_000 };
/** How long they come and go before the one that stays. */
const CHURN_MS = 8_000;
const PRODUCE_EVERY_MS = 20;
/** A group that all have left forms anew within these. */
const FIRST_MESSAGE_MS = 10_000;
/** Longer than session.timeout.ms, after which Kafka gives up a worker that has not left. */
const FIRST_MESSAGE_DEADLINE_SECONDS = 90;
/** The same lives in each run. */
const SEED = 14;

/** Where they are. */
interface Place {
  readonly ports: readonly number[];
  readonly topic: string;
  readonly group: string;
}

/** Workers that come and go, and one that stays. */
export const shortLived: ClusterTrial = {
  name: "short-lived",
  what: `${WORKERS} workers of a group on two gateways, each of which lives for 0.3 to 8 s, ` +
    "and the worker after them",
  short: true,
  async run(cluster: Cluster, full: boolean): Promise<EnduranceOutcome> {
    const topic = uniqueName("short-lived");
    await cluster.createTopic(topic, PARTITIONS);
    const config = onBrokers(cluster.bootstrapServers);
    const env = { RAFKA_CONFIG_JSON: JSON.stringify(config) };
    await using one = await Program.start([], env);
    await using other = await Program.start([], env);
    const place = { ports: [one.port, other.port], topic, group: `${topic}-group` };
    await using _producing = new Producing(place);
    const lives = new Lives(place);
    const waitsMs: number[] = [];
    for (let round = 0; round < (full ? 4 : 1); round++) {
      await lives.liveFor(CHURN_MS);
      waitsMs.push(await firstMessageMs(place, round));
    }
    return {
      figures: {
        workers: lives.count,
        "with a message": lives.withMessage,
        "the first message of the next worker came after": waitsMs.map(seconds).join(", "),
      },
      problems: [
        ...waitsMs.filter((waitMs) => waitMs > FIRST_MESSAGE_MS)
          .map((waitMs) => `the next worker waited ${seconds(waitMs)} for its first message`),
        ...lives.problems,
      ],
    };
  },
};

/** Something to do for whoever is there. */
class Producing implements AsyncDisposable {
  #ended = false;
  readonly #running: Promise<void>;

  constructor(place: Place) {
    this.#running = this.#produce(place);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    await this.#running;
  }

  async #produce({ ports, topic }: Place): Promise<void> {
    using client = await TestClient.connect(ports[0]!);
    for (let number = 0; !this.#ended; number++) {
      assert.equal(await client.ask("RPUSHX", `topics:${topic}:${number}`, "value"), ":1\r\n");
      await pause(PRODUCE_EVERY_MS);
    }
  }
}

/** Workers, some at a time, one after the other. */
class Lives {
  readonly problems: string[] = [];
  readonly #place: Place;
  readonly #random = randomNumbers(SEED);
  /** How many have begun. */
  count = 0;
  /** How many of them had something to do. */
  withMessage = 0;

  constructor(place: Place) {
    this.#place = place;
  }

  /** No more begin after that; returns when the last one is gone. */
  async liveFor(durationMs: number): Promise<void> {
    const untilMs = performance.now() + durationMs;
    await Promise.all(Array.from({ length: WORKERS }, async () => {
      while (performance.now() < untilMs) await this.#live(this.count++);
    }));
  }

  async #live(number: number): Promise<void> {
    const { shortest, longest } = LIFE_MS;
    const lifeMs = shortest + (longest - shortest) * this.#random();
    try {
      if (await work(this.#place, number, lifeMs)) this.withMessage++;
    } catch (error) {
      this.problems.push(`worker ${number}: ${(error as Error).message}`);
    }
  }
}

/** Pops and acks until its time is over, then quits or hangs up in the middle of a BLPOP. */
async function work(place: Place, number: number, lifeMs: number): Promise<boolean> {
  const endMs = performance.now() + lifeMs;
  using client = await worker(place, number);
  let hadMessage = false;
  while (performance.now() < endMs) {
    const leftSeconds = Math.max(0.01, (endMs - performance.now()) / 1_000);
    const message = await client.pop(`topics:${place.topic}`, leftSeconds);
    if (!message) break;
    hadMessage = true;
    assert.equal(await ack(client, message), ":1\r\n");
  }
  if (number % 2 === 0) await client.ask("QUIT");
  else await client.send("BLPOP", `topics:${place.topic}`, 0);
  return hadMessage;
}

async function firstMessageMs(place: Place, round: number): Promise<number> {
  using client = await worker(place, `next-${round}`);
  const startMs = performance.now();
  const message = await client.pop(`topics:${place.topic}`, FIRST_MESSAGE_DEADLINE_SECONDS);
  const waitMs = performance.now() - startMs;
  assert.ok(message, `no message in ${FIRST_MESSAGE_DEADLINE_SECONDS} s`);
  assert.equal(await ack(client, message), ":1\r\n");
  await client.ask("QUIT");
  return waitMs;
}

/** One on either gateway. */
async function worker({ ports, group }: Place, name: number | string): Promise<TestClient> {
  const client = await TestClient.connect(ports[Number(name) % 2 || 0]!);
  assert.equal(await client.ask("CLIENT", "SETNAME", `${group}:worker-${name}`), "+OK\r\n");
  return client;
}

/** Numbers below 1 that look random. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
