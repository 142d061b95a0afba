/**
 * The gateway on the librdkafka of the system, which is another version than the one that is built here.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ack, mustPop, produceAll, quit } from "../support/kafka.ts";
import { uniqueName } from "../support/gateway.ts";
import { systemLibrdkafka } from "../support/machine.ts";
import { Program, runProgram } from "../support/program.ts";

Deno.test({
  name: "Produce, dump, consume, ack, keys and a clean end work on the system's librdkafka",
  ignore: systemLibrdkafka === undefined,
  async fn(): Promise<void> {
    const env = { RAFKA_LIBRDKAFKA: systemLibrdkafka! };
    const versions = await runProgram(["--version"], env);
    const version = /^librdkafka (.+)$/m.exec(versions.stdout)?.[1];
    assert.ok(version, versions.stdout + versions.stderr);

    await using program = await Program.start(["--dev"], env);
    assert.ok(program.log.includes(`librdkafka ${version} (${systemLibrdkafka})`), program.log);
    const topic = uniqueName("topic");
    const name = `${uniqueName("group")}:worker`;
    using producer = await program.connect();
    await produceAll(producer, [[`${topic}:key`, "first"], [`${topic}:key`, "second"]]);
    assert.equal(
      await producer.ask("KEYS", "topics:"),
      `*1\r\n$${7 + topic.length}\r\ntopics:${topic}\r\n`,
    );
    for (const value of ["first", "second"]) {
      using consumer = await program.connect();
      assert.equal(await consumer.ask("CLIENT", "SETNAME", name), "+OK\r\n");
      const message = await mustPop(consumer, topic);
      assert.equal(message.value, value);
      assert.equal(await ack(consumer, message), ":1\r\n");
      await quit(consumer);
    }
    program.signal("SIGTERM");
    assert.equal(await program.exited(), 0, program.log);
    assert.match(program.log, /Shutdown is complete/);
    assert.doesNotMatch(program.log, /Bug|still open/);
  },
});
