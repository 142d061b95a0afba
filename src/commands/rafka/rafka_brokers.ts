/**
 * RAFKA BROKERS: the brokers of the cluster.
 *
 * @module
 */

import { array, bulk, integer, record, type Reply } from "../../resp/reply.ts";
import type { BrokerDescription } from "../../kafka/client/brokers.ts";
import { type Command, command } from "../core/command.ts";
import { adminOf, bulkOrNull } from "./admin_arguments.ts";

/** RAFKA BROKERS */
export const brokersCommand: Command = command({
  name: "RAFKA BROKERS",
  arity: 2,
  summary: "Lists the brokers that are up, with the addresses that they advertise",
  since: "0.8.0",
  group: "server",
  flags: ["admin", "readonly"],
  async run(context): Promise<Reply> {
    return array((await adminOf(context).describeBrokers()).map(brokerReply));
  },
});

/** A broker as a reply. */
export function brokerReply({ id, host, port, rack }: BrokerDescription): Reply {
  return record({
    id: integer(id),
    host: bulk(host),
    port: integer(port),
    rack: bulkOrNull(rack),
  });
}
