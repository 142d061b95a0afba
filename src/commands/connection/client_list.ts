/**
 * CLIENT LIST, INFO, KILL and UNBLOCK: all connections, and how to end them or their blocked commands.
 *
 * @see https://redis.io/docs/latest/commands/client-list/
 * @module
 */

import { integer, OK, type Reply, verbatim } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import * as arg from "../core/arguments.ts";
import { type Argument, parseInteger, parsePositiveInteger, shown, toText } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError, syntaxError, tooManyArguments, Unblocked } from "../core/command_error.ts";
import type { ClientView, Context } from "../core/context.ts";
import { OptionCursor } from "../core/options.ts";
import {
  type ClientFields,
  clientInfo,
  formatFields,
  isSubscriber,
  redisFields,
  seconds,
} from "../core/client_info.ts";
import type { GroupReading } from "../../groups/group_readings.ts";
import { seesGroup, seesTopic, visibleClients } from "../core/visibility.ts";

/** Partitions or topics of a client beyond this number are counted, not named. */
const MAX_NAMED = 100;
/** Names of groups and consumers may have up to 32 KiB. */
const MAX_NAME_CHARACTERS = 128;
/** Redis' types of clients; there are no others than normal ones and those that subscribe. */
const TYPES = ["normal", "master", "replica", "slave", "pubsub"];

const INFO: Command = command({
  name: "CLIENT INFO",
  arity: 2,
  summary: "Returns this connection's fields of CLIENT LIST, without those about Kafka",
  since: "0.2.0",
  group: "connection",
  flags: [],
  run: ({ client }) => verbatim(`${clientInfo(client)}\n`),
});

const LIST: Command = command({
  name: "CLIENT LIST",
  arity: -2,
  arguments: [
    arg.string("type", { token: "TYPE", optional: true }),
    arg.block([arg.integer("client-id", { multiple: true })], { token: "ID", optional: true }),
  ],
  summary:
    "Lists connections, with library, group, topics, partitions, outstanding messages and streams",
  since: "0.2.0",
  group: "connection",
  flags: ["admin"],
  run(context, args): Reply {
    const chosen = visibleClients(context).filter(parseListOptions(args));
    const lines = chosen.map((client) =>
      `${
        formatFields({
          ...redisFields(client),
          ...kafkaFields(client),
          ...streamFields(visibleReadings(context, client)),
        })
      }\n`
    );
    return verbatim(lines.join(""));
  },
});

const KILL: Command = command({
  name: "CLIENT KILL",
  arity: -3,
  arguments: [
    arg.oneOf([
      arg.string("ip:port"),
      arg.block([
        arg.integer("client-id", { token: "ID", optional: true }),
        arg.string("type", { token: "TYPE", optional: true }),
        arg.string("username", { token: "USER", optional: true }),
        arg.string("ip:port", { token: "ADDR", optional: true }),
        arg.string("ip:port", { token: "LADDR", optional: true }),
        arg.string("yes/no", { token: "SKIPME", optional: true }),
        arg.integer("seconds", { token: "MAXAGE", optional: true }),
      ]),
    ]),
  ],
  summary: "Closes connections; their outstanding messages are still delivered",
  since: "0.2.0",
  group: "connection",
  flags: ["admin"],
  run(context, args): Reply {
    if (args.length === 1) {
      const address = toText(args[0]!);
      if (kill(context, (client) => client.address === address) > 0) return OK;
      throw new CommandError("ERR", "No such client");
    }
    return integer(kill(context, parseKillFilters(context, args)));
  },
});

const UNBLOCK: Command = command({
  name: "CLIENT UNBLOCK",
  arity: -3,
  arguments: [
    arg.integer("client-id"),
    arg.oneOf([arg.pureToken("TIMEOUT"), arg.pureToken("ERROR")], { optional: true }),
  ],
  summary:
    "Unblocks a client in BLPOP, XREAD, XREADGROUP, DUMP or WAIT, as after a timeout or with an error",
  since: "0.2.0",
  group: "connection",
  flags: ["admin"],
  run(context, args): Reply {
    if (args.length > 2) throw tooManyArguments("CLIENT", "UNBLOCK");
    const connectionId = parseInteger(args[0]!);
    const how = toText(args[1] ?? new Uint8Array(0)).toUpperCase();
    if (!["", "TIMEOUT", "ERROR"].includes(how)) {
      throw new CommandError("ERR", "CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
    }
    const client = visibleClients(context).find((one) => one.connectionId === connectionId);
    return integer(Number(client?.unblock(new Unblocked(how === "ERROR")) ?? false));
  },
});

/** CLIENT INFO, LIST, KILL, UNBLOCK */
export const clientListCommands: readonly Command[] = [INFO, LIST, KILL, UNBLOCK];

type Filter = (client: ClientView) => boolean;

function parseListOptions(args: Request): Filter {
  const options = new OptionCursor(args);
  if (!options.more) return () => true;
  if (options.take("TYPE", 1)) {
    const type = options.value();
    options.end();
    return ofType(type);
  }
  if (!options.take("ID", 1)) throw syntaxError();
  const ids = new Set(options.rest().map((id) => parseInteger(id, "Invalid client ID")));
  return ({ connectionId }) => ids.has(connectionId);
}

/** Matches the clients that pass every filter, without the one that asks unless SKIPME is `no`. */
function parseKillFilters({ client: own, gateway }: Context, args: Request): Filter {
  if (args.length % 2 !== 0) throw syntaxError();
  const filters: Filter[] = [];
  let skipMe = true;
  const options = new OptionCursor(args);
  while (options.more) {
    if (options.take("SKIPME")) skipMe = options.oneOf("YES", "NO") === "YES";
    else filters.push(parseKillFilter(options, gateway));
  }
  return (client) =>
    filters.every((filter) => filter(client)) &&
    !(skipMe && client.connectionId === own.connectionId);
}

function parseKillFilter(options: OptionCursor, { users }: Context["gateway"]): Filter {
  if (options.take("TYPE")) return ofType(options.value());
  if (options.take("ID")) {
    const id = parsePositiveInteger(options.value(), "client-id");
    return ({ connectionId }) => connectionId === id;
  }
  if (options.take("MAXAGE")) {
    const maxAgeSeconds = options.integer("maxage is not an integer or out of range");
    if (maxAgeSeconds <= 0) throw new CommandError("ERR", "maxage should be greater than 0");
    return ({ ageMs }) => seconds(ageMs) >= maxAgeSeconds;
  }
  const option = options.oneOf("USER", "ADDR", "LADDR");
  const value = toText(options.value());
  if (option === "ADDR") return ({ address }) => address === value;
  if (option === "LADDR") return ({ localAddress }) => localAddress === value;
  if (!users.get(value)) throw new CommandError("ERR", `No such user '${shown(value)}'`);
  return ({ user }) => user.name === value;
}

function ofType(argument: Argument): Filter {
  const type = toText(argument);
  if (!TYPES.includes(type.toLowerCase())) {
    throw new CommandError("ERR", `Unknown client type '${type}'`);
  }
  const wanted = type.toLowerCase();
  return (client) => wanted === (isSubscriber(client) ? "pubsub" : "normal");
}

/**
 * Closes connections; that of the client that asks after its reply.
 *
 * @returns how many
 */
function kill(context: Context, filter: Filter): number {
  const chosen = visibleClients(context).filter(filter);
  for (const client of chosen) {
    if (client.connectionId === context.client.connectionId) context.quit();
    else client.kill();
  }
  return chosen.length;
}

function kafkaFields(
  { identity, principal, kafka: { outstanding, held, consumer } }: ClientView,
): ClientFields {
  return {
    principal: principal ?? "",
    group: identity?.groupId ?? "",
    topics: named(consumer?.topics ?? []),
    partitions: named([...consumer?.assigned ?? []]),
    outstanding,
    held: Number(held),
  };
}

/** One value a stream, in the same order in each field. */
function streamFields(readings: readonly GroupReading[]): ClientFields {
  const list = (value: (reading: GroupReading) => string | number): string =>
    readings.map((reading) => shownName(`${value(reading)}`)).join(",");
  return {
    streams: list(({ topic }) => topic),
    "stream-groups": list(({ group }) => group),
    "stream-consumers": list(({ consumer }) => consumer),
    "stream-pending": list(({ pending }) => pending),
    "stream-paused": list(({ paused }) => paused),
    "stream-lag": list(({ lag }) => lag ?? -1),
  };
}

/** What the asking connection is shown of the groups that another one reads. */
function visibleReadings({ client: { user } }: Context, { readings }: ClientView): GroupReading[] {
  return readings?.list()
    .filter(({ group, topic }) => seesGroup(user, group) && seesTopic(user, topic)) ?? [];
}

/** Names of groups and consumers are any text: what separates fields or values is escaped, long ones are cut. */
function shownName(name: string): string {
  const start = name.length > MAX_NAME_CHARACTERS
    ? `${name.slice(0, MAX_NAME_CHARACTERS)}...`
    : name;
  // deno-lint-ignore no-control-regex
  return start.replaceAll(/[\s\x00-\x1f\x7f-\x9f]/g, "\\s").replaceAll(",", "\\c");
}

/** A regular expression may contain a space, which separates the fields of the list. */
function named(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMED).map((name) => name.replaceAll(/\s/g, "\\s"));
  if (names.length > MAX_NAMED) shown.push(`...(${names.length - MAX_NAMED}_more)`);
  return shown.join(",");
}
