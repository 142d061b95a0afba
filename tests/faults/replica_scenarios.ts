/**
 * Replicas that a leader loses, and a leader that one side alone loses: what is stored is not acknowledged.
 *
 * @module
 */
import type { Cluster } from "./cluster.ts";
import { pause } from "./load.ts";
import { cutAnswers, cutFollowers, cutRequests } from "./network.ts";
import { BOTH_MODES, describeProducer, MODES, onePartition } from "./one_partition.ts";
import { play } from "./play.ts";
import type { Scenario } from "./scenario.ts";

/** What is done to the replicas of a topic, for how long. */
interface Loss {
  readonly name: string;
  readonly what: string;
  readonly seconds: number;
  readonly messageTimeoutMs: number;
  readonly play: (cluster: Cluster, topic: string, ms: number) => Promise<void>;
}

async function killFollowers(
  cluster: Cluster,
  topic: string,
  ms: number,
  count: number,
): Promise<void> {
  const followers = (await cluster.followersOf(topic)).slice(0, count);
  await cluster.kill(...followers);
  await pause(ms);
  await cluster.restart(...followers);
}

/**
 * The leader has stored what it waits for the follower with, answers that it is no leader any more, and the next one has
 * it, too.
 */
async function retireLeader(cluster: Cluster, topic: string, ms: number): Promise<void> {
  const [leader, [follower]] = [await cluster.leaderOf(topic), await cluster.followersOf(topic)];
  await cluster.signal("SIGSTOP", follower!);
  await pause(ms / 2);
  const restarted = cluster.restart(leader);
  await pause(ms / 2);
  await cluster.signal("SIGCONT", follower!);
  await restarted;
}

const LOSSES: readonly Loss[] = [
  {
    name: "leader-retires",
    what: "a follower hangs for 6 s (SIGSTOP), and the leader is restarted meanwhile (SIGTERM)",
    seconds: 6,
    messageTimeoutMs: 4_000,
    play: retireLeader,
  },
  {
    name: "follower-killed",
    what: "a follower is killed (SIGKILL), and started again after 12 s",
    seconds: 12, // its session ends after 9 s
    messageTimeoutMs: 5_000,
    play: (cluster, topic, ms) => killFollowers(cluster, topic, ms, 1),
  },
  {
    name: "followers-killed",
    what: "both followers are killed (SIGKILL), and started again after 12 s",
    seconds: 12,
    messageTimeoutMs: 5_000,
    play: (cluster, topic, ms) => killFollowers(cluster, topic, ms, 2),
  },
  {
    name: "followers-cut",
    what: "no packet of the followers reaches their leader for 6 s",
    seconds: 6,
    messageTimeoutMs: 3_000,
    play: async (cluster, topic, ms) => cutFollowers(cluster, ms, await cluster.leaderOf(topic)),
  },
  {
    name: "followers-cut-past-lag",
    what: "no packet of the followers reaches their leader for 40 s",
    seconds: 40, // replica.lag.time.max.ms is 30 s
    messageTimeoutMs: 5_000,
    play: async (cluster, topic, ms) => cutFollowers(cluster, ms, await cluster.leaderOf(topic)),
  },
  {
    name: "requests-cut",
    what: "no packet of the gateway reaches the leader for 4 s",
    seconds: 4, // some of what is in flight expires, the rest is sent again
    messageTimeoutMs: 3_000,
    play: async (cluster, topic, ms) => cutRequests(cluster, ms, await cluster.leaderOf(topic)),
  },
  {
    name: "answers-cut",
    what: "no answer of the leader reaches the gateway for 4 s",
    seconds: 4, // some of what is in flight expires, the rest is sent again
    messageTimeoutMs: 3_000,
    play: async (cluster, topic, ms) => cutAnswers(cluster, ms, await cluster.leaderOf(topic)),
  },
];

/** Losses of replicas, in each mode. */
export const replicaScenarios: readonly Scenario[] = LOSSES.flatMap((loss) =>
  BOTH_MODES.map((mode): Scenario => {
    const producer = { "message.timeout.ms": loss.messageTimeoutMs };
    return {
      name: loss.name + MODES[mode].suffix,
      what: loss.what + describeProducer(mode, producer),
      short: false,
      run: (cluster) =>
        play(
          cluster,
          onePartition(mode, producer),
          ({ topic }) => loss.play(cluster, topic, loss.seconds * 1_000),
          () => cluster.heal(),
        ),
    };
  })
);
