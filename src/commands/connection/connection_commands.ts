/**
 * Commands about the connection itself.
 *
 * @see https://redis.io/docs/latest/commands/?group=connection
 * @module
 */

import { array, bulk, integer, OK, record, type Reply, simple } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import { parseInteger, shown, toText } from "../core/args.ts";
import { setClientName } from "./client_name.ts";
import { type Command, REDACTED } from "../core/command.ts";
import { CommandError, syntaxError, wrongArity } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { ok } from "../core/dialect.ts";
import { REDIS_VERSION } from "../core/redis_version.ts";

const PING: Command = {
  name: "PING",
  arity: -1,
  usage: "PING [message]",
  summary: "Answers PONG, or the message",
  since: "0.1.0",
  group: "connection",
  flags: ["fast"],
  run(_context, args): Reply {
    if (args.length > 1) throw wrongArity("ping");
    return args[0] ? bulk(args[0]) : simple("PONG");
  },
};

const ECHO: Command = {
  name: "ECHO",
  arity: 2,
  usage: "ECHO message",
  summary: "Answers the message",
  since: "0.2.0",
  group: "connection",
  flags: ["fast"],
  run: (_context, args) => bulk(args[0]!),
};

const QUIT: Command = {
  name: "QUIT",
  arity: -1,
  usage: "QUIT",
  summary: "Answers OK, then the connection is closed",
  since: "0.1.0",
  group: "connection",
  flags: ["fast"],
  endsTransaction: true,
  run(context): Reply {
    context.quit();
    return ok(context);
  },
};

const SELECT: Command = {
  name: "SELECT",
  arity: 2,
  usage: "SELECT 0",
  summary: "There is one database, as in a Redis with `databases 1`",
  since: "0.2.0",
  group: "connection",
  flags: ["fast"],
  run(_context, args): Reply {
    const index = parseInteger(args[0]!);
    if (index === 0) return OK;
    throw new CommandError(
      "ERR",
      index === (index | 0)
        ? "DB index is out of range"
        : "value is out of range, value must between -2147483648 and 2147483647",
    );
  },
};

const AUTH: Command = {
  name: "AUTH",
  arity: -2,
  usage: "AUTH [username] password",
  summary: "No password is configured: an error, as in Redis, unless the user is `default`",
  since: "0.2.0",
  group: "connection",
  flags: ["fast"],
  redact: ([name, ...secrets]) => [name!, ...secrets.map(() => REDACTED)],
  run(_context, args): Reply {
    if (args.length > 2) throw syntaxError();
    if (args.length === 1) {
      throw new CommandError(
        "ERR",
        "AUTH <password> called without any password configured for the default user. " +
          "Are you sure your configuration is correct?",
      );
    }
    authenticate(toText(args[0]!));
    return OK;
  },
};

const HELLO: Command = {
  name: "HELLO",
  arity: -1,
  usage: "HELLO [protover [AUTH username password] [SETNAME clientname]]",
  summary: "Chooses RESP2 or RESP3; says who we are, as a Redis 7.4",
  since: "0.2.0",
  group: "connection",
  flags: ["fast"],
  // each AUTH hides two words, also one that is a name or a password: too much rather than too little
  redact: (request) =>
    request.map((word, at) => isAuth(request[at - 1]) || isAuth(request[at - 2]) ? REDACTED : word),
  run(context, args): Reply | Promise<Reply> {
    if (args.length === 0) return hello(context);
    const protocol = parseProtocol(args[0]!);
    const { username, name } = parseHelloOptions(args.slice(1));
    if (username !== undefined) authenticate(username);
    const switchOver = (): Reply => {
      context.client.protocol = protocol;
      return hello(context);
    };
    return name === undefined ? switchOver() : setClientName(context, name).then(switchOver);
  },
};

const RESET: Command = {
  name: "RESET",
  arity: 1,
  usage: "RESET",
  summary: "As if just connected: RESP2, no name; a consumer leaves its group",
  since: "0.2.0",
  group: "connection",
  flags: ["fast"],
  endsTransaction: true,
  async run(context): Promise<Reply> {
    await context.reset();
    return simple("RESET");
  },
};

const MONITOR: Command = {
  name: "MONITOR",
  arity: -1,
  usage: "MONITOR",
  summary: "Shows every command that any client sends",
  since: "0.1.0",
  group: "server",
  flags: ["admin"],
  run(context, args): Reply {
    if (args.length > 0) {
      throw new CommandError("ERR", "command 'monitor' does not accept any extra arguments");
    }
    if (context.executing) { // its lines would stand before the array of EXEC
      throw new CommandError("ERR", "MONITOR isn't allowed for DENY BLOCKING client");
    }
    context.startMonitoring();
    return OK;
  },
};

/** PING, ECHO, QUIT, SELECT, AUTH, HELLO, RESET, MONITOR */
export const connectionCommands: readonly Command[] = [
  PING,
  ECHO,
  QUIT,
  SELECT,
  AUTH,
  HELLO,
  RESET,
  MONITOR,
];

/** Everybody is `default`, who has no password, so that any is right, as in Redis. */
function authenticate(username: string): void {
  if (username !== "default") {
    throw new CommandError("WRONGPASS", "invalid username-password pair or user is disabled.");
  }
}

function parseProtocol(argument: Request[number]): 2 | 3 {
  const protocol = parseInteger(argument, "Protocol version is not an integer or out of range");
  if (protocol !== 2 && protocol !== 3) {
    throw new CommandError("NOPROTO", "unsupported protocol version");
  }
  return protocol;
}

function parseHelloOptions(args: Request): { username?: string; name?: string } {
  const options: { username?: string; name?: string } = {};
  for (let at = 0; at < args.length; at++) {
    const word = toText(args[at]!);
    const left = args.length - at - 1;
    if (word.toUpperCase() === "AUTH" && left >= 2) {
      options.username = toText(args[at + 1]!);
      at += 2;
    } else if (word.toUpperCase() === "SETNAME" && left >= 1) {
      options.name = toText(args[++at]!);
    } else {
      throw new CommandError("ERR", `Syntax error in HELLO option '${shown(word)}'`);
    }
  }
  return options;
}

function hello({ client }: Context): Reply {
  return record({
    server: bulk("redis"),
    version: bulk(REDIS_VERSION),
    proto: integer(client.protocol),
    id: integer(client.connectionId),
    mode: bulk("standalone"),
    role: bulk("master"),
    modules: array([]),
  });
}

function isAuth(word: Request[number] | undefined): boolean {
  return word?.byteLength === 4 && toText(word).toUpperCase() === "AUTH";
}
