/**
 * ACL LOG: the latest refusals.
 *
 * @see https://redis.io/docs/latest/commands/acl-log/
 * @module
 */

import type { DenialEntry } from "../../auth/acl_log.ts";
import { array, bulk, integer, OK, record, type Reply } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { parseInteger, toText } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { tooManyArguments } from "../core/command_error.ts";
import { seesUser } from "../core/visibility.ts";

/** As in Redis. */
const DEFAULT_COUNT = 10;

/** ACL LOG */
export const aclLogCommand: Command = command({
  name: "ACL LOG",
  arity: -2,
  arguments: [
    arg.oneOf([arg.integer("count"), arg.pureToken("RESET")], { optional: true }),
  ],
  summary: "Lists the latest refusals of logins, commands and keys, or forgets them",
  since: "0.7.0",
  group: "server",
  flags: ["admin"],
  run({ gateway: { aclLog, principals }, client }, args): Reply {
    if (args.length > 1) throw tooManyArguments("ACL", "LOG");
    if (args[0] && toText(args[0].subarray(0, 6)).toUpperCase() === "RESET") {
      aclLog.reset();
      return OK;
    }
    const count = args[0] ? Math.max(parseInteger(args[0]), 0) : DEFAULT_COUNT;
    const isShown = ({ username: name }: DenialEntry): boolean =>
      seesUser(client, { name, principal: principals.nameOf({ name }) });
    return array(aclLog.latest(Infinity).filter(isShown).slice(0, count).map(describe));
  },
});

function describe(entry: DenialEntry): Reply {
  return record({
    "count": integer(entry.count),
    "reason": bulk(entry.reason),
    "context": bulk(entry.context),
    "object": bulk(entry.object),
    "username": bulk(entry.username),
    "age-seconds": bulk(String((Date.now() - entry.atMs) / 1_000)),
    "client-info": bulk(entry.clientInfo),
  });
}
