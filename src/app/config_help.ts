/**
 * `--config-help`: explains the configuration. Keys, defaults and meanings are those of the code.
 *
 * @module
 */

import sample from "../../config.sample.json" with { type: "json" };
import { type ConsumerSetting, consumerSettings } from "../commands/list/consumer_settings.ts";
import { type ServerKey, serverKeys } from "../config/schema.ts";
import { httpKeys } from "../config/http_section.ts";
import { keyRuleKeys } from "../config/keys_section.ts";
import { tlsKeys } from "../config/tls_section.ts";
import { DEFAULT_CONFIG_PATH } from "../config/source.ts";
import { type SettingPolicy, settingsTable } from "../kafka/client/settings_table.ts";

const WIDTH = 80;
/** Of the lines that follow a word such as "Preset:". */
const INDENT = " ".repeat(13);

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

    Preset:  ${listed("preset")}
    Decided: ${listed("decided")}
    Refused: ${listed("refused")},
             and numbers that librdkafka would read by halves, as 5s.
    Ignored: ${wrapped(["go.*,", ...listed("ignored").split(/\s+/)], INDENT).trimStart()}

    TLS and a login to the brokers: security.protocol SASL_SSL,
    ssl.ca.location, sasl.mechanisms SCRAM-SHA-256, sasl.username,
    sasl.password. What is wrong with them the log and the clients are told.

    Clients may have some of them for their consumers, as JSON in BLPOP:

${consumerSettings.map(clientEntry).join("\n")}

server
    Rafka's own settings, each with its default; a.b is the key b in the object
    a.

${serverKeys.map(entry).join("\n\n")}

server.keys
    Each rule is an object of these keys; the first that matches counts.

${keyRuleKeys.map(sectionEntry).join("\n\n")}

server.tls
    TLS for clients.

${tlsKeys.map(sectionEntry).join("\n\n")}

server.http
    Metrics, health and the state of the gateway.

${httpKeys.map(sectionEntry).join("\n\n")}
`;
}

function entry({ name, value, description }: ServerKey): string {
  return described(name, value, description);
}

function sectionEntry({ key, defaultValue, description }: (typeof tlsKeys)[number]): string {
  return described(key, defaultValue, description);
}

function described(name: string, value: unknown, description: string): string {
  const words = description.replaceAll("`", "").split(" ");
  const shown = value === undefined ? [] : JSON.stringify(value).replaceAll(",", ", ").split(" ");
  return `${wrapped([name, ...shown], "    ")}\n${wrapped(words, "        ")}`;
}

/** The settings that Rafka treats so, in lines behind a word. */
function listed(action: SettingPolicy["action"]): string {
  const words = settingsTable.filter((entry) => entry.action === action).map(policy).join(", ");
  return wrapped(words.replaceAll("`", "").split(" "), INDENT).trimStart();
}

function policy(entry: SettingPolicy): string {
  const { name, action, kinds } = entry;
  const of = kinds.length === 1 ? [`${kinds}s`] : [];
  switch (action) {
    case "preset":
      return `${name} ${entry.value} (${[...of, entry.condition?.text ?? []].flat().join(", ")})`;
    case "decided":
      return entry.value === undefined
        ? `${name} of ${of} from ${entry.source}`
        : `${name} ${entry.value}`;
    case "refused":
      if (entry.maxBytes) return `${name} longer than ${entry.maxBytes} bytes`;
      return entry.allowed ? `${name} but ${entry.allowed[0]}` : name;
    case "ignored":
      return name;
  }
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
