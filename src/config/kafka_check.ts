/**
 * Checks the settings for librdkafka with librdkafka itself and without a connection: what it refuses, and what it accepts
 * but does not do as its user expects.
 *
 * @module
 */

import {
  BOOTSTRAP_NAMES,
  type Config,
  hasBootstrapServers,
  withoutBootstrapServers,
} from "./load.ts";
import type { KafkaSection } from "./kafka_section.ts";
import { configuredPrincipals } from "./configured_principals.ts";
import type { Library } from "../ffi/library.ts";
import { decidedEntries, whyNoLogin, whyUnusable } from "../kafka/client/settings_policy.ts";
import type { KafkaEnvironment } from "../kafka/client/kafka_client.ts";
import { checkClusterSettings } from "../kafka/cluster.ts";
import { refusedSettings, SettingError, whyMisread } from "../kafka/client/conf.ts";
import { ClientRefusal, KafkaError } from "../kafka/client/error.ts";
import { failedSettingIn } from "../kafka/client/librdkafka_texts.ts";
import { isSecret } from "../kafka/client/secrets.ts";
import { weakAcks } from "../kafka/client/settings_table.ts";

const KINDS = ["consumer", "producer"] as const;
type Kind = (typeof KINDS)[number];

/** Maximum number of characters of a value in a line. */
const MAX_SHOWN = 200;

/** librdkafka 2.6.1, as `rd_kafka_version()` writes it. */
const SCRAM_FIXED_VERSION = 0x020601ff;

/** The settings of one login: the gateway's, or those of a user. */
type Sections = Pick<Config, Kind>;

/** Why the gateway can't work with these settings, a line for each problem. */
export async function settingProblems(
  environment: KafkaEnvironment,
  config: Config,
  options: { needsBrokers: boolean },
): Promise<string[]> {
  const problems = await problemsOfSections(environment, config, options);
  for (const principal of configuredPrincipals(config)) {
    const own = await problemsOfSections(environment, principal, options);
    problems.push(...beside(problems, own, principal.name));
  }
  return problems;
}

/** The lines for a user's settings, without those that are said of the gateway's. */
function beside(common: readonly string[], own: readonly string[], user: string): string[] {
  return own.filter((line) => !common.includes(line))
    .map((line) => `'server.userKafka.${user}': ${line}`);
}

async function problemsOfSections(
  environment: KafkaEnvironment,
  config: Sections,
  { needsBrokers }: { needsBrokers: boolean },
): Promise<string[]> {
  const found = new Map<string, Kind[]>(); // a problem of `general` is found twice and reported once
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

/** What is wrong with a setting by itself: no line, or one. */
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

/** librdkafka accepts any text as a list of brokers, and fails to resolve them one by one. */
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

/** A broker as it was written, without what may be a user's name and password. */
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

/** librdkafka checks some settings only when it makes a client of them. */
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
    if (error instanceof ClientRefusal && error.isExplained) return [error.reason];
    const reason = (error instanceof ClientRefusal ? error.reason : error.message).trimEnd();
    const file = failedSettingIn(reason, Object.keys(settings));
    if (file) {
      return [`'${file}'${shown(file, settings[file])}, and librdkafka cannot use that: ${reason}`];
    }
    return [`librdkafka refuses the settings together: ${reason}`];
  }
}

/** Settings without effect, and settings with known problems, a line each. */
export function settingWarnings(config: Config, library: Library): string[] {
  const common = warningsOfSections(config, library);
  const own = configuredPrincipals(config).flatMap((principal) =>
    beside(common, warningsOfSections(principal, library), principal.name)
  );
  return [...ignoredSettings(config), ...common, ...own];
}

function warningsOfSections(config: Sections, library: Library): string[] {
  return [
    ...reservedSettings(config),
    ...tlsSettings(config),
    ...acks(config),
    ...scram(config, library),
  ];
}

function ignoredSettings({ ignored }: Config): string[] {
  if (ignored.length === 0) return [];
  return [`These settings mean nothing here and are ignored: ${ignored.join(", ")}`];
}

function reservedSettings(config: Sections): string[] {
  return KINDS.flatMap((kind) =>
    decidedEntries(kind).flatMap(({ name, value, source }) => {
      const given = config[kind][name];
      if (given === undefined || String(given) === String(value)) return [];
      const decided = value ?? `(from ${source})`;
      return [`Setting ${name} of the ${kind} is ignored, Rafka decides it: ${decided}`];
    })
  );
}

/** librdkafka does not look at them without TLS, nor for the files that they name. */
function tlsSettings(config: Sections): string[] {
  const lines = KINDS.flatMap((kind) => {
    const names = Object.keys(config[kind]).filter((name) => name.startsWith("ssl."));
    const protocol = String(config[kind]["security.protocol"] ?? "plaintext").trim().toLowerCase();
    if (names.length === 0 || ["ssl", "sasl_ssl"].includes(protocol)) return [];
    return `These settings have no effect, since security.protocol is ${protocol} and not ssl or ` +
      `sasl_ssl: ${names.join(", ")}`;
  });
  return [...new Set(lines)];
}

/** With weak `acks`, "delivered" means less. */
function acks({ producer }: Sections): string[] {
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

/** librdkafka before 2.6.1 can't log in to Kafka 4 with SCRAM; the broker's error does not say so. */
function scram(config: Sections, { version, versionNumber }: Library): string[] {
  if (versionNumber >= SCRAM_FIXED_VERSION) return [];
  const mechanisms = KINDS.flatMap((kind) => [
    config[kind]["sasl.mechanism"],
    config[kind]["sasl.mechanisms"],
  ]);
  if (!mechanisms.some((name) => String(name).toUpperCase().startsWith("SCRAM"))) return [];
  return [`librdkafka ${version} cannot log in to Kafka 4 with SCRAM: 2.6.1 or newer can`];
}
