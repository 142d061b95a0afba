/**
 * The C functions that Rafka calls, in the order of rdkafka.h, then its Admin API, then rdkafka_mock.h, then those of
 * Rafka's own build, then libc, whose functions resolve through the same handle. Each parameter has its C type beside it.
 * A function marked `optional` is missing from some librdkafka of the supported range (2.0 and newer).
 *
 * @module
 */

import { ADMIN_SYMBOLS } from "./admin_symbols.ts";
import { MOCK_SYMBOLS } from "./mock_symbols.ts";
import { OWN_SYMBOLS } from "./own_symbols.ts";

/** The table for `Deno.dlopen`. */
export const SYMBOLS = {
  rd_kafka_version: { parameters: [], result: "i32" }, // int
  rd_kafka_version_str: { parameters: [], result: "pointer" }, // const char *

  rd_kafka_err2str: {
    parameters: ["i32"], // rd_kafka_resp_err_t err
    result: "pointer", // const char *
  },
  rd_kafka_err2name: {
    parameters: ["i32"], // rd_kafka_resp_err_t err
    result: "pointer", // const char *
  },
  rd_kafka_last_error: { parameters: [], result: "i32" }, // rd_kafka_resp_err_t, of this thread
  rd_kafka_error_code: {
    parameters: ["pointer"], // const rd_kafka_error_t *error
    result: "i32", // rd_kafka_resp_err_t
  },
  rd_kafka_error_string: {
    parameters: ["pointer"], // const rd_kafka_error_t *error
    result: "pointer", // const char *
  },
  rd_kafka_error_is_fatal: {
    parameters: ["pointer"], // const rd_kafka_error_t *error
    result: "i32", // int
  },
  rd_kafka_error_is_retriable: {
    parameters: ["pointer"], // const rd_kafka_error_t *error
    result: "i32", // int
  },
  rd_kafka_error_txn_requires_abort: {
    parameters: ["pointer"], // const rd_kafka_error_t *error
    result: "i32", // int
  },
  rd_kafka_error_destroy: {
    parameters: ["pointer"], // rd_kafka_error_t *error
    result: "void",
  },

  rd_kafka_topic_partition_list_new: {
    parameters: ["i32"], // int size
    result: "pointer", // rd_kafka_topic_partition_list_t *
  },
  rd_kafka_topic_partition_list_destroy: {
    parameters: ["pointer"], // rd_kafka_topic_partition_list_t *rkparlist
    result: "void",
  },
  rd_kafka_topic_partition_list_add: {
    parameters: [
      "pointer", // rd_kafka_topic_partition_list_t *rktparlist
      "buffer", // const char *topic
      "i32", // int32_t partition
    ],
    result: "pointer", // rd_kafka_topic_partition_t *
  },

  rd_kafka_header_get_all: {
    parameters: [
      "usize", // const rd_kafka_headers_t *hdrs: its address
      "usize", // size_t idx
      "buffer", // const char **namep
      "buffer", // const void **valuep
      "buffer", // size_t *sizep
    ],
    result: "i32", // rd_kafka_resp_err_t, _NOENT behind the last
  },
  rd_kafka_message_latency: {
    parameters: [
      "usize", // const rd_kafka_message_t *rkmessage: its address
    ],
    result: "i64", // microseconds since it was produced, -1 for unknown
  },
  rd_kafka_message_timestamp: {
    parameters: [
      "usize", // const rd_kafka_message_t *rkmessage: its address
      "buffer", // rd_kafka_timestamp_type_t *tstype
    ],
    result: "i64", // int64_t, milliseconds, -1 when there is none
  },
  rd_kafka_message_headers: {
    parameters: [
      "usize", // const rd_kafka_message_t *rkmessage: its address
      "buffer", // rd_kafka_headers_t **hdrsp: they live as long as the message
    ],
    result: "i32", // rd_kafka_resp_err_t, _NOENT when there are none
  },

  rd_kafka_conf_new: { parameters: [], result: "pointer" }, // rd_kafka_conf_t *
  rd_kafka_conf_destroy: {
    parameters: ["pointer"], // rd_kafka_conf_t *conf
    result: "void",
  },
  rd_kafka_conf_set: {
    parameters: [
      "pointer", // rd_kafka_conf_t *conf
      "buffer", // const char *name
      "buffer", // const char *value
      "buffer", // char *errstr
      "usize", // size_t errstr_size
    ],
    result: "i32", // rd_kafka_conf_res_t
  },
  rd_kafka_conf_get: {
    parameters: [
      "pointer", // const rd_kafka_conf_t *conf
      "buffer", // const char *name
      "buffer", // char *dest
      "buffer", // size_t *dest_size
    ],
    result: "i32", // rd_kafka_conf_res_t
  },
  rd_kafka_conf_set_events: {
    parameters: [
      "pointer", // rd_kafka_conf_t *conf
      "i32", // int events
    ],
    result: "void",
  },

  rd_kafka_new: {
    parameters: [
      "i32", // rd_kafka_type_t type
      "pointer", // rd_kafka_conf_t *conf: taken on success only
      "buffer", // char *errstr
      "usize", // size_t errstr_size
    ],
    result: "pointer", // rd_kafka_t *
  },
  rd_kafka_destroy_flags: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "i32", // int flags
    ],
    result: "void",
    nonblocking: true, // joins the threads of the client
  },
  rd_kafka_default_topic_conf_dup: {
    parameters: ["pointer"], // rd_kafka_t *rk
    result: "pointer", // rd_kafka_topic_conf_t *
  },
  rd_kafka_topic_conf_set: {
    parameters: [
      "pointer", // rd_kafka_topic_conf_t *conf
      "buffer", // const char *name
      "buffer", // const char *value
      "buffer", // char *errstr
      "usize", // size_t errstr_size
    ],
    result: "i32", // rd_kafka_conf_res_t
  },
  rd_kafka_topic_new: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "buffer", // const char *topic
      "pointer", // rd_kafka_topic_conf_t *conf
    ],
    result: "pointer", // rd_kafka_topic_t *
  },
  rd_kafka_topic_destroy: {
    parameters: ["pointer"], // rd_kafka_topic_t *rkt
    result: "void",
  },
  rd_kafka_topic_name: {
    parameters: ["pointer"], // const rd_kafka_topic_t *rkt
    result: "pointer", // const char *
  },

  rd_kafka_queue_get_main: {
    parameters: ["pointer"], // rd_kafka_t *rk
    result: "pointer", // rd_kafka_queue_t *
  },
  rd_kafka_queue_get_consumer: {
    parameters: ["pointer"], // rd_kafka_t *rk
    result: "pointer", // rd_kafka_queue_t *
  },
  rd_kafka_queue_get_partition: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "buffer", // const char *topic
      "i32", // int32_t partition
    ],
    result: "pointer", // rd_kafka_queue_t *
  },
  rd_kafka_queue_new: {
    parameters: ["pointer"], // rd_kafka_t *rk
    result: "pointer", // rd_kafka_queue_t *
  },
  rd_kafka_queue_forward: {
    parameters: [
      "pointer", // rd_kafka_queue_t *src
      "pointer", // rd_kafka_queue_t *dst
    ],
    result: "void",
  },
  rd_kafka_queue_destroy: {
    parameters: ["pointer"], // rd_kafka_queue_t *rkqu
    result: "void",
  },
  rd_kafka_set_log_queue: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "pointer", // rd_kafka_queue_t *rkqu
    ],
    result: "i32", // rd_kafka_resp_err_t
  },
  rd_kafka_queue_io_event_enable: {
    parameters: [
      "pointer", // rd_kafka_queue_t *rkqu
      "i32", // int fd, -1 to disable
      "buffer", // const void *payload: copied
      "usize", // size_t size
    ],
    result: "void",
  },

  rd_kafka_consume_batch_queue: {
    parameters: [
      "pointer", // rd_kafka_queue_t *rkqu
      "i32", // int timeout_ms
      "buffer", // rd_kafka_message_t **rkmessages
      "usize", // size_t rkmessages_size
    ],
    result: "isize", // ssize_t
  },
  rd_kafka_message_destroy: {
    parameters: ["usize"], // rd_kafka_message_t *rkmessage: its address
    result: "void",
  },
  rd_kafka_message_status: {
    parameters: ["usize"], // const rd_kafka_message_t *rkmessage: its address
    result: "u32", // rd_kafka_msg_status_t
  },

  rd_kafka_subscribe: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "pointer", // const rd_kafka_topic_partition_list_t *topics
    ],
    result: "i32", // rd_kafka_resp_err_t
  },
  rd_kafka_unsubscribe: {
    parameters: [
      "pointer", // rd_kafka_t *rk
    ],
    result: "i32", // rd_kafka_resp_err_t
  },
  rd_kafka_memberid: {
    parameters: ["pointer"], // const rd_kafka_t *rk
    result: "pointer", // char *, to be freed
  },
  rd_kafka_mem_malloc: {
    parameters: [
      "pointer", // rd_kafka_t *rk, may be NULL
      "usize", // size_t size
    ],
    result: "pointer", // void *
  },
  rd_kafka_mem_free: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "pointer", // void *ptr
    ],
    result: "void",
  },
  rd_kafka_consumer_close_queue: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "pointer", // rd_kafka_queue_t *rkqu
    ],
    result: "pointer", // rd_kafka_error_t *
  },
  rd_kafka_consumer_closed: {
    parameters: ["pointer"], // rd_kafka_t *rk
    result: "i32", // int
  },
  rd_kafka_incremental_assign: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "pointer", // const rd_kafka_topic_partition_list_t *partitions
    ],
    result: "pointer", // rd_kafka_error_t *
  },
  rd_kafka_incremental_unassign: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "pointer", // const rd_kafka_topic_partition_list_t *partitions
    ],
    result: "pointer", // rd_kafka_error_t *
  },
  rd_kafka_rebalance_protocol: {
    parameters: ["pointer"], // rd_kafka_t *rk
    result: "pointer", // const char *: "NONE", "EAGER" or "COOPERATIVE"
  },
  rd_kafka_assignment_lost: {
    parameters: ["pointer"], // rd_kafka_t *rk
    result: "i32", // int
  },
  rd_kafka_assign: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "pointer", // const rd_kafka_topic_partition_list_t *partitions, NULL for none
    ],
    result: "i32", // rd_kafka_resp_err_t
  },
  rd_kafka_get_watermark_offsets: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "buffer", // const char *topic
      "i32", // int32_t partition
      "buffer", // int64_t *low
      "buffer", // int64_t *high
    ],
    result: "i32", // rd_kafka_resp_err_t
  },
  rd_kafka_seek_partitions: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "pointer", // rd_kafka_topic_partition_list_t *partitions: gets the errors
      "i32", // int timeout_ms
    ],
    result: "pointer", // rd_kafka_error_t *
    nonblocking: true, // waits
  },
  rd_kafka_position: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "pointer", // rd_kafka_topic_partition_list_t *partitions: gets the offsets
    ],
    result: "i32", // rd_kafka_resp_err_t
  },
  rd_kafka_offsets_store: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "pointer", // rd_kafka_topic_partition_list_t *offsets
    ],
    result: "i32", // rd_kafka_resp_err_t
  },
  rd_kafka_commit_queue: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "pointer", // const rd_kafka_topic_partition_list_t *offsets
      "pointer", // rd_kafka_queue_t *rkqu: of the result, an event
      "pointer", // void (*cb)(…): NULL
      "pointer", // void *opaque
    ],
    result: "i32", // rd_kafka_resp_err_t
  },

  rd_kafka_produce: {
    parameters: [
      "pointer", // rd_kafka_topic_t *rkt
      "i32", // int32_t partition
      "i32", // int msgflags
      "buffer", // void *payload: NULL is a tombstone
      "usize", // size_t len
      "buffer", // const void *key
      "usize", // size_t keylen
      "usize", // void *msg_opaque: a number, never dereferenced
    ],
    result: "i32", // int: 0, or -1 with rd_kafka_last_error()
  },
  rd_kafka_produce_batch: {
    parameters: [
      "pointer", // rd_kafka_topic_t *rkt
      "i32", // int32_t partition
      "i32", // int msgflags
      "buffer", // rd_kafka_message_t *rkmessages: what refused each is written to its err
      "i32", // int message_cnt
    ],
    result: "i32", // int: how many were taken
  },
  rd_kafka_produceva: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "buffer", // const rd_kafka_vu_t *vus
      "usize", // size_t cnt
    ],
    result: "pointer", // rd_kafka_error_t *, NULL when the message was taken
  },
  rd_kafka_fatal_error: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "buffer", // char *errstr
      "usize", // size_t errstr_size
    ],
    result: "i32", // rd_kafka_resp_err_t
  },
  rd_kafka_flush: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "i32", // int timeout_ms
    ],
    result: "i32", // rd_kafka_resp_err_t
    nonblocking: true, // waits
  },
  rd_kafka_purge: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "i32", // int purge_flags
    ],
    result: "i32", // rd_kafka_resp_err_t
  },

  rd_kafka_controllerid: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "i32", // int timeout_ms
    ],
    result: "i32", // int32_t, -1 when not known
  },
  rd_kafka_metadata: {
    parameters: [
      "pointer", // rd_kafka_t *rk
      "i32", // int all_topics
      "pointer", // rd_kafka_topic_t *only_rkt
      "buffer", // const struct rd_kafka_metadata **metadatap
      "i32", // int timeout_ms
    ],
    result: "i32", // rd_kafka_resp_err_t
    nonblocking: true, // waits for a broker
  },
  rd_kafka_metadata_destroy: {
    parameters: ["pointer"], // const struct rd_kafka_metadata *metadata
    result: "void",
  },

  rd_kafka_event_type: {
    parameters: ["pointer"], // const rd_kafka_event_t *rkev
    result: "i32", // rd_kafka_event_type_t
  },
  rd_kafka_event_destroy: {
    parameters: ["pointer"], // rd_kafka_event_t *rkev
    result: "void",
  },
  rd_kafka_event_message_count: {
    parameters: ["pointer"], // rd_kafka_event_t *rkev
    result: "usize", // size_t
  },
  rd_kafka_event_message_array: {
    parameters: [
      "pointer", // rd_kafka_event_t *rkev
      "buffer", // const rd_kafka_message_t **rkmessages: they live as long as the event
      "usize", // size_t size
    ],
    result: "usize", // size_t: how many, 0 at the end
  },
  rd_kafka_event_error: {
    parameters: ["pointer"], // rd_kafka_event_t *rkev
    result: "i32", // rd_kafka_resp_err_t
  },
  rd_kafka_event_error_string: {
    parameters: ["pointer"], // rd_kafka_event_t *rkev
    result: "pointer", // const char *
  },
  rd_kafka_event_error_is_fatal: {
    parameters: ["pointer"], // rd_kafka_event_t *rkev
    result: "i32", // int
  },
  rd_kafka_event_stats: {
    parameters: ["pointer"], // rd_kafka_event_t *rkev
    result: "pointer", // const char *: JSON, lives as long as the event
  },
  rd_kafka_event_log: {
    parameters: [
      "pointer", // rd_kafka_event_t *rkev
      "buffer", // const char **fac
      "buffer", // const char **str
      "buffer", // int *level: syslog's 0 to 7
    ],
    result: "i32", // int: 0, or -1 when the event is no log
  },
  rd_kafka_event_topic_partition_list: {
    parameters: ["pointer"], // rd_kafka_event_t *rkev
    result: "pointer", // rd_kafka_topic_partition_list_t *: lives as long as the event
  },
  rd_kafka_queue_poll: {
    parameters: [
      "pointer", // rd_kafka_queue_t *rkqu
      "i32", // int timeout_ms
    ],
    result: "pointer", // rd_kafka_event_t *, NULL when the queue is empty
  },

  ...ADMIN_SYMBOLS,
  ...MOCK_SYMBOLS,
  ...OWN_SYMBOLS,

  memcpy: {
    parameters: [
      "buffer", // void *dest
      "usize", // const void *src: an address, since making a pointer of it costs more than the call
      "usize", // size_t n
    ],
    result: "pointer", // void *
  },
  strlen: {
    parameters: ["usize"], // const char *s: an address
    result: "usize", // size_t
  },
  socket: {
    parameters: [
      "i32", // int domain
      "i32", // int type
      "i32", // int protocol
    ],
    result: "i32", // int: a file descriptor, or -1
  },
  connect: {
    parameters: [
      "i32", // int sockfd
      "buffer", // const struct sockaddr *addr
      "u32", // socklen_t addrlen
    ],
    result: "i32", // int
  },
  getsockname: {
    parameters: [
      "i32", // int sockfd
      "buffer", // struct sockaddr *addr
      "buffer", // socklen_t *addrlen
    ],
    result: "i32", // int
  },
  setsockopt: {
    parameters: [
      "i32", // int sockfd
      "i32", // int level
      "i32", // int optname
      "buffer", // const void *optval
      "u32", // socklen_t optlen
    ],
    result: "i32", // int
  },
  close: {
    parameters: ["i32"], // int fd
    result: "i32", // int
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** The opened table. */
export type Symbols = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];
