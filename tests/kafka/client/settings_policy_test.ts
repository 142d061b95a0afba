/**
 * What `--check-config` and the start say of librdkafka's settings in the configuration: those that a gateway cannot
 * work with, numbers that librdkafka reads by halves, files that are not there; and that no line shows a secret.
 *
 * @module
 */
import assert from "node:assert/strict";
import { checkConfig } from "../../../src/app/check_config.ts";
import { ConfigError } from "../../../src/config/load.ts";
import { libraryCandidates, openLibrary } from "../../../src/ffi/library.ts";
import { isSecret } from "../../../src/kafka/client/secrets.ts";
import { librdkafkaSettings } from "../../support/librdkafka_source.ts";

type Settings = Record<string, string | number | boolean>;

const library = openLibrary(libraryCandidates(undefined));
const general = { "bootstrap.servers": "127.0.0.1:1" };

const UNUSABLE: readonly { section: "consumer" | "producer"; settings: Settings; why: RegExp }[] = [
  {
    section: "producer",
    settings: { "transactional.id": "gateway-1" },
    why: /'transactional\.id' is "gateway-1": Rafka cannot work with it: .*transaction/,
  },
  ...["none", "file", "FILE"].map((method) => ({
    section: "consumer" as const,
    settings: { "offset.store.method": method },
    why: /'offset\.store\.method' is ".*": Rafka cannot work with it: acks would be .* dropped/,
  })),
  {
    section: "consumer",
    settings: { "topic.offset.store.method": "file" },
    why: /'topic\.offset\.store\.method' is "file": Rafka cannot work with it/,
  },
  {
    section: "consumer",
    settings: { "group.instance.id": "one" },
    why: /'group\.instance\.id' is "one": .* in the JSON of BLPOP$/m,
  },
  {
    section: "consumer",
    settings: { "group.protocol.type": "connect" },
    why: /'group\.protocol\.type' is "connect": .*only consumer/,
  },
  {
    section: "producer",
    settings: { "enable_sasl_queue": true },
    why: /'enable_sasl_queue' is true: .*never log in/,
  },
  {
    section: "producer",
    settings: { "ut_handle_ProduceResponse": "1" },
    why: /'ut_handle_ProduceResponse' is "1": .*address of a function/,
  },
  {
    section: "consumer",
    settings: { "test.mock.num.brokers": 3 },
    why: /'test\.mock\.num\.brokers' is 3: .*--dev/,
  },
  {
    section: "consumer",
    settings: { "internal.termination.signal": 15 },
    why: /'internal\.termination\.signal' is 15: .*could not be stopped/,
  },
  {
    section: "consumer",
    settings: { "client.rack": "r".repeat(32_768) },
    why: /'client\.rack' is "r+…: it has 32768 bytes, at most 1024 are allowed/,
  },
  {
    section: "producer",
    settings: { "security.protocol": "sasl_plaintext", "sasl.mechanisms": "OAUTHBEARER" },
    why: /'sasl\.mechanisms' is OAUTHBEARER, and no setting says where its token is from/,
  },
];

for (const { section, settings, why } of UNUSABLE) {
  Deno.test(
    `--check-config refuses ${Object.keys(settings).at(-1)} ${Object.values(settings).at(-1)}`
      .slice(0, 90),
    async () => {
      const lines = await problems({ [section]: settings });
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0]!, why);
      assert.ok(lines[0]!.startsWith(`  ${section}: `) && lines[0]!.length < 400, lines[0]);
    },
  );
}

Deno.test("--check-config takes what these settings may be", async () => {
  const consumer = {
    "offset.store.method": "broker",
    "group.protocol.type": "consumer",
    "client.rack": "r".repeat(1_024),
    "internal.termination.signal": 0,
    "enable_sasl_queue": "false",
  };
  assert.deepEqual(await problems({ consumer }), []);
  assert.deepEqual(await problems({ producer: { "group.instance.id": "of a consumer" } }), []);
  assert.deepEqual(await problems({ consumer: { "transactional.id": "of a producer" } }), []);
});

const MISREAD: readonly [name: string, value: string | number, read: string][] = [
  ["session.timeout.ms", "6000s", "6000"],
  ["linger.ms", "5s", "5"],
  ["linger.ms", "5 ms", "5"],
  ["fetch.wait.max.ms", 5.5, "5"],
  ["queued.min.messages", 1e21, "1"],
  ["queued.min.messages", "1e5", "1"],
  ["message.max.bytes", "1_000_000", ""],
  ["fetch.wait.max.ms", "010", "8"],
  ["fetch.wait.max.ms", 4_294_967_301, "5"],
  ["message.timeout.ms", "10s", "10"],
  ["topic.message.timeout.ms", "10s", "10"],
  ["retries", "5x", "5"],
  ["acks", "1 (leader)", "1"],
];

for (const [name, value, read] of MISREAD) {
  Deno.test(`a number is checked whole: ${name} ${JSON.stringify(value)}`, async () => {
    const lines = await problems({ general: { [name]: value } });
    assert.equal(lines.length, 1, lines.join("\n"));
    assert.ok(lines[0]!.includes(`'${name}' is ${JSON.stringify(value)}: `), lines[0]);
    if (read) assert.ok(lines[0]!.includes(`read it as ${read}: give a whole number`), lines[0]);
  });
}

Deno.test("a value that is blank is no value", async () => {
  for (const name of ["security.protocol", "auto.offset.reset"]) {
    const [line] = await problems({ general: { [name]: " " } });
    assert.match(line ?? "taken", new RegExp(`'${name}' is " ": librdkafka would pass over it`));
  }
});

Deno.test("numbers that librdkafka reads as they are meant stay as they were", async () => {
  const settings = [
    { "linger.ms": 0.5 },
    { "linger.ms": "5.25" },
    { "acks": "all" },
    { "acks": -1 },
    { "queued.min.messages": 1e5 },
    { "fetch.wait.max.ms": " 50" },
    { "fetch.wait.max.ms": "0x32" },
    { "message.timeout.ms": "10000" },
    { "client.id": "5s" },
    { "client.rack": "1e21" },
    { "check.crcs": "T" },
    { "security.protocol": " plaintext" },
    { "topic.auto.commit.interval.ms": 1_000 },
    { "partitioner": "murmur2_random" },
  ];
  for (const one of settings) assert.deepEqual(await problems({ general: one }), []);
});

Deno.test("every number of librdkafka is checked whole", async () => {
  const numbers = (await librdkafkaSettings()).filter(({ type }) =>
    type === "INT" || type === "DBL"
  );
  assert.ok(numbers.length > 60);
  for (const { name } of numbers) {
    const config = { general: { [name]: "1000s" } };
    const lines = await problems(config);
    if (lines.length > 0) assert.match(lines.join(), new RegExp(`'${name}' is "1000s": `));
    else assert.match(await warnings(config), new RegExp(`ignored: ${name}\n`));
  }
});

Deno.test("what means nothing here is taken, left out and said once", async () => {
  const consumer = {
    "statistics.interval.ms": 1,
    "enable.partition.eof": true,
    "log.queue": false,
  };
  const producer = { "statistics.interval.ms": 1, "go.delivery.reports": true };
  assert.equal(
    await warnings({ consumer, producer, server: { host: "127.0.0.1" } }),
    "warning: These settings mean nothing here and are ignored: " +
      "enable.partition.eof, go.delivery.reports, log.queue, statistics.interval.ms\n" +
      "Nothing is wrong with the test's configuration\n",
  );
});

const TLS = { "security.protocol": "ssl" };
const FILES: readonly { settings: Settings; says: string }[] = [
  ...["ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.crl.location"]
    .map((name) => ({
      settings: { [name]: "/nowhere/a.pem" },
      says: `'${name}' is "/nowhere/a.pem": No such file or directory`,
    })),
  {
    settings: { "ssl.keystore.location": "/nowhere/a.p12", "ssl.keystore.password": "geheim" },
    says: `'ssl.keystore.location' is "/nowhere/a.p12": No such file or directory`,
  },
  {
    settings: { "ssl.ca.location": "/etc/passwd/ca.pem" },
    says: `'ssl.ca.location' is "/etc/passwd/ca.pem": Not a directory`,
  },
  {
    settings: { "ssl.certificate.location": "/etc" },
    says: `'ssl.certificate.location' is "/etc": it is a folder`,
  },
  {
    settings: { "ssl.key.location": "-----BEGIN PRIVATE KEY-----\ngeheim\n" },
    says: "'ssl.key.location' must be the path of a file, and is none",
  },
];

for (const { settings, says } of FILES) {
  Deno.test(`a file that cannot be read is named: ${says}`, async () => {
    const lines = await problems({ general: { ...TLS, ...settings } });
    assert.deepEqual(lines, [`  consumer and producer: ${says}`]);
  });
}

Deno.test("a file that is there and is no certificate is told in librdkafka's words", async () => {
  const [line] = await problems({ general: { ...TLS, "ssl.ca.location": "/etc/passwd" } });
  assert.match(
    line!,
    /'ssl\.ca\.location' is "\/etc\/passwd", and librdkafka cannot use that: ssl/,
  );
});

Deno.test("no line shows what a sensitive setting of librdkafka holds", async () => {
  const sensitive = (await librdkafkaSettings()).filter((setting) => setting.sensitive);
  assert.ok(sensitive.length >= 13);
  const others = ["sasl.pasword", "sasl.oauthbearer.client.credentials.client.secret"];
  const namesFile = /\.(location|file)$/;
  for (const name of [...sensitive.map((setting) => setting.name), ...others]) {
    if (!others.includes(name) && !namesFile.test(name)) assert.ok(isSecret(name), name);
    const values = [
      ...["geheim\0geheim", "\0geheim", "geheim\0", "-----BEGIN geheim", "a=geheim geheim"],
      ...(namesFile.test(name) ? [] : ["geheim", "5geheim", " geheim", "geheim".repeat(1_000)]),
    ];
    for (const value of values) {
      for (const prefix of ["", "topic."]) {
        const settings = { ...TLS, [prefix + name]: value };
        const said = (await problems({ general: settings })).join("\n");
        if (!namesFile.test(name)) assert.doesNotMatch(said, /geheim/, name);
        if (value.includes("\0")) assert.match(said, /it holds a NUL character/);
      }
    }
  }
});

Deno.test("a sasl.oauthbearer.config that cannot be read is refused without a word of it", async () => {
  const config = "principal=rafka lifeSeconds=30 clientSecret=geheim-0815";
  const lines = await problems({
    general: {
      "security.protocol": "sasl_plaintext",
      "sasl.mechanisms": "OAUTHBEARER",
      "enable.sasl.oauthbearer.unsecure.jwt": true,
      "sasl.oauthbearer.config": config,
    },
  });
  assert.equal(lines.length, 1, lines.join("\n"));
  assert.match(lines[0]!, /Unrecognized sasl\.oauthbearer\.config beginning at:…/);
  assert.doesNotMatch(lines[0]!, /geheim|Secret|0815/);
});

/** The lines of what is wrong with this configuration; none if it can be used. */
async function problems(config: Record<string, Settings>): Promise<string[]> {
  try {
    await check(config);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message.split("\n").slice(1);
  }
}

async function warnings(config: Record<string, Settings>): Promise<string> {
  return await check(config);
}

async function check(config: Record<string, Settings>): Promise<string> {
  const text = JSON.stringify({ ...config, general: { ...general, ...config.general } });
  return await checkConfig({ text, source: "the test's configuration" }, library, { dev: false });
}
