/**
 * Errors with librdkafka's codes, names and texts.
 *
 * @module
 */
import assert from "node:assert/strict";
import { libraryCandidates, openLibrary } from "../../../src/ffi/library.ts";
import {
  check,
  checkErrorObject,
  KafkaError,
  kafkaError,
} from "../../../src/kafka/client/error.ts";
import { TopicPartitionList } from "../../../src/kafka/client/topic_partitions.ts";
import { TestKafka } from "../../support/kafka_environment.ts";
import { KafkaClient } from "../../../src/kafka/client/kafka_client.ts";
import { RD_KAFKA_PRODUCER } from "../../../src/ffi/constants.ts";

const library = openLibrary(libraryCandidates(undefined));

const rows = [
  { code: -195, name: "_TRANSPORT", text: "Local: Broker transport failure", transient: true },
  { code: -193, name: "_RESOLVE", text: "Local: Host resolution failure", transient: true },
  {
    code: -187,
    name: "_ALL_BROKERS_DOWN",
    text: "Local: All broker connections are down",
    transient: true,
  },
  { code: -185, name: "_TIMED_OUT", text: "Local: Timed out", transient: false },
  { code: -172, name: "_STATE", text: "Local: Erroneous state", transient: false },
  { code: -169, name: "_AUTHENTICATION", text: "Local: Authentication failure", transient: false },
  {
    code: 3,
    name: "UNKNOWN_TOPIC_OR_PART",
    text: "Broker: Unknown topic or partition",
    transient: false,
  },
  {
    code: 10,
    name: "MSG_SIZE_TOO_LARGE",
    text: "Broker: Message size too large",
    transient: false,
  },
];

for (const { code, name, text, transient } of rows) {
  const waits = transient ? "passes by itself" : "does not pass by itself";
  Deno.test(`code ${code} is ${name}, "${text}", and ${waits}`, () => {
    const error = kafkaError(library, code);
    assert.deepEqual(
      [error.code, error.codeName, error.message, error.transient, error.fatal],
      [code, name, text, transient, false],
    );
  });
}

Deno.test("a more exact text takes the place of librdkafka's, an empty one does not", () => {
  assert.equal(kafkaError(library, -195, { message: "b1: refused" }).message, "b1: refused");
  assert.equal(
    kafkaError(library, -195, { message: "" }).message,
    "Local: Broker transport failure",
  );
});

Deno.test("success throws nothing, any other code does", () => {
  check(library, 0);
  checkErrorObject(library, null);
  assert.throws(
    () => check(library, -185),
    (error) => (error as KafkaError).codeName === "_TIMED_OUT",
  );
});

Deno.test("an error object of librdkafka is thrown with its own text", async () => {
  await using kafka = await TestKafka.start();
  const producer = new KafkaClient(kafka.environment, {
    type: RD_KAFKA_PRODUCER,
    settings: {},
    name: { clientId: "p" },
    events: 0,
    onEvent: () => {},
  });
  const { symbols } = kafka.environment.library;
  {
    using list = new TopicPartitionList(kafka.environment.library);
    const error = symbols.rd_kafka_incremental_assign(producer.pointer, list.pointer);
    assert.throws(() => checkErrorObject(kafka.environment.library, error), (thrown) => {
      assert.ok(thrown instanceof KafkaError);
      assert.equal(thrown.codeName, "_UNKNOWN_GROUP");
      assert.match(thrown.message, /Requires a consumer/);
      const { fatal, retriable, txnRequiresAbort } = thrown;
      assert.deepEqual([fatal, retriable, txnRequiresAbort], [false, false, false]);
      return true;
    });
  }
  await producer.close();
});

Deno.test("of a plain code it is not known whether trying again helps; another text keeps all else", () => {
  const { retriable, txnRequiresAbort } = kafkaError(library, -185);
  assert.deepEqual([retriable, txnRequiresAbort], [undefined, undefined]);
  const known = kafkaError(library, -185, { retriable: true, txnRequiresAbort: true, fatal: true });
  const cause = new Error("why");
  const changed = known.withMessage("in other words", { cause });
  assert.deepEqual({ ...changed }, { ...known });
  assert.deepEqual([changed.message, changed.cause], ["in other words", cause]);
});
