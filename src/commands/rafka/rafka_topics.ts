/**
 * RAFKA TOPICS and RAFKA TOPIC DESCRIBE: the topics of the cluster, their partitions and their configuration.
 *
 * @module
 */

import type { PartitionOffsets } from "../../kafka/client/admin.ts";
import type {
  PartitionDescription,
  TopicDescription,
} from "../../kafka/client/topic_descriptions.ts";
import type { TopicConfig } from "../../kafka/client/topic_configs.ts";
import { array, bulk, integer, map, NULL, record, type Reply } from "../../resp/reply.ts";
import { asksTopic } from "../core/access.ts";
import * as arg from "../core/arguments.ts";
import { type Command, command } from "../core/command.ts";
import type { Context } from "../core/context.ts";
import { matchesGlob, parseGlob } from "../core/glob.ts";
import { OptionCursor } from "../core/options.ts";
import { visibleTopics } from "../core/visibility.ts";
import { adminOf, bulkOrNull, noTopic, shownTopicName, topicAccess } from "./admin_arguments.ts";

const TOPICS: Command = command({
  name: "RAFKA TOPICS",
  arity: -2,
  arguments: [arg.pattern("pattern", { optional: true })],
  summary: "Lists the topics of the cluster, all or those whose names match a glob",
  since: "0.8.0",
  group: "server",
  flags: ["readonly"],
  async run(context, args): Promise<Reply> {
    const pattern = parsePattern(args);
    const names = (await visibleTopics(context)).filter((name) => matchesGlob(pattern, name));
    const topics = await adminOf(context).describeTopics(names);
    return array(topics.flatMap((topic) => topic ? [summaryOf(topic)] : []));
  },
});

const DESCRIBE: Command = command({
  name: "RAFKA TOPIC DESCRIBE",
  arity: -4,
  arguments: [arg.string("topic"), arg.pureToken("WITHDEFAULTS", { optional: true })],
  summary:
    "Returns the partitions of a topic, with their offsets, leaders and replicas, and what is configured for it",
  since: "0.8.0",
  group: "server",
  flags: ["readonly"],
  access: topicAccess(asksTopic),
  async run(context, [name, ...rest]): Promise<Reply> {
    const topic = shownTopicName(context, name!);
    const options = new OptionCursor(rest);
    const withDefaults = options.take("WITHDEFAULTS");
    options.end();
    return await describe(context, topic, withDefaults);
  },
});

/** RAFKA TOPICS, RAFKA TOPIC DESCRIBE */
export const topicViewCommands: readonly Command[] = [TOPICS, DESCRIBE];

/** The glob of the only argument, with or without `topics:`; that of all without one. */
export function parsePattern(args: Parameters<NonNullable<Command["run"]>>[1]): string {
  const options = new OptionCursor(args);
  const pattern = options.more ? parseGlob(options.value()) : "*";
  options.end();
  return pattern.replace(/^topics:/, "");
}

function summaryOf({ topic, partitions }: TopicDescription): Reply {
  return record({
    topic: bulk(topic),
    partitions: integer(partitions.length),
    replication: integer(partitions[0]?.replicas.length ?? 0),
  });
}

async function describe(context: Context, topic: string, withDefaults: boolean): Promise<Reply> {
  const admin = adminOf(context);
  const [found] = await admin.describeTopics([topic]);
  if (!found) throw noTopic(topic);
  const { partitions } = found;
  const { isEmbedded } = context.kafka.cluster;
  const list = (spec: "earliest" | "latest"): Promise<PartitionOffsets> =>
    admin.listOffsets(topic, partitions.length, spec, { isolationLevel: "read_uncommitted" });
  const [first, end, configs] = await Promise.all([
    list("earliest"),
    list("latest"),
    isEmbedded ? undefined : admin.describeConfigs(topic),
  ]);
  return record({
    topic: bulk(topic),
    partitions: array(partitions.map((one) => partitionReply(one, first, end))),
    config: configs ? configReply(configs, withDefaults) : NULL,
  });
}

function partitionReply(
  { partition, leader, replicas, inSync }: PartitionDescription,
  first: PartitionOffsets,
  end: PartitionOffsets,
): Reply {
  return record({
    partition: integer(partition),
    first: integer(first[partition] ?? 0n),
    end: integer(end[partition] ?? 0n),
    leader: leader === undefined ? NULL : integer(leader),
    replicas: array(replicas.map(integer)),
    isr: array(inSync.map(integer)),
  });
}

function configReply(configs: readonly TopicConfig[], withDefaults: boolean): Reply {
  const shown = configs.filter(({ isOwn }) => isOwn || withDefaults);
  return map(shown.map(({ name, value }) => [bulk(name), bulkOrNull(value)]));
}
