/**
 * A person with redis-cli: every command, word for word, on the embedded cluster and on a real Kafka.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BareMachine } from "../support/bare_machine.ts";
import { TestGateway, uniqueName } from "../support/gateway.ts";
import { onBrokers } from "../support/kafka.ts";
import { hasBareMachine, hasRedisCli, kafkaBrokers } from "../support/machine.ts";
import { Program } from "../support/program.ts";
import { redisCli, redisCliLines, RedisCliMonitor } from "../support/redis_cli.ts";

Deno.test({
  name: "redis-cli produces, consumes, acks and looks around (embedded Kafka)",
  ignore: !hasRedisCli,
  fn: () => TestGateway.start().then(transcript),
});

Deno.test({
  name: "redis-cli produces, consumes, acks and looks around (real Kafka)",
  ignore: !hasRedisCli || kafkaBrokers === undefined,
  fn: () => TestGateway.start({ config: onBrokers(kafkaBrokers!) }).then(transcript),
});

Deno.test({
  name: "redis-cli produces, consumes, acks and looks around (compiled, nothing else installed)",
  ignore: !hasRedisCli || !hasBareMachine,
  async fn(): Promise<void> {
    using machine = await BareMachine.create();
    await transcript(await Program.start(["--dev"], {}, machine.launch));
  },
});

async function transcript(started: TestGateway | Program): Promise<void> {
  await using gateway = started;
  const { port } = gateway;
  const [topic, group] = [uniqueName("greetings"), uniqueName("myapp")];
  const popped = (partition: string, offset: number, value: string): string =>
    `1) "topic"\n2) "${topic}"\n3) "partition"\n4) (integer) ${partition}\n` +
    `5) "offset"\n6) (integer) ${offset}\n7) "value"\n8) "${value}"`;

  assert.equal(await redisCli(port, "ping"), "PONG");
  assert.equal(
    await redisCliLines(
      port,
      `rpushx topics:${topic}:key "hello world"`,
      `rpushx topics:${topic}:key second`,
      "dump 20000",
    ),
    "(integer) 1\n(integer) 1\n(integer) 0",
  );
  const all = await redisCli(port, "keys", "topics:");
  assert.ok(all.split("\n").some((line) => line.endsWith(`"topics:${topic}"`)), all);

  const first = await redisCliLines(
    port,
    `client setname ${group}:worker`,
    "client getname",
    `blpop topics:${topic} 30`,
  );
  const partition = /\(integer\) (\d+)/.exec(first)?.[1] ?? "none";
  assert.equal(
    withoutSeconds(first),
    `OK\n"${group}:worker"\n${popped(partition, 0, "hello world")}`,
  );

  assert.equal( // the first was not acked: it comes again; now both are
    withoutSeconds(
      await redisCliLines(
        port,
        `client setname ${group}:worker`,
        `blpop topics:${topic} 30`,
        `rpush acks ${topic}:${partition}:0`,
        `blpop topics:${topic} 30`,
        `rpush acks ${topic}:${partition}:1`,
      ),
    ),
    `OK\n${popped(partition, 0, "hello world")}\n(integer) 1\n` +
      `${popped(partition, 1, "second")}\n(integer) 1`,
  );
  assert.equal(
    await redisCliLines(port, `client setname ${group}:worker`, `blpop topics:${topic} 5`)
      .then(withoutSeconds),
    "OK\n(nil)",
  );

  const stats = await redisCli(port, "hgetall", "stats");
  assert.match(stats, /"producer\.unflushed\.messages"\n *2\) "0"/);
  assert.equal(await redisCli(port, "del", "stats"), "(integer) 1");
  assert.match(await redisCli(port, "hgetall", "stats"), /consumed\.messages"\n *\d+\) "0"/);

  await using monitor = new RedisCliMonitor(port);
  await monitor.shows(/^OK/);
  await redisCli(port, "rpushx", `topics:${topic}`, 'say "hi"');
  await monitor.shows(
    new RegExp(
      `^\\d+\\.\\d{6} \\[0 127\\.0\\.0\\.1:\\d+\\] "rpushx" "topics:${topic}" "say \\\\"hi\\\\""$`,
      "m",
    ),
  );
}

/** redis-cli adds how long a reply took. */
function withoutSeconds(text: string): string {
  return text.replace(/\n\(\d+\.\d+s\)/g, "");
}
