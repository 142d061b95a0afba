/**
 * Consuming messages: what all commands that take some have in common, and BLPOP.
 *
 * @module
 */

import { SettingError } from "../../kafka/client/conf.ts";
import type { Consumer } from "../../kafka/consumer/consumer.ts";
import { KafkaError } from "../../kafka/client/error.ts";
import { TakenMessages } from "../../kafka/client/taken_messages.ts";
import { array, bulk, NULL_ARRAY, pieces, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import type { KeyUse } from "../../auth/selector.ts";
import { type Access, readsTopic, usesGroup } from "../core/access.ts";
import { requireRight } from "../core/authorize.ts";
import { CONSUMER_SETTINGS_RIGHT } from "./consumer_settings.ts";
import * as arg from "../core/arguments.ts";
import { type Argument, parseBlpopTimeoutMs, parseTimeoutMs, shown } from "../core/args.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError, Unblocked, wrongArity } from "../core/command_error.ts";
import {
  type ConsumerJson,
  costsOthers,
  librdkafkaSettings,
  parseConsumerJson,
  sameSettings,
} from "./consumer_json.ts";
import { type ConsumeTarget, parseConsumeTarget } from "./consume_target.ts";
import type { Context } from "../core/context.ts";
import { noIdentity, pops, popsPlainly, popUses } from "./list_source.ts";
import { answeringPollErrors, pollError } from "./poll_errors.ts";
import { popRepeats } from "./repeated_pops.ts";
import { popKeys } from "./pop_keys.ts";
import type { Answer } from "../core/later_reply.ts";
import { type Memo, sameBytes } from "../core/memo.ts";
import { listHead, poppedReplies } from "./message_reply.ts";
import { oneKeyHint } from "../core/topic_hint.ts";

/** What a command takes of a topic. */
export interface Pop {
  /** As it is called in errors. */
  readonly commandName: string;
  /** `topics:…` */
  readonly key: Argument;
  /** How many messages at most. */
  readonly maxCount: number;
  /** How long it waits for the first one; 0 for not at all, `Infinity` for ever. */
  readonly timeoutMs: number;
  /** The reply with the list of the messages; without it the reply is the one message. */
  readonly listReply?: (messages: Reply) => Reply;
}

const BLPOP: Command = command({
  name: "BLPOP",
  arity: -3,
  arguments: [
    arg.key("topics:<t1>[,<t2>…][:<JSON consumer settings>]", { multiple: true }),
    arg.double("timeoutSeconds", { display: "<timeoutSeconds>" }),
  ],
  summary:
    "Returns the next message of a topic; blocks until there is one, 0 for no timeout. As `<group>:<name>`: of the " +
    "topics of one key, with topic, partition and offset",
  since: "0.1.0",
  group: "list",
  flags: ["write", "blocking"],
  categories: ["consume"],
  access: {
    uses(args, context): readonly KeyUse[] {
      const keys = args.slice(0, -1);
      if (popsPlainly(context, keys)) return popUses(context, keys);
      requireOneKey(args);
      return consumes(0).uses(args, context);
    },
    dependsOn: 0,
    ofArguments: 2,
  },
  run(context, args): Answer | Promise<Answer> {
    if (popsPlainly(context, args.slice(0, -1))) return popOne(context, "BLPOP", args);
    requireOneKey(args);
    const [key, timeout] = args;
    return pop(context, {
      commandName: "BLPOP",
      key: key!,
      maxCount: 1,
      timeoutMs: parseBlpopTimeoutMs(timeout!, timeoutUnitMs(context)),
    });
  },
  repeat: popRepeats,
});

const BRPOP: Command = command({
  name: "BRPOP",
  arity: -3,
  arguments: [
    arg.key("topics:<topic>", { multiple: true }),
    arg.double("timeoutSeconds", { display: "<timeoutSeconds>" }),
  ],
  summary: "Same as BLPOP, without a name `<group>:<name>`: a topic is read from one end",
  since: "0.9.0",
  group: "list",
  flags: ["write", "blocking"],
  categories: ["consume"],
  access: pops((args) => args.slice(0, -1)),
  run: (context, args) => popOne(context, "BRPOP", args),
});

/** BLPOP, BRPOP */
export const consumeCommands: readonly Command[] = [BLPOP, BRPOP];

/** One message in Redis' shape, `[key, value]`. */
function popOne(context: Context, commandName: string, args: Request): Answer | Promise<Answer> {
  return popKeys(context, {
    commandName,
    keys: args.slice(0, -1),
    maxCount: 1,
    end: commandName === "BLPOP" ? "LEFT" : "RIGHT",
    timeoutMs: parseTimeoutMs(args.at(-1)!, 1_000),
    empty: NULL_ARRAY,
    toReply: (key, [value]) => array([bulk(key), value!]),
  });
}

/** One key names all topics. */
function requireOneKey(args: Request): void {
  if (args.length === 2) return;
  const hint = oneKeyHint(args.slice(0, -1));
  const { message } = wrongArity("blpop");
  throw new CommandError("ERR", hint === undefined ? message : `${message}: ${hint}`);
}

/**
 * The topics of a key are read, as the group of the connection's name.
 *
 * @param keyAt the index of the key
 */
export function consumes(keyAt: number): Access {
  return {
    uses: (args, { client, gateway }) => {
      const { topics } = parseConsumeTarget(args[keyAt]!, gateway.settings, gateway.topicKeys);
      const { identity } = client;
      return [...topics.map(readsTopic), ...(identity ? [usesGroup(identity.groupId)] : [])];
    },
    dependsOn: keyAt,
  };
}

/** What a timeout counts. */
export function timeoutUnitMs({ dialect }: Context): number {
  return dialect === "readme" ? 1 : 1_000;
}

/**
 * Takes what is at hand, at once; waits only while nothing is. The first pop of a connection makes its consumer.
 *
 * @throws {CommandError} CONS
 */
export function pop(context: Context, request: Pop): Reply | Promise<Reply> {
  const { key, maxCount } = request;
  const { consumer } = context.kafka;
  const { memo } = context.client;
  const isKnown = consumer && memo.popKey && sameBytes(memo.popKey, key);
  const target = isKnown ? undefined : consumeTarget(context, key);
  requireReplies(context, request);
  if (!consumer) return openAndWait(context, target!, request);
  if (target) {
    requireSameTopics(context, consumer, target.topics);
    checkLaterJson(context, memo, target.settingsJson);
    memo.popKey = key.slice();
  }
  const taken = answeringPollErrors(() => consumer.pollReplies(maxCount));
  if (taken.count > 0) return popped(context, taken, request);
  requireAcks(consumer);
  const mayWait = waitMs(context, request) > 0 || context.kafka.cluster.bootstrap.failure;
  return !mayWait ? NULL_ARRAY : waitForMessages(context, consumer, request);
}

/** A worker that acks nothing would fill the memory, and wait for messages in vain. */
function requireAcks({ singleAcks }: Consumer): void {
  if (!singleAcks?.isFull || singleAcks.dueInMs < Infinity) return;
  throw new CommandError(
    "CONS",
    "Poll too many messages are neither acked nor given back with RAFKA NACK: rafka.acks is each",
  );
}

/** In EXEC nothing waits for ever, as in Redis: nobody could send what ends it. */
function waitMs({ executing }: Context, { timeoutMs }: Pop): number {
  return executing && timeoutMs === Infinity ? 0 : timeoutMs;
}

/** What to consume, if this connection may. */
function consumeTarget(context: Context, argument: Argument): ConsumeTarget {
  if (!context.client.identity) throw noIdentity(context);
  const { settings, topicKeys } = context.gateway;
  return parseConsumeTarget(argument, settings, topicKeys);
}

/** A message that is taken and not shown would be missing until the connection ends. */
function requireReplies({ client }: Context, { commandName }: Pop): void {
  if (client.replyMode === "on") return;
  throw new CommandError(
    "CONS",
    `${commandName} takes no message while CLIENT REPLY is OFF or SKIP`,
  );
}

function requireSameTopics(
  { client: { id } }: Context,
  consumer: Consumer,
  topics: readonly string[],
): void {
  if (sameTopics(consumer.topics, topics)) return;
  throw new CommandError(
    "CONS",
    `Client '${id}' has Consumer '${consumerId(id, consumer.topics)}' registered ` +
      `(new consID: '${consumerId(id, topics)}')`,
  );
}

/** It has no effect any more: what is wrong with it is an error, what is other than before is in the log. */
function checkLaterJson(context: Context, memo: Memo, json: string): void {
  if (json === "") return;
  const { settings } = parseJson(context, json);
  if (memo.settingsDiffer || sameSettings(settings, memo.settings)) return;
  memo.settingsDiffer = true;
  context.gateway.telemetry.clientLog.settingsDiffer(context.client.id);
}

function parseJson({ kafka, client, gateway }: Context, json: string): ConsumerJson {
  const parsed = parseConsumerJson(json, kafka.consumerLimits);
  if (parsed.ignored.length > 0) {
    gateway.telemetry.clientLog.settingsIgnored(client.id, parsed.ignored);
  }
  return parsed;
}

async function openAndWait(
  context: Context,
  { topics, settingsJson }: ConsumeTarget,
  request: Pop,
): Promise<Reply> {
  const parsed = parseJson(context, settingsJson);
  const { settings, own } = parsed;
  if (costsOthers(settings)) requireRight(context, CONSUMER_SETTINGS_RIGHT.name);
  let consumer: Consumer;
  try {
    consumer = await context.kafka.openConsumer(context.client.identity!, {
      topics,
      settings: librdkafkaSettings(parsed),
      withMetadata: own.fields.length > 0,
      acksEach: own.acksEach,
    });
  } catch (cause) {
    if (!(cause instanceof SettingError || cause instanceof KafkaError)) throw cause;
    const { id } = context.client;
    throw new CommandError(
      "CONS",
      `Failed to register Consumer '${
        consumerId(id, topics)
      }' for Client '${id}': ${cause.message}`,
      { cause },
    );
  }
  context.client.memo.settings = settings;
  context.client.memo.replyFields = own.fields;
  return await waitForMessages(context, consumer, request);
}

function consumerId(clientName: string, topics: readonly string[]): string {
  return `${clientName}|${shown(topics.join(","))}`;
}

/** In whatever order; each list has a topic once. */
function sameTopics(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  const known = new Set(a);
  return b.every((topic) => known.has(topic));
}

async function waitForMessages(
  context: Context,
  consumer: Consumer,
  request: Pop,
): Promise<Reply> {
  const { maxCount } = request;
  const timeoutMs = waitMs(context, request);
  try {
    const messages = await context.client.blockForMessages((signal) =>
      consumer.receive(maxCount, timeoutMs, context.kafka.cluster.bootstrap.watch(signal))
    );
    const taken = TakenMessages.of(messages);
    return taken.count > 0 ? popped(context, taken, request) : NULL_ARRAY;
  } catch (cause) {
    if (cause instanceof Unblocked && !cause.withError) return NULL_ARRAY;
    throw pollError(cause);
  }
}

function popped(context: Context, taken: TakenMessages, { listReply }: Pop): Reply {
  const replies = poppedReplies(context, taken);
  return listReply ? listReply(pieces([listHead(taken.count), replies])) : replies;
}
