/**
 * A command as COMMAND shows it. That never changes, so it is encoded once: who asks for the same a thousand times in
 * one request, or sends a thousand such requests, must not stall the others.
 *
 * @module
 */

import {
  array,
  bulk,
  integer,
  map,
  pieces,
  type ProtocolVersion,
  record,
  type Reply,
  set,
  simple,
} from "../../resp/reply.ts";
import { encodeReply } from "../../resp/reply_writer.ts";
import { canonicalName, type Command } from "../core/command.ts";
import { usageArguments } from "../core/usage.ts";

/** All commands, by name and as replies. */
export class CommandEntries {
  readonly #table: () => readonly Command[];
  readonly #infos = new EncodedReplies(info);
  readonly #docs = new EncodedReplies(docs);
  #byName: ReadonlyMap<string, Command> | undefined;

  /**
   * The entries of a table.
   *
   * @param table all top-level commands; called only when an entry is asked for
   */
  constructor(table: () => readonly Command[]) {
    this.#table = table;
  }

  /** By `client` or `client|setname`. */
  find(name: string): Command | undefined {
    this.#byName ??= new Map(
      this.#table().flatMap((one) => [one, ...one.subcommands ?? []])
        .map((one) => [canonicalName(one), one]),
    );
    return this.#byName.get(name.toLowerCase());
  }

  /** Redis' ten fields. */
  info(command: Command, protocol: ProtocolVersion): Reply {
    return this.#infos.of(command, protocol);
  }

  /** Summary and arguments. */
  docs(command: Command, protocol: ProtocolVersion): Reply {
    return this.#docs.of(command, protocol);
  }
}

/** One reply for each command, made when it is first asked for. */
class EncodedReplies {
  readonly #make: (command: Command) => Reply;
  readonly #replies: Readonly<Record<ProtocolVersion, Map<Command, Reply>>> = {
    2: new Map(),
    3: new Map(),
  };

  constructor(make: (command: Command) => Reply) {
    this.#make = make;
  }

  of(command: Command, protocol: ProtocolVersion): Reply {
    const known = this.#replies[protocol].get(command);
    if (known) return known;
    const reply = pieces([encodeReply(this.#make(command), protocol)]);
    this.#replies[protocol].set(command, reply);
    return reply;
  }
}

/** A command's name, as a reply. */
export function nameOf(command: Command): Reply {
  return bulk(canonicalName(command));
}

/** Tips and key specifications are empty. */
function info(command: Command): Reply {
  const { arity, flags, keys, subcommands = [] } = command;
  return array([
    nameOf(command),
    integer(arity),
    set(flags.map(simple)),
    integer(keys?.first ?? 0),
    integer(keys?.last ?? 0),
    integer(keys ? 1 : 0),
    set(aclCategories(command).map(simple)),
    set([]),
    set([]),
    subcommands.length > 0 ? array(subcommands.map(info)) : set([]), // as Redis has it
  ]);
}

function docs(command: Command): Reply {
  const args = usageArguments(command);
  const subcommands = command.subcommands?.map((one): [Reply, Reply] => [nameOf(one), docs(one)]);
  return record({
    summary: bulk(command.summary),
    since: bulk(command.since),
    group: bulk(command.group),
    ...(args && { arguments: args }),
    ...(subcommands && { subcommands: map(subcommands) }),
  });
}

/** As Redis derives them from flags and group. */
export function aclCategories({ flags, group }: Command): string[] {
  const has = (flag: Command["flags"][number]): boolean => flags.includes(flag);
  return [
    ...(has("write") ? ["@write"] : []),
    ...(has("readonly") ? ["@read"] : []),
    ...(group === "server" ? [] : [`@${group === "generic" ? "keyspace" : group}`]),
    ...(has("admin") ? ["@admin", "@dangerous"] : []),
    ...(has("blocking") ? ["@blocking"] : []),
    has("fast") ? "@fast" : "@slow",
  ];
}
