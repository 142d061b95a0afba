/**
 * Why a message is not produced, as its client is told.
 *
 * @module
 */

import { KafkaError } from "../../kafka/client/error.ts";
import { CommandError, ServerShutdown } from "./command_error.ts";
import type { Context } from "./context.ts";
import { tooLarge } from "./message_size.ts";

/**
 * What is taken has to be delivered.
 *
 * @throws {KafkaError} where nothing says yet that this gateway ever can
 */
export function requireKafka({ kafka: { cluster } }: Pick<Context, "kafka">): void {
  const { failure } = cluster.bootstrap;
  if (failure) throw failure;
}

/**
 * The error for a message that was not taken, which counts for WAIT.
 *
 * @param bytes size of the message
 * @param rest what else the client has to know
 * @returns `cause` itself where that is a bug
 */
export function refusedMessage(
  context: Context,
  cause: unknown,
  { bytes = 0, rest = "" }: { readonly bytes?: number | undefined; readonly rest?: string },
): unknown {
  context.kafka.refused();
  const isAnswer = cause instanceof KafkaError || cause instanceof CommandError;
  if (!isAnswer) return cause;
  const isTooLarge = cause instanceof KafkaError && cause.codeName === "MSG_SIZE_TOO_LARGE";
  const { message } = isTooLarge ? tooLarge(bytes, context) : cause;
  const isWorded = cause instanceof CommandError && !(cause instanceof ServerShutdown);
  const code = isWorded ? cause.code : "PROD";
  return new CommandError(code, message + rest, { cause });
}
