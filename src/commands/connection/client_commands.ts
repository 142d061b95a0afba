/**
 * CLIENT: the identity and modes of a connection.
 *
 * @see https://redis.io/docs/latest/commands/client/
 * @module
 */

import { bulk, integer, OK, type Reply } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { shown, toText } from "../core/args.ts";
import { clientListCommands } from "./client_list.ts";
import { requireLabel, setClientName } from "./client_name.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import { container } from "../core/container.ts";
import { ok } from "../core/dialect.ts";
import { OptionCursor } from "../core/options.ts";
import { trackingCommands } from "./tracking.ts";

const SETNAME: Command = command({
  name: "CLIENT SETNAME",
  arity: 3,
  arguments: [arg.string("<group.id>:<name>")],
  summary: "Sets the consumer group of this connection, and its name in the group",
  since: "0.1.0",
  group: "connection",
  flags: [],
  async run(context, args): Promise<Reply> {
    await setClientName(context, toText(args[0]!));
    return ok(context);
  },
});

const GETNAME: Command = command({
  name: "CLIENT GETNAME",
  arity: 2,
  summary: "Returns the name of this connection, else its address",
  since: "0.1.0",
  group: "connection",
  flags: [],
  run: (context) => bulk(context.client.id),
});

const ID: Command = command({
  name: "CLIENT ID",
  arity: 2,
  summary: "Returns the ID of this connection, which is never reused",
  since: "0.2.0",
  group: "connection",
  flags: [],
  run: (context) => integer(context.client.connectionId),
});

const SETINFO: Command = command({
  name: "CLIENT SETINFO",
  arity: 4,
  arguments: [
    arg.oneOf([
      arg.string("libname", { token: "LIB-NAME" }),
      arg.string("libver", { token: "LIB-VER" }),
    ]),
  ],
  summary: "Sets the client library's name or version, for CLIENT LIST",
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
});

const REPLY: Command = command({
  name: "CLIENT REPLY",
  arity: 3,
  arguments: [arg.oneOf([arg.pureToken("ON"), arg.pureToken("OFF"), arg.pureToken("SKIP")])],
  summary: "Turns replies on or off, or skips that of the next command",
  since: "0.2.0",
  group: "connection",
  flags: ["no_multi"], // in EXEC a BLPOP behind it would consume messages without a reply
  run({ client }, args): Reply {
    const mode = new OptionCursor(args).oneOf("ON", "OFF", "SKIP");
    if (mode === "ON") client.replyMode = "on";
    else if (mode === "OFF") client.replyMode = "off";
    else if (client.replyMode !== "off") client.replyMode = "skip";
    return OK;
  },
});

const NO_EVICT: Command = command({
  name: "CLIENT NO-EVICT",
  arity: 3,
  arguments: [arg.oneOf([arg.pureToken("ON"), arg.pureToken("OFF")])],
  summary: "Sets a flag of CLIENT LIST; no client is evicted",
  since: "0.2.0",
  group: "connection",
  flags: ["admin"],
  run({ client }, args): Reply {
    client.noEvict = new OptionCursor(args).oneOf("ON", "OFF") === "ON";
    return OK;
  },
});

const NO_TOUCH: Command = command({
  name: "CLIENT NO-TOUCH",
  arity: 3,
  arguments: [arg.oneOf([arg.pureToken("ON"), arg.pureToken("OFF")])],
  summary: "Sets a flag of CLIENT LIST; keys have no age",
  since: "0.2.0",
  group: "connection",
  flags: [],
  run({ client }, args): Reply {
    client.noTouch = new OptionCursor(args).oneOf("ON", "OFF") === "ON";
    return OK;
  },
});

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
