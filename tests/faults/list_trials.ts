/**
 * Faults while stock tools use lists and Pub/Sub: with both ways to ack, what was pushed is popped, what a dead worker had
 * comes again or never, and subscribers hear everything.
 *
 * @module
 */
import { uniqueName } from "../support/gateway.ts";
import { onBrokers } from "../support/kafka.ts";
import { kcatMessages } from "../support/kcat.ts";
import type { Cluster } from "./cluster.ts";
import type { ClusterTrial, EnduranceOutcome } from "./endurance.ts";
import { GatewayProcess } from "./gateway_process.ts";
import { checkLists, type ListAck, ListJournal } from "./list_journal.ts";
import {
  confirmed,
  type ListPlace,
  ListWriter,
  PlainWorker,
  TopicSubscriber,
} from "./list_load.ts";
import { pause, type Port, type Worker } from "./load.ts";

const PARTITIONS = 6;
const WORKERS = 4;
const SUBSCRIBERS = 2;
/** Messages that a worker of a trial lives for where workers die. */
const LIFE = 7;
const BEFORE_MS = 5_000;
const AFTER_MS = 5_000;
/** How long everything may take to work again. */
const RECOVERY_MS = 120_000;
/** Nothing more comes. */
const QUIET_MS = 8_000;
/** A group has its partitions again within these. */
const REBALANCE_MS = 20_000;

/** What a fault is played on. */
class ListStage implements AsyncDisposable {
  readonly cluster: Cluster;
  readonly topic: string;
  readonly journal = new ListJournal();
  readonly gateway: GatewayProcess;
  readonly workers: Worker[] = [];
  readonly #others: Worker[] = [];
  readonly #gateways: GatewayProcess[] = [];
  readonly #config: ReturnType<typeof onBrokers>;

  private constructor(
    cluster: Cluster,
    topic: string,
    gateway: GatewayProcess,
    config: ReturnType<typeof onBrokers>,
  ) {
    this.cluster = cluster;
    this.topic = topic;
    this.gateway = gateway;
    this.#config = config;
  }

  static async open(cluster: Cluster, ack: ListAck): Promise<ListStage> {
    const topic = uniqueName("lists");
    await cluster.createTopic(topic, PARTITIONS);
    const config = onBrokers(cluster.bootstrapServers, {
      server: { lists: { group: `${topic}-group`, ack } },
      consumer: { "session.timeout.ms": 6_000, "heartbeat.interval.ms": 1_000 },
    });
    const stage = new ListStage(cluster, topic, await GatewayProcess.start(topic, config), config);
    try {
      const place = stage.#placeOf(() => stage.gateway.port);
      for (let n = 0; n < SUBSCRIBERS; n++) {
        stage.#others.push(new TopicSubscriber(place).start());
      }
      for (const command of ["RPUSH", "LPUSH", "PUBLISH"] as const) {
        stage.#others.push(new ListWriter(command, place).start());
      }
      await stage.works();
      return stage;
    } catch (error) {
      await stage[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Workers of the list. */
  addWorkers(diesAfter = Infinity, port: Port = () => this.gateway.port): Worker[] {
    const added = Array.from(
      { length: WORKERS },
      (_, at) => new PlainWorker(this.#placeOf(port), diesAfter, at === 0).start(),
    );
    this.workers.push(...added);
    return added;
  }

  /** Another gateway on the same Kafka. */
  async addGateway(): Promise<GatewayProcess> {
    const gateway = await GatewayProcess.start(this.topic, this.#config);
    this.#gateways.push(gateway);
    return gateway;
  }

  /** Runs what disturbs the group, or Kafka. */
  async disturb(fault: () => Promise<void>): Promise<void> {
    const fromMs = performance.now();
    await fault();
    this.journal.disturbances.push({ fromMs, toMs: performance.now() + REBALANCE_MS });
  }

  /** Every writer, and somebody of the others, has a success from now on. */
  async works(): Promise<void> {
    await Promise.all([
      ...this.#others.map((one) => one.succeeds(RECOVERY_MS)),
      ...(this.workers.length > 0
        ? [Promise.any(this.workers.map((one) => one.succeeds(RECOVERY_MS)))]
        : []),
    ]);
  }

  /** Ends the load when all that was pushed has come, or nothing comes any more. */
  async finish(ack: ListAck): Promise<EnduranceOutcome> {
    const { journal } = this;
    await Promise.all(this.#others.filter((one) => one instanceof ListWriter).map(stop));
    let [count, quietSinceMs] = [-1, performance.now()];
    while (performance.now() - quietSinceMs < QUIET_MS) {
      const all = journal.popped.length + heardBy(journal);
      if (all !== count) [count, quietSinceMs] = [all, performance.now()];
      await pause(100);
    }
    await Promise.all([...this.workers, ...this.#others].map(stop));
    const stored = await kcatMessages(this.cluster.bootstrapServers, this.topic);
    const { problems, ...counts } = checkLists(journal, ack, stored.map(({ value }) => value));
    const { confirmed: _, ...figures } = counts;
    return {
      figures: {
        sent: journal.pushed.length,
        confirmed: confirmed(journal).length,
        ...figures,
        connections: journal.connections,
        "of which died": journal.deaths,
      },
      problems,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.workers, ...this.#others].map(stop));
    for (const gateway of [this.gateway, ...this.#gateways]) await gateway[Symbol.asyncDispose]();
  }

  #placeOf(port: Port): ListPlace {
    return { port, key: `topics:${this.topic}`, journal: this.journal };
  }
}

function heardBy({ subscriptions }: ListJournal): number {
  return subscriptions.reduce((sum, { ids }) => sum + ids.length, 0);
}

function stop(worker: Worker): Promise<void> {
  return worker.stop();
}

/** What happens to the load. */
type Fault = (stage: ListStage, full: boolean) => Promise<void>;

function trial(
  name: string,
  what: string,
  ack: ListAck,
  short: boolean,
  fault: Fault,
): ClusterTrial {
  return {
    name: `list-${name}-${ack}`,
    what: `lists and Pub/Sub: ${what}; lists.ack is ${ack}`,
    short,
    async run(cluster: Cluster, full: boolean): Promise<EnduranceOutcome> {
      await using stage = await ListStage.open(cluster, ack);
      try {
        await fault(stage, full);
      } finally {
        await cluster.heal();
      }
      await stage.works();
      await pause(AFTER_MS);
      return await stage.finish(ack);
    },
  };
}

const workersKilled: Fault = async (stage, full) => {
  stage.addWorkers(LIFE);
  await stage.works();
  await pause(full ? 30_000 : 8_000);
};

const gatewayKilled: Fault = async (stage, full) => {
  stage.addWorkers();
  await stage.works();
  for (let kill = 0; kill < (full ? 4 : 1); kill++) {
    await pause(BEFORE_MS);
    await stage.disturb(async () => {
      await stage.gateway.kill();
      await stage.gateway.restart();
      await stage.works();
    });
  }
};

const leaderKilled: Fault = async (stage, full) => {
  stage.addWorkers();
  await stage.works();
  await pause(BEFORE_MS);
  await stage.disturb(async () => {
    const leader = await stage.cluster.leaderOf(stage.topic);
    await stage.cluster.kill(leader);
    await pause(full ? 10_000 : 3_000);
    await stage.cluster.restart(leader);
    await stage.works();
  });
};

const secondGateway: Fault = async (stage, full) => {
  stage.addWorkers();
  await stage.works();
  await pause(BEFORE_MS);
  await stage.disturb(async () => {
    const gateway = await stage.addGateway();
    const workers = stage.addWorkers(Infinity, () => gateway.port);
    await Promise.any(workers.map((one) => one.succeeds(RECOVERY_MS)));
    await pause(full ? 15_000 : 5_000);
    await gateway.kill();
    for (const worker of workers) await worker.stop();
    for (const worker of workers) stage.workers.splice(stage.workers.indexOf(worker), 1);
  });
};

/** Played with both ways to ack. */
export const listTrials: readonly ClusterTrial[] = (["next", "sent"] as const).flatMap((ack) => [
  trial("workers-killed", "workers die with what they have popped", ack, true, workersKilled),
  trial("gateway-killed", "the gateway is killed (SIGKILL)", ack, ack === "next", gatewayKilled),
  trial("leader-killed", "a leader is killed (SIGKILL), and comes back", ack, false, leaderKilled),
  trial(
    "second-gateway",
    "a second gateway joins the group, and is killed (SIGKILL)",
    ack,
    false,
    secondGateway,
  ),
]);
