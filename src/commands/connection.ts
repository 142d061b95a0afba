/**
 * @module
 * Commands about the connection itself.
 *
 * @see https://redis.io/docs/latest/commands/?group=connection
 */

import { bulk, OK, type Reply, simple } from "../resp/reply.ts";
import { parseIdentity, toText } from "./args.ts";
import { type Command, CommandError } from "./command.ts";

const PING: Command = {
  name: "PING",
  arity: -1,
  usage: "PING [message]",
  summary: "Answers PONG, or the message",
  errorCode: "ERR",
  run(_context, args): Reply {
    if (args.length > 1) {
      throw new CommandError("ERR", "wrong number of arguments for 'PING' command");
    }
    return args[0] ? bulk(args[0]) : simple("PONG");
  },
};

const QUIT: Command = {
  name: "QUIT",
  arity: -1,
  usage: "QUIT",
  summary: "Answers OK, then the connection is closed",
  errorCode: "ERR",
  run(context): Reply {
    context.quit();
    return bulk("OK");
  },
};

const CLIENT_SETNAME: Command = {
  name: "CLIENT SETNAME",
  arity: 3,
  usage: "CLIENT SETNAME <group.id>:<name>",
  summary: "Says which consumer group this connection belongs to, and its own name in there",
  errorCode: "CONS",
  async run(context, args): Promise<Reply> {
    const name = toText(args[0]!);
    if (!/^[!-~]*$/.test(name)) {
      throw new CommandError(
        "ERR",
        "Client names cannot contain spaces, newlines or special characters.",
      );
    }
    if (context.identity && context.clientName !== name) {
      throw new CommandError("CONS", `Client ID is already set to ${context.clientName}`);
    }
    if (context.clientName !== name) await context.setName(name, parseIdentity(name));
    return bulk("OK");
  },
};

const CLIENT_GETNAME: Command = {
  name: "CLIENT GETNAME",
  arity: 2,
  usage: "CLIENT GETNAME",
  summary: "The name given with CLIENT SETNAME, else the address of the client",
  errorCode: "ERR",
  run: (context) => bulk(context.id),
};

const MONITOR: Command = {
  name: "MONITOR",
  arity: -1,
  usage: "MONITOR",
  summary: "Shows every command that any client sends",
  errorCode: "ERR",
  run(context, args): Reply {
    if (args.length > 0) {
      throw new CommandError("ERR", "command 'monitor' does not accept any extra arguments");
    }
    context.startMonitoring();
    return OK;
  },
};

/** PING, QUIT, CLIENT SETNAME, CLIENT GETNAME, MONITOR */
export const connectionCommands: readonly Command[] = [
  PING,
  QUIT,
  CLIENT_SETNAME,
  CLIENT_GETNAME,
  MONITOR,
];
