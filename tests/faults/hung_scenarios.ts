/**
 * Brokers that hang, as in a long garbage collection, or in a virtual machine that is moved: they keep their
 * connections, answer nothing, and later go on where they were. A leader whose followers hang has stored what it does
 * not acknowledge: what expires meanwhile is in Kafka all the same.
 *
 * The topic has one partition, so that each broker is its leader or a follower. The brokers' timeouts are Kafka's own:
 * broker.session.timeout.ms 9 s, replica.lag.time.max.ms 30 s.
 *
 * @module
 */
import type { Cluster } from "./cluster.ts";
import { pause } from "./load.ts";
import {
  BOTH_MODES,
  describeProducer,
  type Mode,
  MODES,
  onePartition,
  type ProducerSettings,
} from "./one_partition.ts";
import { play } from "./play.ts";
import type { Scenario } from "./scenario.ts";

/** Which brokers hang, by what they are for the topic. */
const SUBSETS = {
  "follower": { who: "a follower hangs", leads: false, followers: 1 },
  "followers": { who: "both followers hang", leads: false, followers: 2 },
  "leader": { who: "the leader hangs", leads: true, followers: 0 },
  "leader-and-follower": { who: "the leader and a follower hang", leads: true, followers: 1 },
  "all": { who: "all brokers hang", leads: true, followers: 2 },
} as const;

type Subset = keyof typeof SUBSETS;

/** How long brokers hang, and what the producer's settings are meanwhile. */
interface Hang {
  readonly seconds: number;
  /** What the name of a scenario has for it. */
  readonly suffix: string;
  readonly producer: ProducerSettings;
  readonly subsets: readonly Subset[];
  readonly modes: readonly Mode[];
  /** The names that are part of the short form. */
  readonly short?: readonly string[];
}

const ALL_SUBSETS = Object.keys(SUBSETS) as Subset[];

/** Shorter and longer than each timeout that is at work. */
const HANGS: readonly Hang[] = [
  {
    seconds: 6, // messages expire, the brokers do not notice
    suffix: "",
    producer: { "message.timeout.ms": 3_000 },
    subsets: ALL_SUBSETS,
    modes: BOTH_MODES,
    short: ["hung-follower", "hung-followers-shared"],
  },
  {
    seconds: 4, // some of what is in flight expires, the rest is sent again
    suffix: "-barely",
    producer: { "message.timeout.ms": 3_000 },
    subsets: ["leader", "leader-and-follower", "all"],
    modes: BOTH_MODES,
  },
  {
    seconds: 2, // nothing expires
    suffix: "-briefly",
    producer: { "message.timeout.ms": 3_000 },
    subsets: ALL_SUBSETS,
    modes: ["connection"],
  },
  {
    seconds: 12, // longer than the brokers' sessions and those of the group: leaders move
    suffix: "-past-session",
    producer: { "message.timeout.ms": 5_000 },
    subsets: ["follower", "followers", "leader"],
    modes: BOTH_MODES,
  },
  {
    seconds: 6, // requests time out at the broker and are sent again, messages do not expire
    suffix: "-past-request",
    producer: { "message.timeout.ms": 20_000, "request.timeout.ms": 1_500 },
    subsets: ["followers", "leader"],
    modes: ["connection"],
  },
  {
    seconds: 6, // requests time out here, so their connection is closed; then messages expire
    suffix: "-past-socket",
    producer: { "message.timeout.ms": 4_000, "socket.timeout.ms": 1_500 },
    subsets: ["followers", "leader"],
    modes: ["connection"],
  },
  {
    seconds: 35, // a leader gives its followers up, if it can
    suffix: "-past-lag",
    producer: { "message.timeout.ms": 5_000 },
    subsets: ["follower", "followers"],
    modes: ["connection"],
  },
  {
    seconds: 320, // nothing is set
    suffix: "-past-defaults",
    producer: {},
    subsets: ["followers"],
    modes: ["connection"],
  },
];

function hung(hang: Hang, subset: Subset, mode: Mode): Scenario {
  const { seconds, producer } = hang;
  const name = `hung-${subset}${hang.suffix}${MODES[mode].suffix}`;
  return {
    name,
    what: `${SUBSETS[subset].who} for ${seconds} s (SIGSTOP)${describeProducer(mode, producer)}`,
    short: hang.short?.includes(name) ?? false,
    run: (cluster) =>
      play(cluster, onePartition(mode, producer), async ({ topic }) => {
        const brokers = await brokersOf(cluster, topic, subset);
        await cluster.signal("SIGSTOP", ...brokers);
        await pause(seconds * 1_000);
        await cluster.signal("SIGCONT", ...brokers);
      }, () => cluster.heal()),
  };
}

async function brokersOf(cluster: Cluster, topic: string, subset: Subset): Promise<number[]> {
  const leader = await cluster.leaderOf(topic);
  const followers = await cluster.followersOf(topic);
  const { leads, followers: count } = SUBSETS[subset];
  return [...(leads ? [leader] : []), ...followers.slice(0, count)];
}

/** Brokers that hang, in each subset. */
export const hungScenarios: readonly Scenario[] = HANGS.flatMap((hang) =>
  hang.modes.flatMap((mode) => hang.subsets.map((subset) => hung(hang, subset, mode)))
);
