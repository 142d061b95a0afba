/**
 * ACL LIST, USERS, GETUSER, DRYRUN: who there is, and what they may do.
 *
 * @see https://redis.io/docs/latest/commands/acl-getuser/
 * @module
 */

import type { Selector } from "../../auth/selector.ts";
import { array, bulk, NULL, OK, record, type Reply, set } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import * as arg from "../core/arguments.ts";
import { shown, toText } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";

const LIST: Command = command({
  name: "ACL LIST",
  arity: 2,
  summary: "Lists the users with their rules, as lines of an ACL file",
  since: "0.7.0",
  group: "server",
  flags: ["admin"],
  run: ({ gateway }) => array(gateway.users.all.map((user) => bulk(user.describe()))),
});

const USERS: Command = command({
  name: "ACL USERS",
  arity: 2,
  summary: "Lists the names of the users",
  since: "0.7.0",
  group: "server",
  flags: ["admin"],
  run: ({ gateway }) => array(gateway.users.all.map(({ name }) => bulk(name))),
});

const GETUSER: Command = command({
  name: "ACL GETUSER",
  arity: 3,
  arguments: [arg.string("username")],
  summary: "Returns the rules of a user, and the SHA-256 of its passwords",
  since: "0.7.0",
  group: "server",
  flags: ["admin"],
  run({ gateway }, args): Reply {
    const user = gateway.users.get(toText(args[0]!));
    if (!user) return NULL;
    return record({
      flags: set(user.flags.map((flag) => bulk(flag))),
      passwords: array(user.hashes.map((hash) => bulk(hash))),
      ...describe(user.root),
      selectors: array(user.selectors.map((selector) => record(describe(selector)))),
    });
  },
});

/** Finds a command and its arguments; undefined for an unknown one, throws for a wrong number of arguments. */
export type LookUp = (
  request: Request,
) => { readonly command: Command; readonly args: Request } | undefined;

const dryRun = (lookUp: LookUp): Command =>
  command({
    name: "ACL DRYRUN",
    arity: -4,
    arguments: [
      arg.string("username"),
      arg.string("command"),
      arg.string("arg", { optional: true, multiple: true }),
    ],
    summary: "Returns OK if a user may run a command, else why not; does not run it",
    since: "0.7.0",
    group: "server",
    flags: ["admin"],
    run(context, [name, ...request]): Reply {
      const user = context.gateway.users.get(toText(name!));
      if (!user) throw new CommandError("ERR", `User '${shown(toText(name!))}' not found`);
      const found = lookUp(request);
      if (!found) {
        throw new CommandError("ERR", `Command '${shown(toText(request[0]!))}' not found`);
      }
      const { right, access, beforeLogin } = found.command;
      if (beforeLogin || user.isUnrestricted) return OK;
      const refusal = user.mayRun(right) && access
        ? user.refusal(right, access.uses(found.args, context), access.rights?.(found.args))
        : { reason: "command", object: right };
      if (!refusal) return OK;
      const { reason, object } = refusal;
      return bulk(
        reason === "command"
          ? `This user has no permissions to run the '${object}' command`
          : `This user has no permissions to access the '${shown(object)}' ${reason}`,
      );
    },
  });

/** ACL LIST, USERS, GETUSER, and DRYRUN, which looks commands up. */
export function aclUserCommands(lookUp: LookUp): readonly Command[] {
  return [LIST, USERS, GETUSER, dryRun(lookUp)];
}

function describe({ commands, keys, channels }: Selector): Record<string, Reply> {
  return { commands: bulk(commands), keys: bulk(keys), channels: bulk(channels) };
}
