/**
 * CLIENT LIST, INFO, KILL and UNBLOCK: who is connected, what they are doing, and how to put an end to it.
 *
 * @see https://redis.io/docs/latest/commands/client-list/
 * @module
 */

import { integer, OK, type Reply, verbatim } from "../../resp/reply.ts";
import { type Argument, parseInteger, toText } from "../core/args.ts";
import type { Command } from "../core/command.ts";
import { CommandError, syntaxError, tooManyArguments, Unblocked } from "../core/command_error.ts";
import type { ClientView, Context } from "../core/context.ts";

/** More partitions or topics of a client than these are counted, not named. */
const MAX_NAMED = 100;
/** Redis' types of clients; all of ours are normal. */
const TYPES = ["normal", "master", "replica", "slave", "pubsub"];

const INFO: Command = {
  name: "CLIENT INFO",
  arity: 2,
  usage: "CLIENT INFO",
  summary: "This connection, as CLIENT LIST shows it, without what is Kafka's",
  since: "0.2.0",
  group: "connection",
  flags: [],
  run: ({ client }) => verbatim(`${format(redisFields(client))}\n`),
};

const LIST: Command = {
  name: "CLIENT LIST",
  arity: -2,
  usage: "CLIENT LIST [TYPE type] [ID client-id [client-id ...]]",
  summary: "Who is connected, with library, group, topics, partitions and outstanding messages",
  since: "0.2.0",
  group: "connection",
  flags: ["admin"],
  run({ gateway }, args): Reply {
    const chosen = gateway.clientList.filter(parseListOptions(args));
    const lines = chosen.map((client) =>
      `${format({ ...redisFields(client), ...kafkaFields(client) })}\n`
    );
    return verbatim(lines.join(""));
  },
};

const KILL: Command = {
  name: "CLIENT KILL",
  arity: -3,
  usage: "CLIENT KILL <ip:port | [ID client-id] [TYPE type] [USER username] [ADDR ip:port] " +
    "[LADDR ip:port] [SKIPME yes/no] [MAXAGE seconds]>",
  summary: "Disconnects clients; what they have produced is still delivered",
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
};

const UNBLOCK: Command = {
  name: "CLIENT UNBLOCK",
  arity: -3,
  usage: "CLIENT UNBLOCK client-id [TIMEOUT | ERROR]",
  summary:
    "Ends the BLPOP, BLMPOP, DUMP or WAIT of a client, as if its time were over, or with an error",
  since: "0.2.0",
  group: "connection",
  flags: ["admin"],
  run({ gateway }, args): Reply {
    if (args.length > 2) throw tooManyArguments("CLIENT", "UNBLOCK");
    const connectionId = parseInteger(args[0]!);
    const how = toText(args[1] ?? new Uint8Array(0)).toUpperCase();
    if (!["", "TIMEOUT", "ERROR"].includes(how)) {
      throw new CommandError("ERR", "CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
    }
    const client = gateway.clientList.find((one) => one.connectionId === connectionId);
    return integer(Number(client?.unblock(new Unblocked(how === "ERROR")) ?? false));
  },
};

/** CLIENT INFO, LIST, KILL, UNBLOCK */
export const clientListCommands: readonly Command[] = [INFO, LIST, KILL, UNBLOCK];

type Filter = (client: ClientView) => boolean;

function parseListOptions(args: readonly Argument[]): Filter {
  if (args.length === 0) return () => true;
  const option = toText(args[0]!).toUpperCase();
  if (option === "TYPE" && args.length === 2) return ofType(args[1]!);
  if (option !== "ID" || args.length < 2) throw syntaxError();
  const ids = new Set(args.slice(1).map((id) => parseInteger(id, "Invalid client ID")));
  return ({ connectionId }) => ids.has(connectionId);
}

/** All of them must hold; the client that asks is left out unless SKIPME is `no`. */
function parseKillFilters({ client: own }: Context, args: readonly Argument[]): Filter {
  if (args.length % 2 !== 0) throw syntaxError();
  const filters: Filter[] = [];
  let skipMe = true;
  for (let at = 0; at < args.length; at += 2) {
    const value = toText(args[at + 1]!);
    switch (toText(args[at]!).toUpperCase()) {
      case "ID": {
        const id = parseInteger(args[at + 1]!, "client-id should be greater than 0");
        if (id <= 0) throw new CommandError("ERR", "client-id should be greater than 0");
        filters.push(({ connectionId }) => connectionId === id);
        break;
      }
      case "TYPE":
        filters.push(ofType(args[at + 1]!));
        break;
      case "USER":
        if (value !== "default") throw new CommandError("ERR", `No such user '${value}'`);
        break;
      case "ADDR":
        filters.push(({ address }) => address === value);
        break;
      case "LADDR":
        filters.push(({ localAddress }) => localAddress === value);
        break;
      case "MAXAGE": {
        const maxAgeSeconds = parseInteger(
          args[at + 1]!,
          "maxage is not an integer or out of range",
        );
        if (maxAgeSeconds <= 0) throw new CommandError("ERR", "maxage should be greater than 0");
        filters.push(({ ageMs }) => seconds(ageMs) >= maxAgeSeconds);
        break;
      }
      case "SKIPME":
        if (!/^(yes|no)$/i.test(value)) throw syntaxError();
        skipMe = value.toLowerCase() === "yes";
        break;
      default:
        throw syntaxError();
    }
  }
  return (client) =>
    filters.every((filter) => filter(client)) &&
    !(skipMe && client.connectionId === own.connectionId);
}

function ofType(argument: Argument): Filter {
  const type = toText(argument);
  if (!TYPES.includes(type.toLowerCase())) {
    throw new CommandError("ERR", `Unknown client type '${type}'`);
  }
  return () => type.toLowerCase() === "normal";
}

/** How many; the client that asks gets its reply before it goes. */
function kill(context: Context, filter: Filter): number {
  const chosen = context.gateway.clientList.filter(filter);
  for (const client of chosen) {
    if (client.connectionId === context.client.connectionId) context.quit();
    else client.kill();
  }
  return chosen.length;
}

type Fields = Readonly<Record<string, string | number>>;

/**
 * All of Redis 7.2, in its order: some clients refuse CLIENT INFO with a field that they don't know, and some fail
 * without one that they do. What there is none of here is 0.
 */
function redisFields(client: ClientView): Fields {
  const { aheadBytes, unwrittenBytes } = client;
  const transactionBytes = client.transaction?.byteLength ?? 0;
  return {
    id: client.connectionId,
    addr: client.address,
    laddr: client.localAddress,
    fd: -1, // not known
    name: client.name ?? "",
    age: seconds(client.ageMs),
    idle: seconds(client.idleMs),
    flags: flags(client),
    db: 0,
    sub: 0,
    psub: 0,
    ssub: 0,
    multi: client.transaction?.requests.length ?? -1,
    qbuf: aheadBytes,
    "qbuf-free": 0,
    "argv-mem": 0,
    "multi-mem": transactionBytes,
    rbs: 0,
    rbp: 0,
    obl: 0,
    oll: Number(unwrittenBytes > 0),
    omem: unwrittenBytes,
    "tot-mem": aheadBytes + transactionBytes + unwrittenBytes,
    events: unwrittenBytes > 0 ? "rw" : "r",
    cmd: client.lastCommand || "NULL",
    user: "default",
    redir: client.tracking ? 0 : -1,
    resp: client.protocol,
    "lib-name": client.libraryName,
    "lib-ver": client.libraryVersion,
  };
}

function kafkaFields({ identity, kafka: { producer, consumer } }: ClientView): Fields {
  return {
    group: identity?.groupId ?? "",
    topics: named(consumer?.topics ?? []),
    partitions: named([...consumer?.assigned ?? []]),
    outstanding: producer?.outstanding ?? 0,
    held: Number(producer?.held ?? false),
  };
}

/** No value holds a space. */
function format(fields: Fields): string {
  return Object.entries(fields).map(([name, value]) => `${name}=${value}`).join(" ");
}

function flags(client: ClientView): string {
  const { blocked, monitoring, transaction, tracking, noEvict, noTouch } = client;
  const set = [
    monitoring && "O",
    transaction && "x",
    blocked && "b",
    tracking && "t",
    tracking?.options.broadcast && "B",
    noEvict && "e",
    noTouch && "T",
  ];
  return set.filter((flag) => flag).join("") || "N";
}

/** A regular expression may hold a space; the list's fields are told apart by spaces. */
function named(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMED).map((name) => name.replaceAll(/\s/g, "\\s"));
  if (names.length > MAX_NAMED) shown.push(`...(${names.length - MAX_NAMED}_more)`);
  return shown.join(",");
}

function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
