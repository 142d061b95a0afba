/**
 * The functions of librdkafka's mock cluster (rdkafka_mock.h), the embedded Kafka: a part of the table in symbols.ts.
 *
 * @module
 */

/** In the order of the header. */
export const MOCK_SYMBOLS = {
  rd_kafka_mock_cluster_new: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "i32", // int broker_cnt
    ],
    result: "pointer", // rd_kafka_mock_cluster_t *
  },
  rd_kafka_mock_cluster_destroy: {
    parameters: ["pointer"], // rd_kafka_mock_cluster_t *mcluster
    result: "void",
    nonblocking: true, // joins the thread of the cluster
  },
  rd_kafka_mock_cluster_bootstraps: {
    parameters: ["pointer"], // const rd_kafka_mock_cluster_t *mcluster
    result: "pointer", // const char *
  },
  rd_kafka_mock_push_request_errors_array: {
    parameters: [
      "pointer", // rd_kafka_mock_cluster_t *mcluster
      "i16", // int16_t ApiKey
      "usize", // size_t cnt
      "buffer", // const rd_kafka_resp_err_t *errors
    ],
    result: "void",
  },
  rd_kafka_mock_group_initial_rebalance_delay_ms: {
    parameters: [
      "pointer", // rd_kafka_mock_cluster_t *mcluster
      "i32", // int32_t delay_ms
    ],
    result: "void",
    optional: true, // since 2.3
  },
  rd_kafka_mock_topic_create: {
    parameters: [
      "pointer", // rd_kafka_mock_cluster_t *mcluster
      "buffer", // const char *topic
      "i32", // int partition_cnt
      "i32", // int replication_factor
    ],
    result: "i32", // rd_kafka_resp_err_t
  },
  rd_kafka_mock_broker_set_down: {
    parameters: [
      "pointer", // rd_kafka_mock_cluster_t *mcluster
      "i32", // int32_t broker_id
    ],
    result: "i32", // rd_kafka_resp_err_t
  },
  rd_kafka_mock_broker_set_up: {
    parameters: [
      "pointer", // rd_kafka_mock_cluster_t *mcluster
      "i32", // int32_t broker_id
    ],
    result: "i32", // rd_kafka_resp_err_t
  },
  rd_kafka_mock_coordinator_set: {
    parameters: [
      "pointer", // rd_kafka_mock_cluster_t *mcluster
      "buffer", // const char *key_type
      "buffer", // const char *key
      "i32", // int32_t broker_id
    ],
    result: "i32", // rd_kafka_resp_err_t
  },
  rd_kafka_mock_broker_set_rtt: {
    parameters: [
      "pointer", // rd_kafka_mock_cluster_t *mcluster
      "i32", // int32_t broker_id, -1 for all
      "i32", // int rtt_ms
    ],
    result: "i32", // rd_kafka_resp_err_t
  },
} as const satisfies Deno.ForeignLibraryInterface;
