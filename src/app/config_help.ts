/**
 * `--config-help`: explains the configuration. Keys, defaults and meanings are those of the code.
 *
 * @module
 */

import sample from "../../config.sample.json" with { type: "json" };
import { type ConsumerSetting, consumerSettings } from "../commands/list/consumer_settings.ts";
import { serverDefaults, serverDescriptions } from "../config/schema.ts";
import { DEFAULT_CONFIG_PATH } from "../config/source.ts";
import { meaningless } from "../kafka/client/settings_policy.ts";

const WIDTH = 80;

/** The text, 80 columns wide. */
export function configHelp(): string {
  return `The configuration is JSON. It is read from the file that --config names, or
from standard input for --config -, or from the variable RAFKA_CONFIG_JSON, else
from ${DEFAULT_CONFIG_PATH} if that is there. Options of the command line come
before it. An example:

${JSON.stringify(sample, null, 2)}

general, consumer, producer
    Settings of librdkafka (its CONFIGURATION.md lists them all) as strings,
    numbers or booleans. Those of general are for consumers and producers, the
    special section comes before it. Only bootstrap.servers is needed.

    Preset:  auto.offset.reset earliest, partition.assignment.strategy
             cooperative-sticky, queued.min.messages 20000,
             queued.max.messages.kbytes 4096, fetch.queue.backoff.ms 20,
             topic.metadata.refresh.interval.ms 5000.
             linger.ms 20 for a producer of its own; enable.idempotence true,
             unless acks, retries or max.in.flight are set.
    Decided: enable.auto.offset.store false, enable.auto.commit true: a message
             is done when it is acked. delivery.report.only.error false: DUMP
             counts. group.id and the consumers' client.id: CLIENT SETNAME.
    Refused: what a gateway cannot work with, e.g. transactional.id,
             offset.store.method none, one group.instance.id for all workers;
             numbers that librdkafka would read by halves, as 5s.
    Ignored: ${ignoredNames()}

    TLS and a login to the brokers: security.protocol SASL_SSL,
    ssl.ca.location, sasl.mechanisms SCRAM-SHA-256, sasl.username,
    sasl.password. What is wrong with them the log and the clients are told.

    Clients may have some of them for their consumers, as JSON in BLPOP:

${consumerSettings.map(clientEntry).join("\n")}

server
    Rafka's own settings, each with its default.

${Object.entries(serverDefaults).map(([key, value]) => entry(key, value)).join("\n\n")}
`;
}

function entry(key: string, value: unknown): string {
  const words = serverDescriptions[key]!.replaceAll("`", "").split(" ");
  return `    ${key} ${JSON.stringify(value)}\n${wrapped(words, "        ")}`;
}

function ignoredNames(): string {
  return wrapped(["go.*,", ...meaningless.join(", ").split(" ")], " ".repeat(13)).trimStart();
}

function clientEntry({ name, rule, meaning }: ConsumerSetting): string {
  const words = `${rule.words()}; ${meaning}`.replaceAll("`", "").split(" ");
  return `    ${name}\n${wrapped(words, "        ")}`;
}

/** Wraps words into lines that begin with `indent`. */
function wrapped(words: readonly string[], indent: string): string {
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.pop();
    if (line === undefined) lines.push(indent + word);
    else if (`${line} ${word}`.length <= WIDTH) lines.push(`${line} ${word}`);
    else lines.push(line, indent + word);
  }
  return lines.join("\n");
}
