/**
 * Pops in Redis' own shapes, for connections without a name `<group>:<name>`. All that pop as a group share its one
 * Kafka consumer; what a connection has popped is its own until it is acked, see `PoppedEntries`.
 *
 * @module
 */

import { GroupReadings } from "../../groups/group_readings.ts";
import type { StreamGroup } from "../../groups/stream_group.ts";
import type { Message } from "../../kafka/client/message.ts";
import { NO_BYTES } from "../../resp/bytes.ts";
import { bulk, type Reply } from "../../resp/reply.ts";
import type { Argument } from "../core/args.ts";
import { CommandError, ServerShutdown, Unblocked } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import type { Answer } from "../core/later_reply.ts";
import { type ListSource, listSources } from "./list_source.ts";
import { answeringPollErrors, pollError } from "./poll_errors.ts";

/** What a command pops. */
export interface PlainPop {
  /** As it is called in errors. */
  readonly commandName: string;
  /** The first that has messages is popped. */
  readonly keys: readonly Argument[];
  /** How long it waits for the first one; undefined for not at all, `Infinity` for ever. */
  readonly timeoutMs: number | undefined;
  /** The reply when there are none. */
  readonly empty: Reply;
  /** Takes what is at hand for the connection, and answers with it; undefined for nothing. */
  readonly take: (group: StreamGroup, key: Argument) => Taken | undefined;
}

/** A reply with messages of a group. */
export interface Taken {
  /** Number of messages. */
  readonly count: number;
  /** The reply. */
  readonly answer: Answer | Promise<Answer>;
}

/** A topic of the pop. */
interface Target extends ListSource {
  /** As it was sent; of its own memory. */
  readonly key: Argument;
}

/** How often a topic is looked for that does not exist yet. */
const LOOK_FOR_TOPIC_MS = 500;
/** What Kafka has of a topic at the time of a pop is waited for at most so long. */
const FETCH_MS = 3_000;
/** The end of what is no message is not told of. */
const LOOK_FOR_END_MS = 20;

/**
 * Pops what is at hand, at once. The first use of a group joins it.
 *
 * @throws {CommandError} CONS
 */
export function popPlain(context: Context, request: PlainPop): Answer | Promise<Answer> {
  requireReplies(context, request.commandName);
  const sources = listSources(context, request.keys);
  context.kafka.popped.ackWritten();
  for (const { group: name, topic, at } of sources) {
    const group = context.kafka.groups.known(name, topic);
    if (!group) break; // one that comes first may have messages
    const answer = answeringPollErrors(() => take(context, request, group, request.keys[at]!));
    if (answer) return answer;
  }
  const targets = sources.map(({ at, ...source }) => ({
    ...source,
    key: request.keys[at]!.slice(),
  }));
  return openAndPop(context, request, targets);
}

/**
 * Takes messages for the connection, which acks them as `lists.ack` says.
 *
 * @param toReply the reply, from the messages' values, of which there is at least one
 */
export function takeValues(
  context: Context,
  group: StreamGroup,
  maxCount: number,
  toReply: (values: Reply[]) => Reply,
): Taken | undefined {
  const entries = context.kafka.popped.take(group, maxCount);
  if (entries.length === 0) return undefined;
  const values = entries.map(({ message }) => valueReply(message));
  return { count: entries.length, answer: toReply(values) };
}

/** The value of a message; one without, a tombstone, is empty. */
export function valueReply({ value }: Message): Reply {
  return bulk(value ?? NO_BYTES);
}

/** A message that is taken and not shown would be missing until the connection ends. */
function requireReplies({ client }: Context, commandName: string): void {
  if (client.replyMode === "on") return;
  throw new CommandError(
    "CONS",
    `${commandName} takes no message while CLIENT REPLY is OFF or SKIP`,
  );
}

/** The reply with messages of a group; undefined if none is at hand. */
function take(
  context: Context,
  request: PlainPop,
  group: StreamGroup,
  key: Argument,
): Answer | Promise<Answer> | undefined {
  const { client, kafka } = context;
  const readings = client.readings ??= new GroupReadings();
  readings.note(group, kafka.popped.consumer);
  const taken = request.take(group, key);
  if (taken) kafka.replying(group.name, group.topic, taken.count);
  return taken?.answer;
}

async function openAndPop(
  context: Context,
  request: PlainPop,
  targets: readonly Target[],
): Promise<Answer> {
  const { timeoutMs } = request;
  const waits = timeoutMs !== undefined && !context.executing;
  const pop = new RepeatedPop(context, request, targets);
  try {
    const answer = await pop.openAndTake(context.client.ended);
    if (answer) return answer;
    if (!waits) return await pop.takeFetched(context.client.ended) ?? request.empty;
    const endMs = performance.now() + timeoutMs;
    return await context.client.blockForMessages((signal) => pop.wait(endMs, signal)) ??
      request.empty;
  } catch (cause) {
    if (cause instanceof Unblocked && !cause.withError) return request.empty;
    throw pollError(cause);
  }
}

/** A pop that finds nothing at first. */
class RepeatedPop {
  readonly #context: Context;
  readonly #request: PlainPop;
  readonly #targets: readonly Target[];
  #groups: (StreamGroup | undefined)[] = [];

  constructor(context: Context, request: PlainPop, targets: readonly Target[]) {
    this.#context = context;
    this.#request = request;
    this.#targets = targets;
  }

  /** Joins the groups that are not in use, and takes what is there. */
  async openAndTake(signal: AbortSignal, missingForMs: number = 0): Promise<Answer | undefined> {
    const open = (target: Target) => openList(this.#context, target, missingForMs);
    this.#groups = await Promise.all(this.#targets.map(open));
    signal.throwIfAborted(); // nothing is taken for a client that has gone
    return this.#take();
  }

  /** Takes what Kafka has and the gateway has not fetched yet. */
  async takeFetched(signal: AbortSignal): Promise<Answer | undefined> {
    for (const group of this.#open) await untilFetched(this.#context, group, signal);
    signal.throwIfAborted();
    return this.#take();
  }

  /** Waits for messages; undefined when there are none in time. */
  async wait(endMs: number, signal: AbortSignal): Promise<Answer | undefined> {
    for (;;) {
      const leftMs = Math.max(endMs - performance.now(), 0);
      const isComplete = this.#open.length === this.#targets.length;
      const waitMs = isComplete ? leftMs : Math.min(leftMs, LOOK_FOR_TOPIC_MS);
      await this.#context.kafka.groups.wait(this.#open, waitMs, signal);
      signal.throwIfAborted();
      const answer = isComplete
        ? await this.#take()
        : await this.openAndTake(signal, LOOK_FOR_TOPIC_MS);
      if (answer || performance.now() >= endMs) return answer;
    }
  }

  get #open(): StreamGroup[] {
    return this.#groups.filter((group) => group !== undefined);
  }

  #take(): Answer | Promise<Answer> | undefined {
    for (const [at, { key }] of this.#targets.entries()) {
      const group = this.#groups[at];
      const answer = group && take(this.#context, this.#request, group, key);
      if (answer) return answer;
    }
    return undefined;
  }
}

/**
 * A group on a topic, which the gateway joins; one that is new begins with the first message, as a list does.
 *
 * @param missingForMs for so long Kafka is not asked again for a topic that there is not
 * @returns undefined if there is no such topic
 * @throws {ServerShutdown} when the gateway shuts down
 * @throws {KafkaError} when Kafka does not answer
 */
async function openList(
  { gateway: { shuttingDown, settings }, kafka: { groups, streams } }: Context,
  { group, topic }: ListSource,
  missingForMs: number,
): Promise<StreamGroup | undefined> {
  const known = groups.known(group, topic);
  if (known) return known;
  if (shuttingDown) throw new ServerShutdown(settings.flushTimeoutMs);
  if (!await streams.exists(topic, missingForMs)) return undefined;
  return await groups.openOrCreate(group, topic);
}

/** Waits until what Kafka has is fetched, or delivered: a list that is not empty must not seem so. */
async function untilFetched(
  { kafka: { groups, streams } }: Context,
  group: StreamGroup,
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = performance.now() + FETCH_MS;
  const ends = await streams.offsetsOf(group.topic, (offsets) => offsets.end());
  while (ends && !group.isReady() && !group.hasReached(ends) && performance.now() < deadlineMs) {
    await groups.wait([group], LOOK_FOR_END_MS, signal);
  }
}
