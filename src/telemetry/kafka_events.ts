/**
 * Events of the Kafka clients: counted, and logged in summaries that a person can read.
 *
 * @module
 */

import { getLogger, type Logger } from "@logtape/logtape";
import type { KafkaError } from "../kafka/client/error.ts";
import {
  type ClientName,
  type Delivery,
  type DeliveryFailure,
  type FailedMessage,
  formatName,
  type KafkaObserver,
  type OffsetReset,
  type Sender,
  SYSLOG_ERROR,
} from "../kafka/client/observer.ts";
import type { RecreatedPartition } from "../kafka/client/librdkafka_texts.ts";
import { LogSummary, type Occurrences } from "./log_summary.ts";
import type { FailedMessages } from "./failed_messages.ts";
import type { MessageCounters } from "./message_counters.ts";
import type { Telemetry } from "./telemetry.ts";

const producerLogger = getLogger(["rafka", "producer"]);
const consumerLogger = getLogger(["rafka", "consumer"]);
const kafkaLogger = getLogger(["rafka", "kafka"]);
const librdkafkaLogger = getLogger(["rafka", "librdkafka"]);

/** Stands for values that differ among the events of a summary. */
const MORE = "(more)";

const SYSLOG_WARNING = 4;
const SYSLOG_INFO = 6;

interface ClientLogLine {
  readonly client: string;
  readonly level: number;
  readonly facility: string;
  readonly text: string;
}

interface UnknownEvent {
  readonly client: string;
  readonly type: number;
}

interface RefusalLine {
  readonly consumer: string;
  readonly what: string;
  /** Absent when the refusal has ended. */
  readonly error?: KafkaError;
}

/** Counts in `MessageCounters`, keeps failed messages in `FailedMessages`, logs through summaries. */
export class KafkaEvents implements KafkaObserver {
  readonly #principal: string | undefined;
  /** Called when a client reaches no broker. */
  onAllBrokersDown: () => void = () => {};
  readonly #messages: MessageCounters;
  readonly #failed: FailedMessages;
  readonly #failures = new LogSummary<DeliveryFailure & { as: string }>(logDeliveryFailures);
  readonly #errors = new LogSummary<{ client: string; error: KafkaError }>(logClientErrors);
  readonly #refusals = new LogSummary<RefusalLine>(logRefusals);
  readonly #resets = new LogSummary<OffsetReset & { group: string }>(logOffsetReset);
  readonly #recreated = new LogSummary<RecreatedPartition & { who: string }>(logRecreated);
  readonly #lines = new LogSummary<ClientLogLine>(logClientLines);
  readonly #unknown = new LogSummary<UnknownEvent>(logUnknownEvents);

  /**
   * Reports to the given counters and list.
   *
   * @param principal whose clients they are; the gateway's own unless given
   */
  constructor(
    { messages, failedMessages }: Pick<Telemetry, "messages" | "failedMessages">,
    principal?: string,
  ) {
    this.#principal = principal;
    this.#messages = messages;
    this.#failed = failedMessages;
  }

  delivered({ topic, count, latencyMicroseconds }: Delivery): void {
    this.#messages.delivered.of(topic).total += count;
    this.#messages.deliveryTime.add(latencyMicroseconds, count);
  }

  messageFailed(message: FailedMessage, error: KafkaError, sender: Sender): void {
    const dropped = this.#failed.add(message, error, sender.id, this.#principal);
    this.#messages.errorsDropped.total += dropped;
  }

  deliveryFailed(failure: DeliveryFailure): void {
    const { topic, partition, error, count } = failure;
    this.#messages.deliveryFailed(failure, this.#principal);
    const as = this.#principal === undefined ? "" : ` as principal ${this.#principal}`;
    this.#failures.note(`${topic} ${partition} ${error.code}`, { ...failure, as }, count);
  }

  clientError(name: ClientName, error: KafkaError): void {
    this.#errors.note(error.codeName, { client: formatName(name), error });
  }

  allBrokersDown(): void {
    this.onAllBrokersDown();
  }

  clientLog(name: ClientName, level: number, facility: string, text: string): void {
    this.#lines.note(`${facility} ${level}`, { client: formatName(name), level, facility, text });
  }

  refused(name: ClientName, what: string, error: KafkaError): void {
    const kind = `${name.groupId} ${what} ${error.code}`;
    this.#refusals.note(kind, { consumer: formatName(name), what, error });
  }

  accepted(name: ClientName, what: string): void {
    this.#refusals.note(`${name.groupId} ${what}`, { consumer: formatName(name), what });
  }

  rebalanced({ groupId }: ClientName): void {
    this.#messages.rebalances.of(groupId!).total++;
  }

  commitFailed({ groupId }: ClientName): void {
    this.#messages.commitFailures.of(groupId!).total++;
  }

  offsetReset(name: ClientName, reset: OffsetReset): void {
    const { topic, partition, from, to } = reset;
    const count = to > from ? Number(to - from) : 0;
    this.#messages.skipped.total += count;
    const kind = `${name.groupId} ${topic} ${partition} ${to > from}`;
    this.#resets.note(kind, {
      ...reset,
      group: formatName({ clientId: name.groupId!, principal: name.principal }),
    }, count);
  }

  topicRecreated(name: ClientName, partition: RecreatedPartition): void {
    const { groupId, principal } = name;
    const { topic } = partition;
    if (groupId !== undefined) this.#messages.recreatedPartitions.of(groupId, topic).total++;
    const who = groupId === undefined
      ? `Client ${formatName(name)}`
      : `Group ${formatName({ clientId: groupId, principal })}`;
    this.#recreated.note(`${who} ${topic}`, { ...partition, who });
  }

  unknownEvent(name: ClientName, type: number): void {
    this.#messages.unknownEvents.total++;
    this.#unknown.note(String(type), { client: formatName(name), type });
  }

  /** Logs the pending summaries. */
  close(): void {
    const summaries = [
      this.#failures,
      this.#errors,
      this.#lines,
      this.#refusals,
      this.#resets,
      this.#recreated,
      this.#unknown,
    ];
    for (const summary of summaries) summary.close();
  }
}

function logDeliveryFailures(
  { latest, count, firstAt, lastAt, mixed }: Occurrences<DeliveryFailure & { as: string }>,
): void {
  const { topic, partition, error, as } = latest;
  producerLogger.error(
    "Not delivered: {count} messages for {topic}[{partition}]{as}, {error} ({errorName}), " +
      "from {firstAt} to {lastAt}; RAFKA ERRORS lists the last ones",
    {
      count,
      topic: mixed ? MORE : topic,
      partition: mixed ? -1 : partition,
      as,
      error: mixed ? `the latest for ${topic}[${partition}]: ${error.message}` : error.message,
      errorName: mixed ? MORE : error.codeName,
      firstAt: firstAt.toISOString(),
      lastAt: lastAt.toISOString(),
    },
  );
}

function logClientErrors(
  { latest, count }: Occurrences<{ client: string; error: KafkaError }>,
): void {
  const properties = {
    client: latest.client,
    error: latest.error.message,
    errorName: latest.error.codeName,
    count,
  };
  const template = `Client {client}: {error} ({errorName})${more(count)}`;
  if (latest.error.transient) kafkaLogger.warn(template, properties);
  else kafkaLogger.error(template, properties);
}

function logOffsetReset(
  { latest, count }: Occurrences<OffsetReset & { group: string }>,
): void {
  const template = latest.to > latest.from
    ? "Group {group}: {count} messages of {topic}[{partition}] are skipped, they were deleted before they were " +
      "handed out; it goes on from {from} at {to}: {reason}"
    : "Group {group}: {topic}[{partition}] has no offset {from}, the group goes back to {to}: {reason}";
  consumerLogger.warn(template, { ...latest, count });
}

function logRecreated(
  { latest, count }: Occurrences<RecreatedPartition & { who: string }>,
): void {
  const { who, topic, partition, readTo } = latest;
  consumerLogger.warn(
    "{who}: topic {topic} was deleted and created again; it goes on at the first message of {topic}[{partition}], " +
      `whose old messages were read up to {readTo}${more(count)}`,
    { who, topic, partition, readTo, count },
  );
}

function logRefusals({ latest, count }: Occurrences<RefusalLine>): void {
  const { consumer, what, error } = latest;
  if (error) {
    const template =
      `Consumer {consumer} gets nothing of {what}, each BLPOP is answered so: {error} ({errorName})`;
    const properties = { consumer, what, error: error.message, errorName: error.codeName, count };
    consumerLogger.error(template + more(count), properties);
  } else {
    const template = `Consumer {consumer} is not refused {what} any more${more(count)}`;
    consumerLogger.info(template, { consumer, what, count });
  }
}

function logClientLines({ latest, count }: Occurrences<ClientLogLine>): void {
  const { client, facility, text } = latest;
  const template = `Client {client}: {facility} {text}${more(count)}`;
  const level = isFirstTry(latest, count) ? SYSLOG_INFO : latest.level;
  logAt(librdkafkaLogger, level, template, { client, facility, text, count });
}

function logUnknownEvents({ latest, count }: Occurrences<UnknownEvent>): void {
  const template = `Client {client} got an event of unknown type {type}${more(count)}`;
  kafkaLogger.warn(template, { ...latest, count });
}

/** A new cluster first creates its internal topic for producers: harmless, unless it persists. */
function isFirstTry({ facility, text }: ClientLogLine, count: number): boolean {
  return facility === "GETPID" && count === 1 && text.endsWith("retrying");
}

function more(count: number): string {
  return count > 1 ? "; {count} like this since the last line" : "";
}

function logAt(
  logger: Logger,
  level: number,
  template: string,
  properties: Record<string, unknown>,
): void {
  if (level <= SYSLOG_ERROR) logger.error(template, properties);
  else if (level === SYSLOG_WARNING) logger.warn(template, properties);
  else if (level <= SYSLOG_INFO) logger.info(template, properties);
  else logger.debug(template, properties);
}
