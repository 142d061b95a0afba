/**
 * CONFIG: those settings of Redis that clients ask for, with the values that are true here. Rafka's own configuration is
 * a file, see config.ts.
 *
 * @see https://redis.io/docs/latest/commands/config-get/
 * @module
 */

import { bulk, map, OK, type Reply } from "../../resp/reply.ts";
import * as arg from "../core/arguments.ts";
import { shown, toText } from "../core/args.ts";
import { type Command, command, REDACTED } from "../core/command.ts";
import { CommandError, syntaxError } from "../core/command_error.ts";
import { container } from "../core/container.ts";
import type { GatewayView } from "../core/context.ts";
import { clientAuthOf } from "../../config/tls_section.ts";
import { matchesGlob, parseGlob } from "../core/glob.ts";

type Read = (gateway: GatewayView) => string | number;

/** Redis' words. */
const AUTH_CLIENTS = { no: "no", optional: "optional", required: "yes" } as const;

/** Redis' names; what a Redis with these would do, Rafka does. */
const PARAMETERS: Readonly<Record<string, Read>> = {
  "appendonly": () => "no",
  "databases": () => 1,
  "latency-monitor-threshold": () => 0,
  "maxclients": ({ settings }) => settings.maxClients,
  "maxmemory": () => 0,
  "maxmemory-policy": () => "noeviction",
  "port": ({ port, settings }) => settings.port === null ? 0 : port,
  "proto-max-bulk-len": ({ settings }) => settings.maxBulkBytes,
  "replica-read-only": () => "yes",
  "save": () => "",
  "slave-read-only": () => "yes",
  "slowlog-log-slower-than": () => -1,
  "slowlog-max-len": () => 0,
  "timeout": ({ settings }) => Math.ceil(settings.idleTimeoutMs / 1_000), // 0 means never
  "tls-auth-clients": ({ settings: { tls } }) => tls ? AUTH_CLIENTS[clientAuthOf(tls)] : "yes",
  "tls-port": ({ tls }) => tls?.port ?? 0,
};

/** More than Redis has parameters; each is looked for in the whole list. */
const MAX_ASKED = 256;

const GET: Command = command({
  name: "CONFIG GET",
  arity: -3,
  arguments: [arg.pattern("parameter", { multiple: true })],
  summary: "Returns those of Redis' settings that clients ask for; a parameter may be a pattern",
  since: "0.2.0",
  group: "server",
  flags: ["admin"],
  run({ gateway }, args): Reply {
    if (args.length > MAX_ASKED) {
      throw new CommandError(
        "ERR",
        `CONFIG GET takes at most ${MAX_ASKED} parameters, got ${args.length}`,
      );
    }
    const chosen = new Map(args.flatMap((arg) => named(parseGlob(arg))));
    return map([...chosen].map(([name, read]) => [bulk(name), bulk(String(read(gateway)))]));
  },
});

const SET: Command = command({
  name: "CONFIG SET",
  arity: -4,
  arguments: [
    arg.block([arg.string("parameter"), arg.string("value")], {
      multiple: true,
      display: "<parameter value>",
    }),
  ],
  summary: "Returns an error: the configuration is read at start-up",
  since: "0.2.0",
  group: "server",
  flags: ["admin"],
  redact: (request) => request.map((word, at) => at > 2 ? REDACTED : word),
  run(_context, args): Reply {
    if (args.length % 2 !== 0) throw syntaxError();
    const name = toText(args[0]!);
    throw new CommandError(
      "ERR",
      Object.hasOwn(PARAMETERS, name.toLowerCase())
        ? `CONFIG SET failed (possibly related to argument '${name}') - can't set immutable config`
        : `Unknown option or number of arguments for CONFIG SET - '${shown(name)}'`,
    );
  },
});

const RESETSTAT: Command = command({
  name: "CONFIG RESETSTAT",
  arity: 2,
  summary: "Same as DEL stats; also resets the command and error statistics of INFO",
  since: "0.2.0",
  group: "server",
  flags: ["admin"],
  run({ gateway }): Reply {
    gateway.telemetry.messages.reset();
    gateway.telemetry.commands.reset();
    return OK;
  },
});

/** CONFIG and its subcommands */
export const configCommands: readonly Command[] = [
  container("CONFIG", "server", "A container for commands about settings", [GET, SET, RESETSTAT]),
];

/** A name is shown as it was asked for, in whatever case: under that one the client looks for it. */
function named(pattern: string): [name: string, read: Read][] {
  const lowerCase = pattern.toLowerCase();
  const isGlob = /[*?[]/.test(pattern);
  return Object.entries(PARAMETERS).filter(([name]) =>
    isGlob ? matchesGlob(lowerCase, name) : name === lowerCase
  ).map(([name, read]) => [isGlob ? name : pattern, read]);
}
