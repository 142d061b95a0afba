/**
 * The tables of offsets and constants compared with what the C compiler says: a wrong one would read other bytes
 * than librdkafka wrote.
 *
 * @module
 */
import assert from "node:assert/strict";
import * as constants from "../../src/ffi/constants.ts";
import * as structs from "../../src/ffi/structs.ts";
import { hasCompiler } from "../support/machine.ts";
import { evaluate } from "./c_header.ts";

const TABLES = {
  rd_kafka_message_t: structs.MESSAGE,
  rd_kafka_topic_partition_list_t: structs.TOPIC_PARTITION_LIST,
  rd_kafka_topic_partition_t: structs.TOPIC_PARTITION,
  rd_kafka_vu_t: structs.PRODUCE_ARGUMENT,
  "struct rafka_packed_message": structs.PACKED_MESSAGE,
  "struct rafka_packed_report": structs.PACKED_REPORT,
  "struct rafka_reply_run": structs.REPLY_RUN,
  "struct rd_kafka_metadata": structs.METADATA,
  "struct rd_kafka_metadata_topic": structs.METADATA_TOPIC,
} as const;

Deno.test("every table of struct offsets is compared", () => {
  const tables = Object.values(structs).filter((value) => typeof value === "object");
  assert.deepEqual(new Set(tables), new Set(Object.values(TABLES)));
});

for (const [type, table] of Object.entries(TABLES)) {
  Deno.test({
    name: `${type} has its fields where C has them`,
    ignore: !hasCompiler,
    async fn(): Promise<void> {
      const expressions = Object.keys(table).map((field) => expressionFor(type, field));
      const values = await evaluate(expressions);
      const inC = Object.fromEntries(
        Object.keys(table).map((field) => [field, Number(values[expressionFor(type, field)])]),
      );
      assert.deepEqual(table, inC);
    },
  });
}

Deno.test({
  name: "every constant has the value that it has in C",
  ignore: !hasCompiler,
  async fn(): Promise<void> {
    const names = Object.keys(constants);
    const values = await evaluate(names.map(nameInC));
    const inC = Object.fromEntries(names.map((name) => [name, Number(values[nameInC(name)])]));
    assert.deepEqual({ ...constants }, inC);
  },
});

function expressionFor(type: string, field: string): string {
  return field === "size" ? `sizeof(${type})` : `offsetof(${type}, ${field})`;
}

/** `ERR__TRANSPORT` is `RD_KAFKA_RESP_ERR__TRANSPORT`; the others are called as in C. */
function nameInC(name: string): string {
  return name.startsWith("ERR_") ? `RD_KAFKA_RESP_${name}` : name;
}
