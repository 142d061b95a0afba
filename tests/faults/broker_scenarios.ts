/**
 * Brokers that die, stop, or can't be reached.
 *
 * @module
 */
import type { Cluster } from "./cluster.ts";
import { pause } from "./load.ts";
import { cutRequests } from "./network.ts";
import { play } from "./play.ts";
import type { Scenario } from "./scenario.ts";
import type { Outcome, Stage, StageOptions } from "./stage.ts";

const STOPPED_MS = 20_000;
const CUT_MS = 30_000;

/** The cluster works again afterwards, whatever happens. */
function playOn(
  cluster: Cluster,
  options: StageOptions,
  fault: (stage: Stage) => Promise<void>,
): Promise<Outcome> {
  return play(cluster, options, fault, () => cluster.heal());
}

/** How the gateway produces. */
interface ProducerMode {
  /** For people, where it is not the default. */
  readonly producers: string;
  readonly server: Record<string, unknown>;
}

/** What an outage leaves uncommitted is handed out again. */
const ACKS_MAY_BE_LOST = { acksMayBeLost: true };

async function killTwo(cluster: Cluster, { topic }: Stage, downMs: number): Promise<void> {
  const leader = await cluster.leaderOf(topic);
  const other = leader % 3 + 1;
  await cluster.kill(leader, other);
  await pause(downMs);
  await cluster.restart(leader, other);
}

function leaderKilled(
  { name, producers, short, server }: Pick<Scenario, "name" | "short"> & ProducerMode,
): Scenario {
  return {
    name,
    what: `a leader is killed (SIGKILL), and comes back${producers}`,
    short,
    run: (cluster, full) =>
      playOn(cluster, { ...ACKS_MAY_BE_LOST, config: { server } }, async (stage) => {
        const leader = await cluster.leaderOf(stage.topic);
        await cluster.kill(leader);
        await pause(full ? 10_000 : 3_000);
        await cluster.restart(leader);
      }),
  };
}

function twoDownLong({ name, producers, server }: Pick<Scenario, "name"> & ProducerMode): Scenario {
  const config = { server, producer: { "message.timeout.ms": 5_000 } };
  return {
    name,
    what: `two of three brokers are down for 20 s, message.timeout.ms is 5 s${producers}`,
    short: false,
    run: (cluster) =>
      playOn(
        cluster,
        { ...ACKS_MAY_BE_LOST, config },
        (stage) => killTwo(cluster, stage, 20_000),
      ),
  };
}

/** Faults of brokers. */
export const brokerScenarios: readonly Scenario[] = [
  leaderKilled({ name: "leader-killed", producers: "", short: false, server: {} }),
  leaderKilled({
    name: "leader-killed-shared",
    producers: "; one producer for all connections",
    short: false,
    server: { producerMode: "shared" },
  }),
  {
    name: "coordinator-killed",
    what: "the broker that keeps the group's offsets is killed (SIGKILL), and comes back",
    short: false,
    run: (cluster, full) =>
      playOn(cluster, ACKS_MAY_BE_LOST, async (stage) => {
        const coordinator = await cluster.coordinatorOf(stage.group);
        await cluster.kill(coordinator);
        await pause(full ? 10_000 : 3_000);
        await cluster.restart(coordinator);
      }),
  },
  {
    name: "two-down",
    what: "two of three brokers are down for 20 s, less than message.timeout.ms",
    short: false,
    run: (cluster) => playOn(cluster, ACKS_MAY_BE_LOST, (stage) => killTwo(cluster, stage, 20_000)),
  },
  twoDownLong({ name: "two-down-long", producers: "", server: {} }),
  twoDownLong({
    name: "two-down-long-shared",
    producers: "; one producer for all connections",
    server: { producerMode: "shared" },
  }),
  {
    name: "rolling-restart",
    what: "all brokers are restarted, one after the other",
    short: false,
    run: (cluster) =>
      playOn(cluster, ACKS_MAY_BE_LOST, async () => {
        for (const id of [1, 2, 3]) await cluster.restart(id);
      }),
  },
  {
    name: "broker-stopped",
    what: "a leader accepts and never answers for 20 s (SIGSTOP)",
    short: false,
    run: (cluster) =>
      playOn(cluster, ACKS_MAY_BE_LOST, async (stage) => {
        const leader = await cluster.leaderOf(stage.topic);
        await cluster.signal("SIGSTOP", leader);
        await pause(STOPPED_MS);
        await cluster.signal("SIGCONT", leader);
      }),
  },
  {
    name: "network-cut",
    what: "no packet of the gateway reaches the brokers for 30 s",
    short: false,
    run: (cluster) => playOn(cluster, ACKS_MAY_BE_LOST, () => cutRequests(cluster, CUT_MS)),
  },
  {
    name: "topic-recreated",
    what: "the topic is deleted while in use, and created again",
    short: false,
    run: (cluster) =>
      playOn(cluster, ACKS_MAY_BE_LOST, async (stage) => {
        await cluster.deleteTopic(stage.topic);
        await pause(3_000);
        await cluster.createTopic(stage.topic, 6);
        await stage.works();
        stage.countsFromMs = performance.now(); // what was before is deleted
      }),
  },
];
