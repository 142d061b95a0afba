/**
 * ACL: users and what they may do. The configuration defines them; clients ask only.
 *
 * @see https://redis.io/docs/latest/commands/?name=acl
 * @module
 */

import { array, bulk, OK, type Reply } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { parseInteger, shown, toText } from "../core/args.ts";
import { aclLogCommand } from "./acl_log_command.ts";
import { aclUserCommands, type LookUp } from "./acl_users.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError, tooManyArguments } from "../core/command_error.ts";
import { container } from "../core/container.ts";
import { CATEGORIES } from "../../auth/rights.ts";

const MAX_BITS = 4_096;
const DEFAULT_BITS = 256;
const BITS_PER_DIGIT = 4;

const WHOAMI: Command = command({
  name: "ACL WHOAMI",
  arity: 2,
  summary: "Returns the name of this connection's user",
  since: "0.7.0",
  group: "server",
  flags: [],
  run: ({ client }) => bulk(client.user.name),
});

const CAT: Command = command({
  name: "ACL CAT",
  arity: -2,
  arguments: [arg.string("category", { optional: true })],
  summary: "Lists the categories of commands, or the commands of one",
  since: "0.7.0",
  group: "server",
  flags: [],
  run({ gateway }, args): Reply {
    if (args.length > 1) throw tooManyArguments("ACL", "CAT");
    if (args.length === 0) return array(CATEGORIES.map((name) => bulk(name)));
    const category = toText(args[0]!).toLowerCase();
    const names = gateway.users.catalog.inCategory(category);
    if (!names) throw new CommandError("ERR", `Unknown category '${shown(toText(args[0]!))}'`);
    return array(names.map((name) => bulk(name)));
  },
});

const GENPASS: Command = command({
  name: "ACL GENPASS",
  arity: -2,
  arguments: [arg.integer("bits", { optional: true })],
  summary: "Returns a random password of 256 bits, or as many as asked for",
  since: "0.7.0",
  group: "server",
  flags: [],
  run(_context, args): Reply {
    if (args.length > 1) throw tooManyArguments("ACL", "GENPASS");
    const bits = args[0] ? parseInteger(args[0]) : DEFAULT_BITS;
    if (bits <= 0 || bits > MAX_BITS) {
      throw new CommandError(
        "ERR",
        "ACL GENPASS argument must be the number of bits for the output password, a positive number up to " +
          `${MAX_BITS}`,
      );
    }
    const digits = Math.ceil(bits / BITS_PER_DIGIT);
    const bytes = crypto.getRandomValues(new Uint8Array(Math.ceil(digits / 2)));
    return bulk(bytes.toHex().slice(0, digits));
  },
});

const LOAD: Command = command({
  name: "ACL LOAD",
  arity: 2,
  summary: "Reads the users from `aclFile` again; what a user may do no more ends",
  since: "0.7.0",
  group: "server",
  flags: ["admin"],
  run({ gateway }): Reply {
    gateway.reloadUsers();
    return OK;
  },
});

/** A subcommand that would change what the configuration says. */
function refusing(name: string, arity: number, args: readonly arg.ArgumentSpec[]): Command {
  return command({
    name: `ACL ${name}`,
    arity,
    arguments: args,
    summary: "Returns an error: users are defined by the configuration",
    since: "0.7.0",
    group: "server",
    flags: ["admin"],
    redact: (request) => request.slice(0, 2),
    run(): Reply {
      throw new CommandError(
        "ERR",
        `ACL ${name} is not possible: users are defined by the configuration, in server.users or in the file that ` +
          "server.aclFile names, which ACL LOAD reads again",
      );
    },
  });
}

/** ACL and its subcommands; `lookUp` finds the commands that DRYRUN names. */
export const aclCommands = (lookUp: LookUp): readonly Command[] => [
  container("ACL", "server", "A container for commands about users and their rights", [
    WHOAMI,
    ...aclUserCommands(lookUp),
    CAT,
    GENPASS,
    aclLogCommand,
    LOAD,
    refusing("SETUSER", -3, [
      arg.string("username"),
      arg.string("rule", { optional: true, multiple: true }),
    ]),
    refusing("DELUSER", -3, [arg.string("username", { multiple: true })]),
    refusing("SAVE", 2, []),
  ]),
];
