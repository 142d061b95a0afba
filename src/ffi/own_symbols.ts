/**
 * The functions that Rafka's own build of librdkafka adds (tasks/native): a part of the table in symbols.ts. All are
 * missing from a system's librdkafka, where their users take the longer way.
 *
 * @module
 */

/** By file: recreated_topics.c, point_reads.c, packed.c, pops.c. */
export const OWN_SYMBOLS = {
  rd_kafka_rafka_topic_id: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "buffer", // const char *topic
      "buffer", // char *id: 16 bytes
    ],
    result: "i32", // int: 0 for none
    optional: true,
  },
  rd_kafka_rafka_limit_reads: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "i32", // int count: 0 for no limit
    ],
    result: "void",
    optional: true,
  },
  rd_kafka_rafka_pack_messages: {
    parameters: [
      "buffer", // rd_kafka_message_t **messages
      "usize", // size_t count
      "i32", // int with_metadata: keys and headers, too
      "buffer", // char *buffer
      "usize", // size_t size
      "buffer", // size_t *needed
    ],
    result: "usize", // size_t: how many are packed, and destroyed
    optional: true,
  },
  rd_kafka_rafka_pack_reports: {
    parameters: [
      "pointer", // rd_kafka_event_t *event
      "buffer", // struct rafka_packed_report *reports
      "usize", // size_t max
    ],
    result: "usize", // size_t: how many are packed, fewer than max at the end
    optional: true,
  },
  rd_kafka_rafka_consume: {
    parameters: [
      "pointer", // rd_kafka_queue_t *queue
      "buffer", // rd_kafka_message_t **messages
      "usize", // size_t max
      "usize", // size_t enough: of bytes
    ],
    result: "usize", // size_t: how many are taken
    optional: true,
  },
  rd_kafka_rafka_write_replies: {
    parameters: [
      "buffer", // rd_kafka_message_t **messages
      "usize", // size_t count
      "buffer", // char *buffer
      "usize", // size_t size
      "buffer", // struct rafka_reply_run *run
    ],
    result: "usize", // size_t: how many are written, and destroyed
    optional: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;
