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
import type { OwnClient } from "../core/context.ts";
import type { ProduceTarget } from "../core/memo.ts";
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
  const known = client.memo.target(argument);
  if (known) return known;
  const target = parseProduceTarget(argument, produceHint);
  if (isInternalTopic(target.topic) && !gateway.settings.internalTopics) {
    throw internal(target.topic);
  }
  client.memo.keepTarget(argument, target);
  return target;
}

function internal(topic: string): CommandError {
  return new CommandError(
    "PROD",
    `Not to ${topic}: topics that begin with __ are Kafka's own, server.internalTopics is false`,
  );
}
