/**
 * RAFKA GROUPS and RAFKA GROUP DESCRIBE: the consumer groups of the cluster as Kafka knows them, and what this gateway has
 * to do with them: its workers of BLPOP, and its streams.
 *
 * @module
 */

import type { GroupMember } from "../../kafka/client/group_descriptions.ts";
import { type GroupStatus, statusOf } from "../../groups/group_status.ts";
import { array, bulk, integer, NULL, record, type Reply } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { type Command, command } from "../core/command.ts";
import type { ClientView, Context } from "../core/context.ts";
import { matchesGlob } from "../core/glob.ts";
import { parseGroupName } from "../core/group_names.ts";
import { seesGroup, seesPrincipal, seesTopic, visiblePrincipals } from "../core/visibility.ts";
import { adminOf, bulkOrNull, GROUP_ACCESS, noSuchGroup } from "./admin_arguments.ts";
import { brokerReply } from "./rafka_brokers.ts";
import { parsePattern } from "./rafka_topics.ts";

const GROUPS: Command = command({
  name: "RAFKA GROUPS",
  arity: -2,
  arguments: [arg.pattern("pattern", { optional: true })],
  summary:
    "Lists the consumer groups of the cluster, all or those whose names match a glob, with what this gateway does in them",
  since: "0.7.0",
  group: "server",
  flags: ["readonly"],
  async run(context, args): Promise<Reply> {
    const pattern = parsePattern(args);
    const groups = await statesOf(context);
    const { user } = context.client;
    const shown = [...groups].filter(([group]) =>
      matchesGlob(pattern, group) && seesGroup(user, group)
    );
    const here = whatIsHere(context);
    return array(
      shown.sort(([a], [b]) => a < b ? -1 : 1).map(([group, state]) =>
        record({ group: bulk(group), state: bulkOrNull(state), ...here(group) })
      ),
    );
  },
});

const DESCRIBE: Command = command({
  name: "RAFKA GROUP DESCRIBE",
  arity: 4,
  arguments: [arg.string("group")],
  summary: "Returns the state and the members of a group, and what this gateway does in it",
  since: "0.8.0",
  group: "server",
  flags: ["readonly"],
  access: GROUP_ACCESS,
  async run(context, [name]): Promise<Reply> {
    const group = parseGroupName(name!);
    const description = await adminOf(context).describeGroup(group);
    if (!description) throw noSuchGroup(group);
    const { state, assignor, coordinator, members } = description;
    return record({
      group: bulk(group),
      state: bulk(state),
      ...whatIsHere(context)(group),
      assignor: bulkOrNull(assignor || undefined),
      coordinator: brokerReply(coordinator),
      members: array(members.map((member) => memberReply(context, member))),
    });
  },
});

/** RAFKA GROUPS, RAFKA GROUP DESCRIBE */
export const groupViewCommands: readonly Command[] = [GROUPS, DESCRIBE];

/** The connections of this gateway that consume, by group, of the principals that the asking one is shown. */
export function workersByGroup({ gateway, client }: Context): Map<string, ClientView[]> {
  const workers = gateway.clientList.filter(({ identity, principal, kafka }) =>
    identity && kafka.consumer && seesPrincipal(client, principal)
  );
  return Map.groupBy(workers, ({ identity }) => identity!.groupId);
}

/** The groups of the cluster and their states. The embedded Kafka tells none: its groups are those of this gateway. */
async function statesOf(context: Context): Promise<Map<string, string | undefined>> {
  if (!context.kafka.cluster.isEmbedded) {
    const listed = await adminOf(context).listGroups();
    return new Map(listed.map(({ group, state }) => [group, state]));
  }
  const names = [
    ...visiblePrincipals(context).flatMap(({ groups }) => groups.live.map(({ name }) => name)),
    ...workersByGroup(context).keys(),
  ];
  return new Map(names.map((name) => [name, undefined]));
}

/** What this gateway does in a group; the connections are looked through once for all. */
function whatIsHere(context: Context): (group: string) => Record<string, Reply> {
  const { user } = context.client;
  const workers = workersByGroup(context);
  const all = visiblePrincipals(context).flatMap(({ name: principal, groups }) =>
    statusOf(groups.live).filter(({ topic }) => seesTopic(user, topic))
      .map((status) => ({ group: status.group, reply: streamReply(status, principal) }))
  );
  const streams = Map.groupBy(all, ({ group }) => group);
  return (group) => ({
    workers: integer(workers.get(group)?.length ?? 0),
    streams: array((streams.get(group) ?? []).map(({ reply }) => reply)),
  });
}

function streamReply(status: GroupStatus, principal: string | undefined): Reply {
  return record({
    topic: bulk(status.topic),
    consumers: integer(status.consumers),
    waiting: integer(status.waiting),
    pending: integer(status.pending),
    lag: status.lag === undefined ? NULL : integer(status.lag),
    partitions: array(status.partitions.map(integer)),
    "held-up": array(status.heldUp.map(({ partition, consumer, count }) =>
      record({
        partition: integer(partition),
        consumer: consumer === undefined ? NULL : bulk(consumer),
        pending: integer(count),
      })
    )),
    idle: integer(status.idleMs),
    principal: bulkOrNull(principal),
  });
}

function memberReply({ client: { user } }: Context, member: GroupMember): Reply {
  const shown = member.partitions.filter(({ topic }) => seesTopic(user, topic));
  const byTopic = [...Map.groupBy(shown, ({ topic }) => topic)].sort(([a], [b]) => a < b ? -1 : 1);
  return record({
    client: bulk(member.clientId),
    member: bulk(member.memberId),
    host: bulk(member.host),
    assigned: array(byTopic.map(([topic, partitions]) =>
      record({
        topic: bulk(topic),
        partitions: array(
          partitions.map(({ partition }) => partition).sort((a, b) => a - b).map(integer),
        ),
      })
    )),
  });
}
