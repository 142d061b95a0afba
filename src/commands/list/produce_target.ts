/**
 * The topic and the key that a message is produced to: `topics:<topic>[:<key>]`. Parsed for each message, and mostly the
 * topic is that of the message before.
 *
 * @module
 */

import type { ServerSettings } from "../../config/schema.ts";
import { isInternalTopic } from "../../kafka/client/topic_name.ts";
import { type Argument, parseProduceTarget } from "../core/args.ts";
import { CommandError } from "../core/command_error.ts";
import type { OwnClient, ProduceTarget } from "../core/context.ts";
import { type Memo, namesTopic } from "../core/memo.ts";
import { produceHint } from "../core/topic_hint.ts";

/** What a target depends on. */
export interface ProduceContext {
  /** The connection. */
  readonly client: Pick<OwnClient, "memo">;
  /** The gateway. */
  readonly gateway: { readonly settings: Pick<ServerSettings, "internalTopics"> };
}

/**
 * Parses `topics:<topic>[:<key>]`; the key may hold anything, `:` too.
 *
 * @throws {CommandError} PROD
 */
export function produceTarget(
  { client, gateway }: ProduceContext,
  argument: Argument,
): ProduceTarget {
  return recall(client.memo, argument) ??
    parse(client.memo, argument, gateway.settings.internalTopics);
}

/** The target, if its topic is that of the message before. */
function recall({ topicKey, topic }: Memo, argument: Argument): ProduceTarget | undefined {
  if (!namesTopic(argument, topicKey)) return undefined;
  const { byteLength } = topicKey;
  const key = argument.byteLength === byteLength ? null : argument.subarray(byteLength + 1);
  return { topic, key };
}

function parse(memo: Memo, argument: Argument, internalTopics: boolean): ProduceTarget {
  const target = parseProduceTarget(argument, produceHint);
  if (isInternalTopic(target.topic) && !internalTopics) throw internal(target.topic);
  const keyBytes = target.key === null ? 0 : target.key.byteLength + 1;
  memo.topicKey = argument.slice(0, argument.byteLength - keyBytes);
  memo.topic = target.topic;
  return target;
}

function internal(topic: string): CommandError {
  return new CommandError(
    "PROD",
    `Not to ${topic}: topics that begin with __ are Kafka's own, server.internalTopics is false`,
  );
}
