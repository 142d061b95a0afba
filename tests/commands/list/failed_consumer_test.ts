/**
 * BLPOPs that librdkafka refuses: the client is told why, and nothing of the consumer is left.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ConfigFile } from "../../support/config_file.ts";
import { CapturedLog } from "../../support/captured_log.ts";
import { onBrokers, TestCluster } from "../../support/kafka.ts";
import { TestGateway } from "../../support/gateway.ts";

/** Of a CA that has signed nothing. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBdDCCARugAwIBAgIUVgumD7yXTdAhHIuAaODzqqP3peAwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjgyMjI2MTBaGA8yMTI2MTEwNDIyMjYx
MFowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABG8s
3dOTfs63zJ3uK7uAfxSvyMjHNZkOaYK3oID4JJvHvWpMGK9V6cfOWsujpA6+fTkC
W+tSUcB2po1r+tB5bXOjUzBRMB0GA1UdDgQWBBTdWTyiX3CTc2GfLO4K9F1i8k5v
iDAfBgNVHSMEGDAWgBTdWTyiX3CTc2GfLO4K9F1i8k5viDAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0cAMEQCIHLw07AI4nbXD50BkqY8PEBgtGBnH+jGUxXe
1SCvPfiSAiBAT7xmGZfD2pUAo3WXqlHzxdvXVR505oXkEqS/FUCUNQ==
-----END CERTIFICATE-----
`;

const REFUSED: readonly { topics: string; error: RegExp }[] = [
  {
    topics: "topics:^[",
    error: /^-CONS Failed to register Consumer 'g:w\|\^\[' for Client 'g:w': /,
  },
  { topics: "topics:^a\0", error: /^-CONS Cannot parse topics from / },
  {
    topics: `topics:^${"(".repeat(20_000)}${")".repeat(20_000)}`, // glibc's stack would overflow
    error: /^-CONS Cannot parse topics from `.*`: regular expressions have at most 1000 characters/,
  },
  {
    topics: "topics:^((a{100}){100}){50}",
    error: /^-CONS Cannot parse topics from `.*`: a regular expression can repeat a character or a/,
  },
  {
    topics: `topics:${Array.from({ length: 1_001 }, (_, i) => `t${i}`).join(",")}`,
    error: /^-CONS Cannot parse topics from /,
  },
  {
    topics: `topics:t:{"max.poll.interval.ms":1000}`, // below the embedded session.timeout.ms
    error: /^-CONS Failed to register Consumer .*: .*max\.poll\.interval\.ms/,
  },
  { topics: `topics:t:{"fetch.wait.max.ms":-1}`, error: /^-CONS Error parsing configuration/ },
];

for (const { topics, error } of REFUSED) {
  Deno.test(`A refused BLPOP ${JSON.stringify(topics.slice(0, 40))} leaves nothing, however often it is sent`, async () => {
    await using gateway = await TestGateway.start();
    using client = await gateway.connectAs("g:w");
    const before = gateway.library.handles.open;
    for (let i = 0; i < 20; i++) await client.send("BLPOP", topics, 1);
    for (let i = 0; i < 20; i++) assert.match(await client.reply(), error);
    assert.deepEqual(gateway.library.handles.open, before);
    assert.equal(await client.ask("PING"), "+PONG\r\n");
  });
}

Deno.test("A file that has gone since the start is named, not OpenSSL's words for a bad certificate", async () => {
  const { gateway, path } = await startWithCertificates();
  await using _ = gateway;
  using client = await gateway.connectAs("g:w");
  assert.equal(
    await client.ask("BLPOP", "topics:t", 1),
    "-CONS Failed to register Consumer 'g:w|t' for Client 'g:w': Cannot make a consumer: " +
      `'ssl.ca.location' is "${path}": No such file or directory\r\n`,
  );
  assert.equal(
    await client.ask("RPUSHX", "topics:t", "x"),
    `-PROD Cannot make a producer: 'ssl.ca.location' is "${path}": No such file or directory\r\n`,
  );
});

/** A gateway whose `ssl.ca.location` is there when it starts only. */
async function startWithCertificates(): Promise<{ gateway: TestGateway; path: string }> {
  using file = new ConfigFile(CERTIFICATE);
  const general = {
    "bootstrap.servers": "127.0.0.1:1",
    "security.protocol": "ssl",
    "ssl.ca.location": file.path,
  };
  const gateway = await TestGateway.start({ config: { general } });
  return { gateway, path: file.path };
}

Deno.test("A consumer that Kafka has never let join does not say that acks may be lost", async () => {
  await using log = await CapturedLog.start();
  {
    await using cluster = await TestCluster.start();
    cluster.mock.failRequests(68, [42, 42, 42]); // ConsumerGroupHeartbeat: INVALID_REQUEST
    await using gateway = await TestGateway.start({
      config: onBrokers(cluster.mock.bootstrapServers),
    });
    using client = await gateway.connectAs("g:w");
    const reply = await client.ask("BLPOP", 'topics:t:{"group.protocol":"consumer"}', 8);
    assert.match(reply, /^-CONS /, log.lines.join("\n"));
  }
  assert.equal(log.count("could not leave"), 0, log.lines.join("\n"));
  assert.equal(log.count("Consumer g:w ends, it never joined its group"), 1, log.lines.join("\n"));
});
