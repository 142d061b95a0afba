/**
 * The enums and flags of librdkafka that Rafka uses, under their C names.
 * Source: rdkafka.h (rd_kafka_type_t, rd_kafka_resp_err_t, RD_KAFKA_EVENT_…, RD_KAFKA_MSG_F_…).
 *
 * @module
 */

/** `rd_kafka_type_t` */
export const RD_KAFKA_PRODUCER: number = 0;
/** `rd_kafka_type_t` */
export const RD_KAFKA_CONSUMER: number = 1;

/** `rd_kafka_conf_res_t`: unknown setting. */
export const RD_KAFKA_CONF_UNKNOWN: number = -2;
/** `rd_kafka_conf_res_t`: the value was taken. */
export const RD_KAFKA_CONF_OK: number = 0;

/** Any partition: the partitioner chooses. */
export const RD_KAFKA_PARTITION_UA: number = -1;

/** librdkafka copies the payload, so that no JavaScript buffer has to stay where it is. */
export const RD_KAFKA_MSG_F_COPY: number = 0x2;

/** `rd_kafka_vtype_t`, what an `rd_kafka_vu_t` holds: the topic. */
export const RD_KAFKA_VTYPE_RKT: number = 2;
/** `rd_kafka_vtype_t`: the value. */
export const RD_KAFKA_VTYPE_VALUE: number = 4;
/** `rd_kafka_vtype_t`: the key. */
export const RD_KAFKA_VTYPE_KEY: number = 5;
/** `rd_kafka_vtype_t`: the opaque. */
export const RD_KAFKA_VTYPE_OPAQUE: number = 6;
/** `rd_kafka_vtype_t`: bits of RD_KAFKA_MSG_F_… */
export const RD_KAFKA_VTYPE_MSGFLAGS: number = 7;
/** `rd_kafka_vtype_t`: the timestamp, 0 for now. */
export const RD_KAFKA_VTYPE_TIMESTAMP: number = 8;
/** `rd_kafka_vtype_t`: one header, which is copied. */
export const RD_KAFKA_VTYPE_HEADER: number = 9;

/** `rd_kafka_timestamp_type_t`: the message has no timestamp. */
export const RD_KAFKA_TIMESTAMP_NOT_AVAILABLE: number = 0;
/** `rd_kafka_timestamp_type_t`: the producer's. */
export const RD_KAFKA_TIMESTAMP_CREATE_TIME: number = 1;
/** `rd_kafka_timestamp_type_t`: the broker's, `message.timestamp.type` LogAppendTime. */
export const RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME: number = 2;

/** `rd_kafka_purge`: messages still in the queue. */
export const RD_KAFKA_PURGE_F_QUEUE: number = 0x1;
/** `rd_kafka_purge`: messages sent and not answered yet. */
export const RD_KAFKA_PURGE_F_INFLIGHT: number = 0x2;
/** `rd_kafka_purge`: do not wait for the threads that purge. */
export const RD_KAFKA_PURGE_F_NON_BLOCKING: number = 0x4;

/** `rd_kafka_destroy_flags`: do not close the consumer first (no final commit, no leave). */
export const RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE: number = 0x8;

/** Event types: bits for `rd_kafka_conf_set_events`, values of `rd_kafka_event_type`. */
export const RD_KAFKA_EVENT_DR: number = 0x1;
/** A consumed message. */
export const RD_KAFKA_EVENT_FETCH: number = 0x2;
/** A line of the log. */
export const RD_KAFKA_EVENT_LOG: number = 0x4;
/** An error of the client or of a partition. */
export const RD_KAFKA_EVENT_ERROR: number = 0x8;
/** Partitions are assigned or revoked. */
export const RD_KAFKA_EVENT_REBALANCE: number = 0x10;
/** Result of a commit. */
export const RD_KAFKA_EVENT_OFFSET_COMMIT: number = 0x20;
/** librdkafka's statistics. */
export const RD_KAFKA_EVENT_STATS: number = 0x40;

/** `rd_kafka_admin_op_t`, what options are for: creating topics. */
export const RD_KAFKA_ADMIN_OP_CREATETOPICS: number = 1;
/** `rd_kafka_admin_op_t`: deleting topics. */
export const RD_KAFKA_ADMIN_OP_DELETETOPICS: number = 2;
/** `rd_kafka_admin_op_t`: more partitions for topics. */
export const RD_KAFKA_ADMIN_OP_CREATEPARTITIONS: number = 3;
/** `rd_kafka_admin_op_t`: configurations of topics. */
export const RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS: number = 5;
/** `rd_kafka_admin_op_t`: deleting the first records of partitions. */
export const RD_KAFKA_ADMIN_OP_DELETERECORDS: number = 6;
/** `rd_kafka_admin_op_t`: deleting groups. */
export const RD_KAFKA_ADMIN_OP_DELETEGROUPS: number = 7;
/** `rd_kafka_admin_op_t`: deleting committed offsets. */
export const RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS: number = 8;
/** `rd_kafka_admin_op_t`: all groups. */
export const RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS: number = 12;
/** `rd_kafka_admin_op_t`: state and members of groups. */
export const RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS: number = 13;
/** `rd_kafka_admin_op_t`: committed offsets. */
export const RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS: number = 14;
/** `rd_kafka_admin_op_t`: committing offsets. */
export const RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS: number = 15;
/** `rd_kafka_admin_op_t`: single keys of configurations. */
export const RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS: number = 16;
/** `rd_kafka_admin_op_t`: partitions of topics. */
export const RD_KAFKA_ADMIN_OP_DESCRIBETOPICS: number = 19;
/** `rd_kafka_admin_op_t`: the brokers. */
export const RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER: number = 20;
/** `rd_kafka_admin_op_t`: first, last, and offsets by time. */
export const RD_KAFKA_ADMIN_OP_LISTOFFSETS: number = 21;

/** `rd_kafka_ResourceType_t`: what a configuration is of. */
export const RD_KAFKA_RESOURCE_TOPIC: number = 2;
/** `rd_kafka_ConfigSource_t`: set for the topic itself. */
export const RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG: number = 1;
/** `rd_kafka_AlterConfigOpType_t`: gives a key a value. */
export const RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET: number = 0;
/** `rd_kafka_AlterConfigOpType_t`: gives a key its default. */
export const RD_KAFKA_ALTER_CONFIG_OP_TYPE_DELETE: number = 1;

/** `rd_kafka_IsolationLevel_t`: messages of open and of aborted transactions count, too. */
export const RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED: number = 0;
/** `rd_kafka_IsolationLevel_t`: the end is that of what a consumer sees. */
export const RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED: number = 1;

/** An offset: none, in lists of partitions. */
export const RD_KAFKA_OFFSET_INVALID: number = -1001;

/** `rd_kafka_OffsetSpec_t`: the first offset. */
export const RD_KAFKA_OFFSET_SPEC_EARLIEST: number = -2;
/** `rd_kafka_OffsetSpec_t`: the offset behind the last. */
export const RD_KAFKA_OFFSET_SPEC_LATEST: number = -1;

/** `rd_kafka_resp_err_t`: the codes that Rafka tells apart. Negative ones are librdkafka's own. */
export const ERR_NO_ERROR: number = 0;
/** A connection to a broker failed. */
export const ERR__TRANSPORT: number = -195;
/** The system has not enough of something, such as threads. */
export const ERR__CRIT_SYS_RESOURCE: number = -194;
/** The name of a broker has no address. */
export const ERR__RESOLVE: number = -193;
/** A message was not delivered within `message.timeout.ms`. */
export const ERR__MSG_TIMED_OUT: number = -192;
/** The end of a partition was reached (`enable.partition.eof`). */
export const ERR__PARTITION_EOF: number = -191;
/** The client does not know this partition. */
export const ERR__UNKNOWN_PARTITION: number = -190;
/** The client does not know this topic. */
export const ERR__UNKNOWN_TOPIC: number = -188;
/** No broker can be reached. */
export const ERR__ALL_BROKERS_DOWN: number = -187;
/** librdkafka, or Rafka in its place, was asked for something that is not allowed. */
export const ERR__INVALID_ARG: number = -186;
/** A timeout. */
export const ERR__TIMED_OUT: number = -185;
/** The producer's queue is full. */
export const ERR__QUEUE_FULL: number = -184;
/** TLS failed. */
export const ERR__SSL: number = -181;
/** A rebalance assigns (else it revokes). */
export const ERR__ASSIGN_PARTITIONS: number = -175;
/** Not now: a partition is not assigned, for example. */
export const ERR__STATE: number = -172;
/** A broker refused the credentials. */
export const ERR__AUTHENTICATION: number = -169;
/** The broker, or librdkafka, does not support it. */
export const ERR__UNSUPPORTED_FEATURE: number = -165;
/** There was nothing to commit. */
export const ERR__NO_OFFSET: number = -168;
/** The partition has no leader at the moment. */
export const ERR_LEADER_NOT_AVAILABLE: number = 5;
/** Another broker leads the partition, or will in a moment. */
export const ERR_NOT_LEADER_FOR_PARTITION: number = 6;
/** The coordinator of the group is starting. */
export const ERR_COORDINATOR_LOAD_IN_PROGRESS: number = 14;
/** The group has no coordinator at the moment. */
export const ERR_COORDINATOR_NOT_AVAILABLE: number = 15;
/** Another broker is the coordinator of the group. */
export const ERR_NOT_COORDINATOR: number = 16;
/** Another broker is the controller. */
export const ERR_NOT_CONTROLLER: number = 41;
/** The client knows an older leader of the partition. */
export const ERR_FENCED_LEADER_EPOCH: number = 74;
/** The broker knows an older leader of the partition. */
export const ERR_UNKNOWN_LEADER_EPOCH: number = 75;
/** A new leader does not know yet how far the partition is replicated. */
export const ERR_OFFSET_NOT_AVAILABLE: number = 78;
/** The topic does not exist, or not yet. */
export const ERR_UNKNOWN_TOPIC_OR_PART: number = 3;
/** The topic was deleted, and may have been created again: with another id. */
export const ERR_UNKNOWN_TOPIC_ID: number = 100;
/** No topic may have this name. */
export const ERR_TOPIC_EXCEPTION: number = 17;
/** The members of a group do not agree how to share partitions. */
export const ERR_INCONSISTENT_GROUP_PROTOCOL: number = 23;
/** The login may not use this topic. */
export const ERR_TOPIC_AUTHORIZATION_FAILED: number = 29;
/** The login may not use this group. */
export const ERR_GROUP_AUTHORIZATION_FAILED: number = 30;
/** The login may not do this to the cluster. */
export const ERR_CLUSTER_AUTHORIZATION_FAILED: number = 31;
/** A message or a batch is larger than Kafka, or the producer, takes. */
export const ERR_MSG_SIZE_TOO_LARGE: number = 10;
/** The group has members. */
export const ERR_NON_EMPTY_GROUP: number = 68;
/** There is no such group. */
export const ERR_GROUP_ID_NOT_FOUND: number = 69;
/** A topic may not have this number of partitions. */
export const ERR_INVALID_PARTITIONS: number = 37;
/** The topic exists. */
export const ERR_TOPIC_ALREADY_EXISTS: number = 36;
/** Purged before it was sent. */
export const ERR__PURGE_QUEUE: number = -152;
/** Purged after it was sent, before the broker had answered. */
export const ERR__PURGE_INFLIGHT: number = -151;
/** The client is being destroyed. */
export const ERR__DESTROY: number = -197;
/** The client can't be used any more. */
export const ERR__FATAL: number = -150;
/** What was received can't be parsed. */
export const ERR__BAD_MSG: number = -199;
/** There is no such thing: no header, or no further one. */
export const ERR__NOENT: number = -156;
/** There is no offset to begin at, and `auto.offset.reset` is error. */
export const ERR__AUTO_OFFSET_RESET: number = -140;
/** The group continues without this consumer. */
export const ERR__ASSIGNMENT_LOST: number = -142;

/** `rd_kafka_msg_status_t`: the message was never sent, or refused. */
export const RD_KAFKA_MSG_STATUS_NOT_PERSISTED: number = 0;
