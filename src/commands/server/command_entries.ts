/**
 * The replies of COMMAND for each command. They never change, so each is encoded once: a request that names a command a
 * thousand times, or a thousand such requests, must not stall other clients.
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
import { argumentsReply } from "../core/arguments.ts";
import { categoriesOf } from "../core/categories.ts";
import { canonicalName, type Command } from "../core/command.ts";

/** The entries of all commands. */
export class CommandEntries {
  readonly #table: () => readonly Command[];
  readonly #infos = new EncodedReplies(info);
  readonly #docs = new EncodedReplies(docs);
  #byName: ReadonlyMap<string, Command> | undefined;

  /**
   * Makes nothing yet.
   *
   * @param table all top-level commands; called for the first entry
   */
  constructor(table: () => readonly Command[]) {
    this.#table = table;
  }

  /** Finds a command by `client` or `client|setname`, in upper or lower case. */
  find(name: string): Command | undefined {
    this.#byName ??= new Map(
      this.#table().flatMap((one) => [one, ...one.subcommands ?? []])
        .map((one) => [canonicalName(one), one]),
    );
    return this.#byName.get(name.toLowerCase());
  }

  /** The reply of COMMAND INFO: Redis' ten fields. */
  info(command: Command, protocol: ProtocolVersion): Reply {
    return this.#infos.of(command, protocol);
  }

  /** The reply of COMMAND DOCS. */
  docs(command: Command, protocol: ProtocolVersion): Reply {
    return this.#docs.of(command, protocol);
  }
}

/** One reply for each command, made at its first use. */
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

/** A command's name as a reply. */
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
    set(categoriesOf(command).map((name) => simple(`@${name}`))),
    set([]),
    set([]),
    subcommands.length > 0 ? array(subcommands.map(info)) : set([]), // as Redis has it
  ]);
}

function docs(command: Command): Reply {
  const args = argumentsReply(command);
  const subcommands = command.subcommands?.map((one): [Reply, Reply] => [nameOf(one), docs(one)]);
  return record({
    summary: bulk(command.summary),
    since: bulk(command.since),
    group: bulk(command.group),
    ...(args && { arguments: args }),
    ...(subcommands && { subcommands: map(subcommands) }),
  });
}
