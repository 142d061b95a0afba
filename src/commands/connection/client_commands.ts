/**
 * CLIENT: what a connection says and asks about itself.
 *
 * @see https://redis.io/docs/latest/commands/client/
 * @module
 */

import { bulk, integer, OK, type Reply } from "../../resp/reply.ts";
import { type Argument, shown, toText } from "../core/args.ts";
import { clientListCommands } from "./client_list.ts";
import { requireLabel, setClientName } from "./client_name.ts";
import type { Command } from "../core/command.ts";
import { CommandError, syntaxError } from "../core/command_error.ts";
import { container } from "../core/container.ts";
import { ok } from "../core/dialect.ts";
import { trackingCommands } from "./tracking.ts";

const SETNAME: Command = {
  name: "CLIENT SETNAME",
  arity: 3,
  usage: "CLIENT SETNAME <group.id>:<name>",
  summary: "Says which consumer group this connection belongs to, and its own name in there",
  since: "0.1.0",
  group: "connection",
  flags: [],
  async run(context, args): Promise<Reply> {
    await setClientName(context, toText(args[0]!));
    return ok(context);
  },
};

const GETNAME: Command = {
  name: "CLIENT GETNAME",
  arity: 2,
  usage: "CLIENT GETNAME",
  summary: "The name given with CLIENT SETNAME, else the address of the client",
  since: "0.1.0",
  group: "connection",
  flags: [],
  run: (context) => bulk(context.client.id),
};

const ID: Command = {
  name: "CLIENT ID",
  arity: 2,
  usage: "CLIENT ID",
  summary: "The number of this connection; it is never used again",
  since: "0.2.0",
  group: "connection",
  flags: [],
  run: (context) => integer(context.client.connectionId),
};

const SETINFO: Command = {
  name: "CLIENT SETINFO",
  arity: 4,
  usage: "CLIENT SETINFO <LIB-NAME libname | LIB-VER libver>",
  summary: "Says which client library this is, for CLIENT LIST",
  since: "0.2.0",
  group: "connection",
  flags: [],
  run(context, args): Reply {
    const [option, value] = [toText(args[0]!), toText(args[1]!)];
    const attribute = option.toLowerCase();
    if (attribute !== "lib-name" && attribute !== "lib-ver") {
      throw new CommandError("ERR", `Unrecognized option '${shown(option)}'`);
    }
    requireLabel(attribute, value);
    if (attribute === "lib-name") context.client.libraryName = value;
    else context.client.libraryVersion = value;
    return OK;
  },
};

const REPLY: Command = {
  name: "CLIENT REPLY",
  arity: 3,
  usage: "CLIENT REPLY <ON | OFF | SKIP>",
  summary: "Answers everything, nothing, or all but this and the next command",
  since: "0.2.0",
  group: "connection",
  flags: ["no_multi"], // the messages that BLPOP takes in EXEC would not be shown
  run({ client }, args): Reply {
    const mode = oneOf(args[0]!, ["ON", "OFF", "SKIP"]);
    if (mode === "ON") client.replyMode = "on";
    else if (mode === "OFF") client.replyMode = "off";
    else if (client.replyMode !== "off") client.replyMode = "skip";
    return OK;
  },
};

const NO_EVICT: Command = {
  name: "CLIENT NO-EVICT",
  arity: 3,
  usage: "CLIENT NO-EVICT <ON | OFF>",
  summary: "Noted for CLIENT LIST; nobody is evicted",
  since: "0.2.0",
  group: "connection",
  flags: ["admin"],
  run({ client }, args): Reply {
    client.noEvict = oneOf(args[0]!, ["ON", "OFF"]) === "ON";
    return OK;
  },
};

const NO_TOUCH: Command = {
  name: "CLIENT NO-TOUCH",
  arity: 3,
  usage: "CLIENT NO-TOUCH <ON | OFF>",
  summary: "Noted for CLIENT LIST; keys have no age here",
  since: "0.2.0",
  group: "connection",
  flags: [],
  run({ client }, args): Reply {
    client.noTouch = oneOf(args[0]!, ["ON", "OFF"]) === "ON";
    return OK;
  },
};

/** CLIENT and its subcommands */
export const clientCommands: readonly Command[] = [
  container("CLIENT", "connection", "A container for commands about connections", [
    SETNAME,
    GETNAME,
    ID,
    SETINFO,
    ...clientListCommands,
    REPLY,
    NO_EVICT,
    NO_TOUCH,
    ...trackingCommands,
  ]),
];

function oneOf<T extends string>(argument: Argument, allowed: readonly T[]): T {
  const word = toText(argument).toUpperCase();
  const found = allowed.find((one) => one === word);
  if (found === undefined) throw syntaxError();
  return found;
}
