/**
 * RAFKA TOPIC CREATE, ALTER and DELETE. Kafka checks what is asked of it, and its words are passed on.
 *
 * @module
 */

import type { TopicConfigChange } from "../../kafka/client/topic_configs.ts";
import { KafkaError } from "../../kafka/client/error.ts";
import { OK, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import { writesTopic } from "../core/access.ts";
import * as arg from "../core/arguments.ts";
import { type Argument, shownStart } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError, syntaxError } from "../core/command_error.ts";
import { OptionCursor } from "../core/options.ts";
import {
  adminOf,
  noTopic,
  parseBounded,
  requireAdministration,
  shownTopicName,
  topicAccess,
} from "./admin_arguments.ts";

const MAX_PARTITION_COUNT = 2 ** 31 - 1;
const MAX_REPLICATION = 2 ** 15 - 1;
const MAX_CONFIG_BYTES = 32_767;
const NUL = 0;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const PARTITIONS = arg.integer("partitions", { token: "PARTITIONS", optional: true });
const CONFIG = arg.block(
  [arg.block([arg.string("name"), arg.string("value")], {
    multiple: true,
    display: "name value",
  })],
  { token: "CONFIG", optional: true },
);

const CREATE: Command = command({
  name: "RAFKA TOPIC CREATE",
  arity: -4,
  arguments: [
    arg.string("topic"),
    PARTITIONS,
    arg.integer("replicas", { token: "REPLICATION", optional: true }),
    CONFIG,
  ],
  summary: "Creates a topic; without numbers it has those that Kafka gives a new topic",
  since: "0.8.0",
  group: "server",
  flags: ["admin", "write"],
  access: topicAccess(writesTopic),
  async run(context, [name, ...args]): Promise<Reply> {
    requireAdministration(context, "RAFKA TOPIC CREATE");
    const topic = shownTopicName(context, name!);
    const { partitions, replication, set } = parseTopicOptions(args, ["PARTITIONS", "REPLICATION"]);
    const created = await adminOf(context).createTopic(topic, {
      ...(partitions !== undefined && { partitions }),
      ...(replication !== undefined && { replicationFactor: replication }),
      configs: set,
    });
    if (!created) throw new CommandError("ERR", `Topic '${topic}' already exists`);
    return OK;
  },
});

const ALTER: Command = command({
  name: "RAFKA TOPIC ALTER",
  arity: -4,
  arguments: [
    arg.string("topic"),
    PARTITIONS,
    CONFIG,
    arg.block([arg.string("name", { multiple: true })], { token: "RESET", optional: true }),
  ],
  summary:
    "Gives a topic more partitions; or sets keys of its configuration, and resets keys to their defaults",
  since: "0.8.0",
  group: "server",
  flags: ["admin", "write"],
  access: topicAccess(writesTopic),
  async run(context, [name, ...args]): Promise<Reply> {
    requireAdministration(context, "RAFKA TOPIC ALTER");
    const topic = shownTopicName(context, name!);
    const { partitions, set, reset } = parseTopicOptions(args, ["PARTITIONS", "RESET"]);
    const changes: TopicConfigChange[] = [
      ...set,
      ...reset.map((name): TopicConfigChange => [name, undefined]),
    ];
    if (partitions !== undefined && changes.length > 0) {
      throw new CommandError(
        "ERR",
        "RAFKA TOPIC ALTER takes PARTITIONS, or CONFIG and RESET: Kafka cannot do both or nothing",
      );
    }
    if (partitions === undefined && changes.length === 0) {
      throw new CommandError("ERR", "RAFKA TOPIC ALTER takes PARTITIONS, CONFIG or RESET");
    }
    const admin = adminOf(context);
    await ofTopic(
      topic,
      partitions === undefined
        ? admin.alterConfigs(topic, changes)
        : admin.addPartitions(topic, partitions),
    );
    return OK;
  },
});

const DELETE: Command = command({
  name: "RAFKA TOPIC DELETE",
  arity: 4,
  arguments: [arg.string("topic")],
  summary: "Deletes a topic with all its messages",
  since: "0.8.0",
  group: "server",
  flags: ["admin", "write"],
  access: topicAccess(writesTopic),
  async run(context, [name]): Promise<Reply> {
    requireAdministration(context, "RAFKA TOPIC DELETE");
    const topic = shownTopicName(context, name!);
    if (!await adminOf(context).deleteTopic(topic)) throw noTopic(topic);
    return OK;
  },
});

/** RAFKA TOPIC CREATE, ALTER, DELETE */
export const topicChangeCommands: readonly Command[] = [CREATE, ALTER, DELETE];

interface TopicOptions {
  readonly partitions: number | undefined;
  readonly replication: number | undefined;
  /** Keys of the configuration that get a value. */
  readonly set: readonly (readonly [name: string, value: string])[];
  /** Keys that get their default. */
  readonly reset: readonly string[];
}

type Token = "PARTITIONS" | "REPLICATION" | "RESET";

/** CONFIG is taken, too; behind CONFIG and RESET follow names until the next token. */
function parseTopicOptions(args: Request, tokens: readonly Token[]): TopicOptions {
  const options = new OptionCursor(args);
  let [partitions, replication]: (number | undefined)[] = [];
  const set: [string, string][] = [];
  const reset: string[] = [];
  let list: "CONFIG" | "RESET" | undefined;
  const takes = (token: Token): boolean => tokens.includes(token) && options.take(token, 1);
  while (options.more) {
    if (takes("PARTITIONS")) {
      partitions = parseBounded(options.value(), "PARTITIONS", [1, MAX_PARTITION_COUNT]);
      list = undefined;
    } else if (takes("REPLICATION")) {
      replication = parseBounded(options.value(), "REPLICATION", [1, MAX_REPLICATION]);
      list = undefined;
    } else if (options.take("CONFIG", 2)) list = "CONFIG";
    else if (takes("RESET")) list = "RESET";
    else if (list === "CONFIG") set.push([configText(options), configText(options)]);
    else if (list === "RESET") reset.push(configText(options));
    else throw syntaxError();
  }
  return { partitions, replication, set, reset };
}

/** Kafka checks the rest. */
function configText(options: OptionCursor): string {
  const argument = options.value();
  if (argument.byteLength > MAX_CONFIG_BYTES || argument.includes(NUL)) throw noConfig(argument);
  try {
    return decoder.decode(argument);
  } catch {
    throw noConfig(argument);
  }
}

function noConfig(argument: Argument): CommandError {
  return new CommandError(
    "ERR",
    `Invalid name or value of a configuration '${shownStart(argument)}': allowed are up to ` +
      `${MAX_CONFIG_BYTES} bytes of UTF-8 without NUL`,
  );
}

/** Kafka says no name of a topic that does not exist. */
async function ofTopic(topic: string, change: Promise<void>): Promise<void> {
  try {
    await change;
  } catch (error) {
    if (error instanceof KafkaError && error.isUnknownTopic) throw noTopic(topic);
    throw error;
  }
}
