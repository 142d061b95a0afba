/**
 * @module
 * The enums and flags of librdkafka that Rafka uses, under their C names.
 * Source: rdkafka.h (rd_kafka_type_t, rd_kafka_resp_err_t, RD_KAFKA_EVENT_…, RD_KAFKA_MSG_F_…).
 */

/** `rd_kafka_type_t` */
export const RD_KAFKA_PRODUCER = 0;
/** `rd_kafka_type_t` */
export const RD_KAFKA_CONSUMER = 1;

/** `rd_kafka_conf_res_t`: the value was taken. */
export const RD_KAFKA_CONF_OK = 0;

/** Any partition: the partitioner chooses. */
export const RD_KAFKA_PARTITION_UA = -1;

/** librdkafka copies the payload, so that no JavaScript buffer has to stay where it is. */
export const RD_KAFKA_MSG_F_COPY = 0x2;

/** `rd_kafka_purge`: messages still in the queue. */
export const RD_KAFKA_PURGE_F_QUEUE = 0x1;
/** `rd_kafka_purge`: messages sent and not answered yet. */
export const RD_KAFKA_PURGE_F_INFLIGHT = 0x2;
/** `rd_kafka_purge`: do not wait for the threads that purge. */
export const RD_KAFKA_PURGE_F_NON_BLOCKING = 0x4;

/** `rd_kafka_destroy_flags`: do not close the consumer first (no final commit, no leave). */
export const RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE = 0x8;

/** Event types: bits for `rd_kafka_conf_set_events`, values of `rd_kafka_event_type`. */
export const RD_KAFKA_EVENT_DR = 0x1;
export const RD_KAFKA_EVENT_FETCH = 0x2;
export const RD_KAFKA_EVENT_LOG = 0x4;
export const RD_KAFKA_EVENT_ERROR = 0x8;
export const RD_KAFKA_EVENT_REBALANCE = 0x10;
export const RD_KAFKA_EVENT_OFFSET_COMMIT = 0x20;

/** `rd_kafka_resp_err_t`: the codes that Rafka tells apart. Negative ones are librdkafka's own. */
export const ERR_NO_ERROR = 0;
export const ERR__TRANSPORT = -195;
export const ERR__RESOLVE = -193;
export const ERR__PARTITION_EOF = -191;
export const ERR__ALL_BROKERS_DOWN = -187;
export const ERR__TIMED_OUT = -185;
export const ERR__SSL = -181;
export const ERR__ASSIGN_PARTITIONS = -175;
export const ERR__AUTHENTICATION = -169;
export const ERR__NO_OFFSET = -168;
export const ERR_UNKNOWN_TOPIC_OR_PART = 3;
export const ERR_TOPIC_ALREADY_EXISTS = 36;
