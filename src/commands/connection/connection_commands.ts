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
import { DEFAULT_USER } from "../../auth/user_registry.ts";
import { logIn } from "../core/log_in.ts";
import { setClientName } from "./client_name.ts";
import { type Command, command, REDACTED } from "../core/command.ts";
import { CommandError, syntaxError, wrongArity } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { ok } from "../core/dialect.ts";
import { OptionCursor } from "../core/options.ts";
import { REDIS_VERSION } from "../core/about.ts";

/** To a subscriber. */
const PONG = bulk("pong");
const DEFAULT = new TextEncoder().encode(DEFAULT_USER);

const PING: Command = command({
  name: "PING",
  arity: -1,
  arguments: [arg.string("message", { optional: true })],
  summary: "Returns PONG, or the message",
  since: "0.1.0",
  group: "connection",
  flags: ["fast"],
  run({ client }, args): Reply {
    if (args.length > 1) throw wrongArity("ping");
    // as a message, so that clients tell it from replies
    if (client.isSubscribed && client.protocol === 2) return array([PONG, bulk(args[0] ?? "")]);
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
  beforeLogin: true,
  endsTransaction: true,
  run(context): Reply {
    context.kafka.ackPoppedAtEnd();
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
  summary:
    "Logs in as a user, or as `default`; without users of its own a gateway has `default` alone",
  since: "0.2.0",
  group: "connection",
  flags: ["fast"],
  beforeLogin: true,
  redact: ([name, ...secrets]) => [name!, ...secrets.map(() => REDACTED)],
  async run(context, args): Promise<Reply> {
    if (args.length > 2) throw syntaxError();
    const { users } = context.gateway;
    if (args.length === 1 && users.default.nopass) {
      throw new CommandError(
        "ERR",
        "AUTH <password> called without any password configured for the default user. " +
          "Are you sure your configuration is correct?",
      );
    }
    const [name, password] = args.length === 1 ? [DEFAULT, args[0]!] : args;
    await logIn(context, "AUTH", name!, password!);
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
  summary:
    "Switches to RESP2 or RESP3, logs in, names the connection; identifies the server as a Redis 7.4",
  since: "0.2.0",
  group: "connection",
  flags: ["fast"],
  beforeLogin: true,
  // each AUTH hides two arguments, even where it is a name or a password itself: too much rather than too little
  redact: (request) =>
    request.map((argument, at) =>
      isAuth(request[at - 1]) || isAuth(request[at - 2]) ? REDACTED : argument
    ),
  run(context, args): Reply | Promise<Reply> {
    if (args.length === 0) {
      requireLogin(context);
      return hello(context);
    }
    const protocol = parseProtocol(args[0]!);
    const { login, name } = parseHelloOptions(args.slice(1));
    if (!login) requireLogin(context);
    const switchOver = (): Reply => {
      context.client.protocol = protocol;
      return hello(context);
    };
    if (!login && name === undefined) return switchOver();
    return identify(context, login, name).then(switchOver);
  },
});

const RESET: Command = command({
  name: "RESET",
  arity: 1,
  summary: "Resets the connection: RESP2, no name; its consumer leaves the group",
  since: "0.2.0",
  group: "connection",
  flags: ["fast"],
  beforeLogin: true,
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

/** The login first: the name may be one that only the user may have. */
async function identify(
  context: Context,
  login: Login | undefined,
  name: string | undefined,
): Promise<void> {
  if (login) await logIn(context, "HELLO", login.name, login.password);
  if (name !== undefined) await setClientName(context, name);
}

function requireLogin({ client }: Context): void {
  if (client.authenticated) return;
  throw new CommandError(
    "NOAUTH",
    "HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be " +
      "used to authenticate the client and select the RESP protocol version at the same time",
  );
}

function parseProtocol(argument: Request[number]): 2 | 3 {
  const protocol = parseInteger(argument, "Protocol version is not an integer or out of range");
  if (protocol !== 2 && protocol !== 3) {
    throw new CommandError("NOPROTO", "unsupported protocol version");
  }
  return protocol;
}

interface Login {
  readonly name: Request[number];
  readonly password: Request[number];
}

function parseHelloOptions(args: Request): { login?: Login; name?: string } {
  const options: { login?: Login; name?: string } = {};
  const cursor = new OptionCursor(args);
  while (cursor.more) {
    if (cursor.take("AUTH", 2)) {
      options.login = { name: cursor.value(), password: cursor.value() };
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
