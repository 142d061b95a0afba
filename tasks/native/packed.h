/* Of Rafka's own build of librdkafka, for src/ffi: what point_reads.c and packed.c add. */
#ifndef RAFKA_PACKED_H
#define RAFKA_PACKED_H
#include <stddef.h>
#include <stdint.h>
#include "rdkafka.h"

/* A consumed message; behind it its value, its key, and for each header two lengths, the name and the value. */
struct rafka_packed_message {
        uint32_t bytes; /* of all of it, a multiple of 8 */
        int32_t err;
        int32_t partition;
        int32_t timestamp_type;
        double offset;
        double timestamp;
        uint64_t rkt;
        int32_t value_bytes; /* -1 for NULL, as in the other ones */
        int32_t key_bytes;
        int32_t header_count; /* -1 when they can't be parsed */
        int32_t unused;
};

/* A delivered message. */
struct rafka_packed_report {
        uint32_t opaque_low;
        uint32_t opaque_high;
        int32_t partition;
        int32_t timestamp_type;
        double offset;
        double timestamp;
        uint32_t value_bytes;
        uint32_t key_bytes;
};

void rd_kafka_rafka_limit_reads(rd_kafka_t *rk, int count);

int rd_kafka_rafka_topic_id(rd_kafka_t *rk, const char *topic, char *id);

size_t rd_kafka_rafka_pack_messages(rd_kafka_message_t **messages,
                                    size_t count,
                                    int with_metadata,
                                    char *buffer,
                                    size_t size,
                                    size_t *needed);

size_t rd_kafka_rafka_pack_reports(rd_kafka_event_t *event, struct rafka_packed_report *reports, size_t max);
#endif
