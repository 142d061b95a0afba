/**
 * The functions of librdkafka's Admin API for configurations and partitions of topics, and for brokers (rdkafka.h): a
 * part of the table in symbols.ts, as admin_symbols.ts.
 *
 * @module
 */

/** In the order of the header. */
export const TOPIC_ADMIN_SYMBOLS = {
  rd_kafka_Node_id: {
    parameters: ["pointer"], // const rd_kafka_Node_t *node
    result: "i32", // int
  },
  rd_kafka_Node_host: {
    parameters: ["pointer"], // const rd_kafka_Node_t *node
    result: "pointer", // const char *
  },
  rd_kafka_Node_port: {
    parameters: ["pointer"], // const rd_kafka_Node_t *node
    result: "u16", // uint16_t
  },
  rd_kafka_Node_rack: {
    parameters: ["pointer"], // const rd_kafka_Node_t *node
    result: "pointer", // const char *, NULL for none
    optional: true, // since 2.3
  },

  rd_kafka_NewTopic_set_config: {
    parameters: [
      "pointer", // rd_kafka_NewTopic_t *new_topic
      "buffer", // const char *name
      "buffer", // const char *value
    ],
    result: "i32", // rd_kafka_resp_err_t
  },

  rd_kafka_NewPartitions_new: {
    parameters: [
      "buffer", // const char *topic
      "usize", // size_t new_total_cnt
      "buffer", // char *errstr
      "usize", // size_t errstr_size
    ],
    result: "pointer", // rd_kafka_NewPartitions_t *
  },
  rd_kafka_NewPartitions_destroy: {
    parameters: ["pointer"], // rd_kafka_NewPartitions_t *new_parts
    result: "void",
  },
  rd_kafka_CreatePartitions: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "buffer", // rd_kafka_NewPartitions_t **new_parts
      "usize", // size_t new_parts_cnt
      "pointer", // const rd_kafka_AdminOptions_t *options
      "pointer", // rd_kafka_queue_t *rkqu
    ],
    result: "void",
  },
  rd_kafka_CreatePartitions_result_topics: {
    parameters: [
      "pointer", // const rd_kafka_CreatePartitions_result_t *result: the event
      "buffer", // size_t *cntp
    ],
    result: "pointer", // const rd_kafka_topic_result_t **
  },

  rd_kafka_ConfigEntry_name: {
    parameters: ["pointer"], // const rd_kafka_ConfigEntry_t *entry
    result: "pointer", // const char *
  },
  rd_kafka_ConfigEntry_value: {
    parameters: ["pointer"], // const rd_kafka_ConfigEntry_t *entry
    result: "pointer", // const char *, NULL for none and where it is sensitive
  },
  rd_kafka_ConfigEntry_source: {
    parameters: ["pointer"], // const rd_kafka_ConfigEntry_t *entry
    result: "u32", // rd_kafka_ConfigSource_t
  },
  rd_kafka_ConfigResource_new: {
    parameters: [
      "u32", // rd_kafka_ResourceType_t restype
      "buffer", // const char *resname
    ],
    result: "pointer", // rd_kafka_ConfigResource_t *
  },
  rd_kafka_ConfigResource_destroy: {
    parameters: ["pointer"], // rd_kafka_ConfigResource_t *config
    result: "void",
  },
  rd_kafka_ConfigResource_add_incremental_config: {
    parameters: [
      "pointer", // rd_kafka_ConfigResource_t *config
      "buffer", // const char *name
      "u32", // rd_kafka_AlterConfigOpType_t op_type
      "buffer", // const char *value
    ],
    result: "pointer", // rd_kafka_error_t *
    optional: true, // since 2.2, as all of IncrementalAlterConfigs
  },
  rd_kafka_ConfigResource_configs: {
    parameters: [
      "pointer", // const rd_kafka_ConfigResource_t *config
      "buffer", // size_t *cntp
    ],
    result: "pointer", // const rd_kafka_ConfigEntry_t **
  },
  rd_kafka_ConfigResource_error: {
    parameters: ["pointer"], // const rd_kafka_ConfigResource_t *config
    result: "i32", // rd_kafka_resp_err_t
  },
  rd_kafka_ConfigResource_error_string: {
    parameters: ["pointer"], // const rd_kafka_ConfigResource_t *config
    result: "pointer", // const char *, NULL for none
  },
  rd_kafka_IncrementalAlterConfigs: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "buffer", // rd_kafka_ConfigResource_t **configs
      "usize", // size_t config_cnt
      "pointer", // const rd_kafka_AdminOptions_t *options
      "pointer", // rd_kafka_queue_t *rkqu
    ],
    result: "void",
    optional: true,
  },
  rd_kafka_IncrementalAlterConfigs_result_resources: {
    parameters: [
      "pointer", // const rd_kafka_IncrementalAlterConfigs_result_t *result: the event
      "buffer", // size_t *cntp
    ],
    result: "pointer", // const rd_kafka_ConfigResource_t **
    optional: true,
  },
  rd_kafka_DescribeConfigs: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "buffer", // rd_kafka_ConfigResource_t **configs
      "usize", // size_t config_cnt
      "pointer", // const rd_kafka_AdminOptions_t *options
      "pointer", // rd_kafka_queue_t *rkqu
    ],
    result: "void",
  },
  rd_kafka_DescribeConfigs_result_resources: {
    parameters: [
      "pointer", // const rd_kafka_DescribeConfigs_result_t *result: the event
      "buffer", // size_t *cntp
    ],
    result: "pointer", // const rd_kafka_ConfigResource_t **
  },

  rd_kafka_TopicPartitionInfo_partition: {
    parameters: ["pointer"], // const rd_kafka_TopicPartitionInfo_t *partition
    result: "i32", // const int
    optional: true, // since 2.3, as all of DescribeTopics
  },
  rd_kafka_TopicPartitionInfo_leader: {
    parameters: ["pointer"], // const rd_kafka_TopicPartitionInfo_t *partition
    result: "pointer", // const rd_kafka_Node_t *, NULL for none
    optional: true,
  },
  rd_kafka_TopicPartitionInfo_isr: {
    parameters: [
      "pointer", // const rd_kafka_TopicPartitionInfo_t *partition
      "buffer", // size_t *cntp
    ],
    result: "pointer", // const rd_kafka_Node_t **
    optional: true,
  },
  rd_kafka_TopicPartitionInfo_replicas: {
    parameters: [
      "pointer", // const rd_kafka_TopicPartitionInfo_t *partition
      "buffer", // size_t *cntp
    ],
    result: "pointer", // const rd_kafka_Node_t **
    optional: true,
  },
  rd_kafka_TopicDescription_name: {
    parameters: ["pointer"], // const rd_kafka_TopicDescription_t *topicdesc
    result: "pointer", // const char *
    optional: true,
  },

  rd_kafka_DescribeCluster: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "pointer", // const rd_kafka_AdminOptions_t *options
      "pointer", // rd_kafka_queue_t *rkqu
    ],
    result: "void",
    optional: true, // since 2.3
  },
  rd_kafka_DescribeCluster_result_nodes: {
    parameters: [
      "pointer", // const rd_kafka_DescribeCluster_result_t *result: the event
      "buffer", // size_t *cntp
    ],
    result: "pointer", // const rd_kafka_Node_t **
    optional: true,
  },

  rd_kafka_ConsumerGroupListing_state: {
    parameters: ["pointer"], // const rd_kafka_ConsumerGroupListing_t *grplist
    result: "u32", // rd_kafka_consumer_group_state_t
  },
  rd_kafka_ConsumerGroupDescription_partition_assignor: {
    parameters: ["pointer"], // const rd_kafka_ConsumerGroupDescription_t *grpdesc
    result: "pointer", // const char *
  },
  rd_kafka_ConsumerGroupDescription_coordinator: {
    parameters: ["pointer"], // const rd_kafka_ConsumerGroupDescription_t *grpdesc
    result: "pointer", // const rd_kafka_Node_t *
  },
} as const satisfies Deno.ForeignLibraryInterface;
