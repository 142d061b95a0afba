/**
 * The functions of librdkafka's Admin API (rdkafka.h): a part of the table in symbols.ts. An admin call returns
 * immediately; its result is an event of the queue that it names, and lives as long as the event.
 *
 * @module
 */

import { TOPIC_ADMIN_SYMBOLS } from "./topic_admin_symbols.ts";

/** In the order of the header. */
export const ADMIN_SYMBOLS = {
  ...TOPIC_ADMIN_SYMBOLS,
  rd_kafka_consumer_group_state_name: {
    parameters: ["u32"], // rd_kafka_consumer_group_state_t state
    result: "pointer", // const char *
  },
  rd_kafka_event_opaque: {
    parameters: ["pointer"], // rd_kafka_event_t *rkev
    result: "usize", // void *: the number that the options were given
  },

  rd_kafka_topic_result_error: {
    parameters: ["pointer"], // const rd_kafka_topic_result_t *topicres
    result: "i32", // rd_kafka_resp_err_t
  },
  rd_kafka_topic_result_error_string: {
    parameters: ["pointer"], // const rd_kafka_topic_result_t *topicres
    result: "pointer", // const char *, NULL for none
  },
  rd_kafka_group_result_error: {
    parameters: ["pointer"], // const rd_kafka_group_result_t *groupres
    result: "pointer", // const rd_kafka_error_t *, NULL for none
  },
  rd_kafka_group_result_partitions: {
    parameters: ["pointer"], // const rd_kafka_group_result_t *groupres
    result: "pointer", // const rd_kafka_topic_partition_list_t *
  },

  rd_kafka_AdminOptions_new: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "u32", // rd_kafka_admin_op_t for_api
    ],
    result: "pointer", // rd_kafka_AdminOptions_t *
  },
  rd_kafka_AdminOptions_destroy: {
    parameters: ["pointer"], // rd_kafka_AdminOptions_t *options
    result: "void",
  },
  rd_kafka_AdminOptions_set_request_timeout: {
    parameters: [
      "pointer", // rd_kafka_AdminOptions_t *options
      "i32", // int timeout_ms
      "buffer", // char *errstr
      "usize", // size_t errstr_size
    ],
    result: "i32", // rd_kafka_resp_err_t
  },
  rd_kafka_AdminOptions_set_operation_timeout: {
    parameters: [
      "pointer", // rd_kafka_AdminOptions_t *options
      "i32", // int timeout_ms
      "buffer", // char *errstr
      "usize", // size_t errstr_size
    ],
    result: "i32", // rd_kafka_resp_err_t
  },
  rd_kafka_AdminOptions_set_isolation_level: {
    parameters: [
      "pointer", // rd_kafka_AdminOptions_t *options
      "u32", // rd_kafka_IsolationLevel_t value
    ],
    result: "pointer", // rd_kafka_error_t *
    optional: true, // since 2.3
  },
  rd_kafka_AdminOptions_set_opaque: {
    parameters: [
      "pointer", // rd_kafka_AdminOptions_t *options
      "usize", // void *ev_opaque: a number, never dereferenced
    ],
    result: "void",
  },

  rd_kafka_NewTopic_new: {
    parameters: [
      "buffer", // const char *topic
      "i32", // int num_partitions, -1 for the broker's default
      "i32", // int replication_factor, -1 for the broker's default
      "buffer", // char *errstr
      "usize", // size_t errstr_size
    ],
    result: "pointer", // rd_kafka_NewTopic_t *
  },
  rd_kafka_NewTopic_destroy: {
    parameters: ["pointer"], // rd_kafka_NewTopic_t *new_topic
    result: "void",
  },
  rd_kafka_CreateTopics: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "buffer", // rd_kafka_NewTopic_t **new_topics
      "usize", // size_t new_topic_cnt
      "pointer", // const rd_kafka_AdminOptions_t *options
      "pointer", // rd_kafka_queue_t *rkqu
    ],
    result: "void",
  },
  rd_kafka_CreateTopics_result_topics: {
    parameters: [
      "pointer", // const rd_kafka_CreateTopics_result_t *result: the event
      "buffer", // size_t *cntp
    ],
    result: "pointer", // const rd_kafka_topic_result_t **
  },

  rd_kafka_DeleteTopic_new: {
    parameters: ["buffer"], // const char *topic
    result: "pointer", // rd_kafka_DeleteTopic_t *
  },
  rd_kafka_DeleteTopic_destroy: {
    parameters: ["pointer"], // rd_kafka_DeleteTopic_t *del_topic
    result: "void",
  },
  rd_kafka_DeleteTopics: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "buffer", // rd_kafka_DeleteTopic_t **del_topics
      "usize", // size_t del_topic_cnt
      "pointer", // const rd_kafka_AdminOptions_t *options
      "pointer", // rd_kafka_queue_t *rkqu
    ],
    result: "void",
  },
  rd_kafka_DeleteTopics_result_topics: {
    parameters: [
      "pointer", // const rd_kafka_DeleteTopics_result_t *result: the event
      "buffer", // size_t *cntp
    ],
    result: "pointer", // const rd_kafka_topic_result_t **
  },

  rd_kafka_DeleteRecords_new: {
    parameters: ["pointer"], // const rd_kafka_topic_partition_list_t *before_offsets
    result: "pointer", // rd_kafka_DeleteRecords_t *
  },
  rd_kafka_DeleteRecords_destroy: {
    parameters: ["pointer"], // rd_kafka_DeleteRecords_t *del_records
    result: "void",
  },
  rd_kafka_DeleteRecords: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "buffer", // rd_kafka_DeleteRecords_t **del_records
      "usize", // size_t del_record_cnt
      "pointer", // const rd_kafka_AdminOptions_t *options
      "pointer", // rd_kafka_queue_t *rkqu
    ],
    result: "void",
  },
  rd_kafka_DeleteRecords_result_offsets: {
    parameters: ["pointer"], // const rd_kafka_DeleteRecords_result_t *result: the event
    result: "pointer", // const rd_kafka_topic_partition_list_t *
  },

  rd_kafka_TopicCollection_of_topic_names: {
    parameters: [
      "buffer", // const char **topics
      "usize", // size_t topics_cnt
    ],
    result: "pointer", // rd_kafka_TopicCollection_t *
    optional: true, // since 2.3, as all of DescribeTopics
  },
  rd_kafka_TopicCollection_destroy: {
    parameters: ["pointer"], // rd_kafka_TopicCollection_t *topics
    result: "void",
    optional: true,
  },
  rd_kafka_DescribeTopics: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "pointer", // const rd_kafka_TopicCollection_t *topics
      "pointer", // const rd_kafka_AdminOptions_t *options
      "pointer", // rd_kafka_queue_t *rkqu
    ],
    result: "void",
    optional: true,
  },
  rd_kafka_DescribeTopics_result_topics: {
    parameters: [
      "pointer", // const rd_kafka_DescribeTopics_result_t *result: the event
      "buffer", // size_t *cntp
    ],
    result: "pointer", // const rd_kafka_TopicDescription_t **
    optional: true,
  },
  rd_kafka_TopicDescription_partitions: {
    parameters: [
      "pointer", // const rd_kafka_TopicDescription_t *topicdesc
      "buffer", // size_t *cntp
    ],
    result: "pointer", // const rd_kafka_TopicPartitionInfo_t **
    optional: true,
  },
  rd_kafka_TopicDescription_error: {
    parameters: ["pointer"], // const rd_kafka_TopicDescription_t *topicdesc
    result: "pointer", // const rd_kafka_error_t *
    optional: true,
  },

  rd_kafka_ListConsumerGroups: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "pointer", // const rd_kafka_AdminOptions_t *options
      "pointer", // rd_kafka_queue_t *rkqu
    ],
    result: "void",
  },
  rd_kafka_ConsumerGroupListing_group_id: {
    parameters: ["pointer"], // const rd_kafka_ConsumerGroupListing_t *grplist
    result: "pointer", // const char *
  },
  rd_kafka_ListConsumerGroups_result_valid: {
    parameters: [
      "pointer", // const rd_kafka_ListConsumerGroups_result_t *result: the event
      "buffer", // size_t *cntp
    ],
    result: "pointer", // const rd_kafka_ConsumerGroupListing_t **
  },
  rd_kafka_ListConsumerGroups_result_errors: {
    parameters: [
      "pointer", // const rd_kafka_ListConsumerGroups_result_t *result: the event
      "buffer", // size_t *cntp
    ],
    result: "pointer", // const rd_kafka_error_t **
  },

  rd_kafka_DescribeConsumerGroups: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "buffer", // const char **groups
      "usize", // size_t groups_cnt
      "pointer", // const rd_kafka_AdminOptions_t *options
      "pointer", // rd_kafka_queue_t *rkqu
    ],
    result: "void",
  },
  rd_kafka_DescribeConsumerGroups_result_groups: {
    parameters: [
      "pointer", // const rd_kafka_DescribeConsumerGroups_result_t *result: the event
      "buffer", // size_t *cntp
    ],
    result: "pointer", // const rd_kafka_ConsumerGroupDescription_t **
  },
  rd_kafka_ConsumerGroupDescription_error: {
    parameters: ["pointer"], // const rd_kafka_ConsumerGroupDescription_t *grpdesc
    result: "pointer", // const rd_kafka_error_t *
  },
  rd_kafka_ConsumerGroupDescription_state: {
    parameters: ["pointer"], // const rd_kafka_ConsumerGroupDescription_t *grpdesc
    result: "u32", // rd_kafka_consumer_group_state_t
  },
  rd_kafka_ConsumerGroupDescription_member_count: {
    parameters: ["pointer"], // const rd_kafka_ConsumerGroupDescription_t *grpdesc
    result: "usize", // size_t
  },
  rd_kafka_ConsumerGroupDescription_member: {
    parameters: [
      "pointer", // const rd_kafka_ConsumerGroupDescription_t *grpdesc
      "usize", // size_t idx
    ],
    result: "pointer", // const rd_kafka_MemberDescription_t *
  },
  rd_kafka_MemberDescription_client_id: {
    parameters: ["pointer"], // const rd_kafka_MemberDescription_t *member
    result: "pointer", // const char *
  },
  rd_kafka_MemberDescription_consumer_id: {
    parameters: ["pointer"], // const rd_kafka_MemberDescription_t *member
    result: "pointer", // const char *
  },
  rd_kafka_MemberDescription_host: {
    parameters: ["pointer"], // const rd_kafka_MemberDescription_t *member
    result: "pointer", // const char *
  },
  rd_kafka_MemberDescription_assignment: {
    parameters: ["pointer"], // const rd_kafka_MemberDescription_t *member
    result: "pointer", // const rd_kafka_MemberAssignment_t *
  },
  rd_kafka_MemberAssignment_partitions: {
    parameters: ["pointer"], // const rd_kafka_MemberAssignment_t *assignment
    result: "pointer", // const rd_kafka_topic_partition_list_t *
  },

  rd_kafka_DeleteGroup_new: {
    parameters: ["buffer"], // const char *group
    result: "pointer", // rd_kafka_DeleteGroup_t *
  },
  rd_kafka_DeleteGroup_destroy: {
    parameters: ["pointer"], // rd_kafka_DeleteGroup_t *del_group
    result: "void",
  },
  rd_kafka_DeleteGroups: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "buffer", // rd_kafka_DeleteGroup_t **del_groups
      "usize", // size_t del_group_cnt
      "pointer", // const rd_kafka_AdminOptions_t *options
      "pointer", // rd_kafka_queue_t *rkqu
    ],
    result: "void",
  },
  rd_kafka_DeleteGroups_result_groups: {
    parameters: [
      "pointer", // const rd_kafka_DeleteGroups_result_t *result: the event
      "buffer", // size_t *cntp
    ],
    result: "pointer", // const rd_kafka_group_result_t **
  },

  rd_kafka_ListConsumerGroupOffsets_new: {
    parameters: [
      "buffer", // const char *group_id
      "pointer", // const rd_kafka_topic_partition_list_t *partitions, NULL for all
    ],
    result: "pointer", // rd_kafka_ListConsumerGroupOffsets_t *
  },
  rd_kafka_ListConsumerGroupOffsets_destroy: {
    parameters: ["pointer"], // rd_kafka_ListConsumerGroupOffsets_t *list_grpoffsets
    result: "void",
  },
  rd_kafka_ListConsumerGroupOffsets: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "buffer", // rd_kafka_ListConsumerGroupOffsets_t **list_grpoffsets
      "usize", // size_t list_grpoffsets_cnt
      "pointer", // const rd_kafka_AdminOptions_t *options
      "pointer", // rd_kafka_queue_t *rkqu
    ],
    result: "void",
  },
  rd_kafka_ListConsumerGroupOffsets_result_groups: {
    parameters: [
      "pointer", // const rd_kafka_ListConsumerGroupOffsets_result_t *result: the event
      "buffer", // size_t *cntp
    ],
    result: "pointer", // const rd_kafka_group_result_t **
  },

  rd_kafka_AlterConsumerGroupOffsets_new: {
    parameters: [
      "buffer", // const char *group_id
      "pointer", // const rd_kafka_topic_partition_list_t *partitions
    ],
    result: "pointer", // rd_kafka_AlterConsumerGroupOffsets_t *
  },
  rd_kafka_AlterConsumerGroupOffsets_destroy: {
    parameters: ["pointer"], // rd_kafka_AlterConsumerGroupOffsets_t *alter_grpoffsets
    result: "void",
  },
  rd_kafka_AlterConsumerGroupOffsets: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "buffer", // rd_kafka_AlterConsumerGroupOffsets_t **alter_grpoffsets
      "usize", // size_t alter_grpoffsets_cnt
      "pointer", // const rd_kafka_AdminOptions_t *options
      "pointer", // rd_kafka_queue_t *rkqu
    ],
    result: "void",
  },
  rd_kafka_AlterConsumerGroupOffsets_result_groups: {
    parameters: [
      "pointer", // const rd_kafka_AlterConsumerGroupOffsets_result_t *result: the event
      "buffer", // size_t *cntp
    ],
    result: "pointer", // const rd_kafka_group_result_t **
  },

  rd_kafka_DeleteConsumerGroupOffsets_new: {
    parameters: [
      "buffer", // const char *group
      "pointer", // const rd_kafka_topic_partition_list_t *partitions
    ],
    result: "pointer", // rd_kafka_DeleteConsumerGroupOffsets_t *
  },
  rd_kafka_DeleteConsumerGroupOffsets_destroy: {
    parameters: ["pointer"], // rd_kafka_DeleteConsumerGroupOffsets_t *del_grpoffsets
    result: "void",
  },
  rd_kafka_DeleteConsumerGroupOffsets: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "buffer", // rd_kafka_DeleteConsumerGroupOffsets_t **del_grpoffsets
      "usize", // size_t del_grpoffsets_cnt
      "pointer", // const rd_kafka_AdminOptions_t *options
      "pointer", // rd_kafka_queue_t *rkqu
    ],
    result: "void",
  },
  rd_kafka_DeleteConsumerGroupOffsets_result_groups: {
    parameters: [
      "pointer", // const rd_kafka_DeleteConsumerGroupOffsets_result_t *result: the event
      "buffer", // size_t *cntp
    ],
    result: "pointer", // const rd_kafka_group_result_t **
  },

  rd_kafka_ListOffsetsResultInfo_topic_partition: {
    parameters: ["pointer"], // const rd_kafka_ListOffsetsResultInfo_t *result_info
    result: "pointer", // const rd_kafka_topic_partition_t *
    optional: true, // since 2.3, as all of ListOffsets
  },
  rd_kafka_ListOffsets_result_infos: {
    parameters: [
      "pointer", // const rd_kafka_ListOffsets_result_t *result: the event
      "buffer", // size_t *cntp
    ],
    result: "pointer", // const rd_kafka_ListOffsetsResultInfo_t **
    optional: true,
  },
  rd_kafka_ListOffsets: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "pointer", // rd_kafka_topic_partition_list_t *topic_partitions
      "pointer", // const rd_kafka_AdminOptions_t *options
      "pointer", // rd_kafka_queue_t *rkqu
    ],
    result: "void",
    optional: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;
