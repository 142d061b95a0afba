/**
 * Commands about the connection itself.
 *
 * @see https://redis.io/docs/latest/commands/?group=connection
 * @module
 */

import { array, bulk, integer, OK, record, type Reply, simple } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import * as arg from "../core/arguments.ts";
import { parseInteger, shown, toText } from "../core/args.ts";
import { setClientName } from "./client_name.ts";
import { type Command, command, REDACTED } from "../core/command.ts";
import { CommandError, syntaxError, wrongArity } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { ok } from "../core/dialect.ts";
import { OptionCursor } from "../core/options.ts";
import { REDIS_VERSION } from "../core/about.ts";

const PING: Command = command({
  name: "PING",
  arity: -1,
  arguments: [arg.string("message", { optional: true })],
  summary: "Returns PONG, or the message",
  since: "0.1.0",
  group: "connection",
  flags: ["fast"],
  run(_context, args): Reply {
    if (args.length > 1) throw wrongArity("ping");
    return args[0] ? bulk(args[0]) : simple("PONG");
  },
});

const ECHO: Command = command({
  name: "ECHO",
  arity: 2,
  arguments: [arg.string("message")],
  summary: "Returns the message",
  since: "0.2.0",
  group: "connection",
  flags: ["fast"],
  run: (_context, args) => bulk(args[0]!),
});

const QUIT: Command = command({
  name: "QUIT",
  arity: -1,
  summary: "Returns OK, then closes the connection",
  since: "0.1.0",
  group: "connection",
  flags: ["fast"],
  endsTransaction: true,
  run(context): Reply {
    context.quit();
    return ok(context);
  },
});

const SELECT: Command = command({
  name: "SELECT",
  arity: 2,
  arguments: [arg.integer("0")],
  summary: "Accepts the only database, as a Redis with `databases 1`",
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
});

const AUTH: Command = command({
  name: "AUTH",
  arity: -2,
  arguments: [arg.string("username", { optional: true }), arg.string("password")],
  summary: "Returns an error, as a Redis without a password, unless the user is `default`",
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
});

const HELLO: Command = command({
  name: "HELLO",
  arity: -1,
  arguments: [
    arg.block([
      arg.integer("protover"),
      arg.block([arg.string("username"), arg.string("password")], {
        token: "AUTH",
        optional: true,
      }),
      arg.string("clientname", { token: "SETNAME", optional: true }),
    ], { optional: true }),
  ],
  summary: "Switches to RESP2 or RESP3; identifies the server as a Redis 7.4",
  since: "0.2.0",
  group: "connection",
  flags: ["fast"],
  // each AUTH hides two arguments, even where it is a name or a password itself: too much rather than too little
  redact: (request) =>
    request.map((argument, at) =>
      isAuth(request[at - 1]) || isAuth(request[at - 2]) ? REDACTED : argument
    ),
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
});

const RESET: Command = command({
  name: "RESET",
  arity: 1,
  summary: "Resets the connection: RESP2, no name; its consumer leaves the group",
  since: "0.2.0",
  group: "connection",
  flags: ["fast"],
  endsTransaction: true,
  async run(context): Promise<Reply> {
    await context.reset();
    return simple("RESET");
  },
});

const MONITOR: Command = command({
  name: "MONITOR",
  arity: -1,
  summary: "Streams every command of every client",
  since: "0.1.0",
  group: "server",
  flags: ["admin"],
  run(context, args): Reply {
    if (args.length > 0) {
      throw new CommandError("ERR", "command 'monitor' does not accept any extra arguments");
    }
    if (context.executing) { // its lines would precede the array of EXEC
      throw new CommandError("ERR", "MONITOR isn't allowed for DENY BLOCKING client");
    }
    context.startMonitoring();
    return OK;
  },
});

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

/** The only user is `default`, for which any password is right, as in a Redis without one. */
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
  const cursor = new OptionCursor(args);
  while (cursor.more) {
    if (cursor.take("AUTH", 2)) {
      options.username = toText(cursor.value());
      cursor.value(); // any password is right
    } else if (cursor.take("SETNAME", 1)) {
      options.name = toText(cursor.value());
    } else {
      const option = shown(toText(cursor.value()));
      throw new CommandError("ERR", `Syntax error in HELLO option '${option}'`);
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

function isAuth(argument: Request[number] | undefined): boolean {
  return argument?.byteLength === 4 && toText(argument).toUpperCase() === "AUTH";
}
