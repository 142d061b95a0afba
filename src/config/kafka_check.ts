/**
 * Checks the settings for librdkafka with librdkafka itself and without a connection: settings that it rejects, and
 * settings that it accepts with an effect that users do not expect.
 *
 * @module
 */

import {
  BOOTSTRAP_NAMES,
  type Config,
  hasBootstrapServers,
  type KafkaSection,
  withoutBootstrapServers,
} from "./load.ts";
import type { Library } from "../ffi/library.ts";
import { whyNoLogin, whyUnusable } from "../kafka/client/settings_policy.ts";
import type { KafkaEnvironment } from "../kafka/client/kafka_client.ts";
import { checkClusterSettings } from "../kafka/cluster.ts";
import { refusedSettings, SettingError, whyMisread } from "../kafka/client/conf.ts";
import { CONSUMER_RESERVED } from "../kafka/consumer/consumer.ts";
import { KafkaError } from "../kafka/client/error.ts";
import { PRODUCER_RESERVED } from "../kafka/producer/producer.ts";
import { isSecret } from "../kafka/client/secrets.ts";
import { weakAcks } from "../kafka/client/producer_defaults.ts";

const KINDS = ["consumer", "producer"] as const;
type Kind = (typeof KINDS)[number];

/** Characters of a value that a problem repeats. */
const MAX_SHOWN = 200;

/** librdkafka 2.6.1, as `rd_kafka_version()` writes it. */
const SCRAM_FIXED_VERSION = 0x020601ff;

/**
 * Problems that keep the gateway from using these settings. Missing bootstrap servers are one if `needsBrokers`.
 *
 * @returns one line per problem
 */
export async function settingProblems(
  environment: KafkaEnvironment,
  config: Config,
  { needsBrokers }: { needsBrokers: boolean },
): Promise<string[]> {
  const found = new Map<string, Kind[]>(); // a problem in `general` is found twice and reported once
  for (const kind of KINDS) {
    for (const problem of await problemsOf(environment, kind, config[kind], needsBrokers)) {
      found.set(problem, [...found.get(problem) ?? [], kind]);
    }
  }
  return [...found].map(([problem, kinds]) => `${kinds.join(" and ")}: ${problem}`);
}

async function problemsOf(
  environment: KafkaEnvironment,
  kind: Kind,
  settings: KafkaSection,
  needsBrokers: boolean,
): Promise<string[]> {
  const brokers = needsBrokers ? brokerProblems(settings) : [];
  const alone = Object.entries(settings).flatMap(([name, value]) =>
    problemAlone(environment.library, kind, name, value)
  );
  const noLogin = whyNoLogin(settings);
  if (noLogin !== undefined) alone.push(noLogin);
  if (alone.length > 0) return [...brokers, ...alone];
  return [...brokers, ...await problemsTogether(environment, kind, settings)];
}

/** The problem of a single setting: one line, or none. */
function problemAlone(
  library: Library,
  kind: Kind,
  name: string,
  value: KafkaSection[string],
): string[] {
  const unusable = whyUnusable(kind, name, value);
  if (unusable !== undefined) return [`'${name}'${shown(name, value)}: ${unusable}`];
  const [refused] = refusedSettings(library, { [name]: value });
  if (refused) {
    const { reason, unknown } = refused;
    return [`'${name}'${unknown ? "" : shown(name, value)}: ${reason.trimEnd()}`];
  }
  const misread = whyMisread(library, name, value);
  return misread === undefined ? [] : [`'${name}'${shown(name, value)}: ${misread}`];
}

/** librdkafka accepts any text as bootstrap servers, and fails later, broker by broker. */
function brokerProblems(settings: KafkaSection): string[] {
  if (!hasBootstrapServers(settings)) return [NO_KAFKA];
  return BOOTSTRAP_NAMES.flatMap((name) =>
    String(settings[name] ?? "").split(",").map((broker) => broker.trim())
      .filter((broker) => broker !== "" && !isBroker(broker))
      .map((broker) => `'${name}': ${withoutLogin(broker)} is not <host>[:<port>]`)
  );
}

function isBroker(text: string): boolean {
  const match = /^(?:\w+:\/\/)?(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::(\d+))?$/.exec(text);
  const port = Number(match?.[1] ?? 9092);
  return match !== null && port > 0 && port < 65536;
}

/** A broker as configured, without a possible user name and password. */
function withoutLogin(broker: string): string {
  return JSON.stringify(broker.replace(/^.*@/s, "…@"));
}

/** The value of a setting, unless it may be a secret. */
function shown(name: string, value: KafkaSection[string] | undefined): string {
  if (isSecret(name)) return "";
  const text = JSON.stringify(value)!;
  return ` is ${text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text}`;
}

const NO_KAFKA =
  "'bootstrap.servers' is not set: there is no Kafka to talk to. Set it in the section 'general' " +
  "of the configuration (--config names its file), or start with --dev for an embedded Kafka";

/** librdkafka checks some settings only when it creates a client. */
async function problemsTogether(
  environment: KafkaEnvironment,
  kind: Kind,
  settings: KafkaSection,
): Promise<string[]> {
  try {
    await checkClusterSettings(environment, kind, withoutBootstrapServers(settings));
    return [];
  } catch (error) {
    if (!(error instanceof SettingError || error instanceof KafkaError)) throw error;
    const reason = error.message.replace(`Cannot make a ${kind}: `, "").trimEnd();
    if (reason.startsWith("'")) return [reason]; // about a single setting
    const file = Object.keys(settings).find((name) => reason.startsWith(`${name} failed`));
    if (file) {
      return [`'${file}'${shown(file, settings[file])}, and librdkafka cannot use that: ${reason}`];
    }
    return [`librdkafka refuses the settings together: ${reason}`];
  }
}

/**
 * Warnings about settings that have no effect or a known defect.
 *
 * @returns one line per warning
 */
export function settingWarnings(config: Config, library: Library): string[] {
  return [
    ...ignoredSettings(config),
    ...reservedSettings(config),
    ...acks(config),
    ...scram(config, library),
  ];
}

function ignoredSettings({ ignored }: Config): string[] {
  if (ignored.length === 0) return [];
  return [`These settings mean nothing here and are ignored: ${ignored.join(", ")}`];
}

function reservedSettings(config: Config): string[] {
  const reserved = {
    consumer: {
      ...CONSUMER_RESERVED,
      "group.id": "(from CLIENT SETNAME)",
      "client.id": "(from CLIENT SETNAME)",
    },
    producer: PRODUCER_RESERVED,
  };
  return KINDS.flatMap((kind) =>
    Object.entries(reserved[kind]).flatMap(([name, value]) => {
      const given = config[kind][name];
      if (given === undefined || String(given) === String(value)) return [];
      return [`Setting ${name} of the ${kind} is ignored, Rafka decides it: ${value}`];
    })
  );
}

/** `acks` decides which messages count as delivered. */
function acks({ producer }: Config): string[] {
  const value = weakAcks(producer);
  if (value === undefined) return [];
  const meaning = value === "0"
    ? "when it is sent, also if Kafka refuses it"
    : "when some of its replicas have it, and may be lost with these";
  return [
    `Setting acks of the producer is ${value}, not all: for WAIT, DUMP and the counters a message is ` +
    `delivered ${meaning}`,
  ];
}

/** librdkafka before 2.6.1 cannot log in to Kafka 4 with SCRAM; the broker's error does not say so. */
function scram(config: Config, { version, versionNumber }: Library): string[] {
  if (versionNumber >= SCRAM_FIXED_VERSION) return [];
  const mechanisms = KINDS.flatMap((kind) => [
    config[kind]["sasl.mechanism"],
    config[kind]["sasl.mechanisms"],
  ]);
  if (!mechanisms.some((name) => String(name).toUpperCase().startsWith("SCRAM"))) return [];
  return [`librdkafka ${version} cannot log in to Kafka 4 with SCRAM: 2.6.1 or newer can`];
}
