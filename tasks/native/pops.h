/* Of Rafka's own build of librdkafka, for src/ffi: what pops.c adds. */
#ifndef RAFKA_POPS_H
#define RAFKA_POPS_H
#include <stddef.h>
#include <stdint.h>
#include "rdkafka.h"

/* Messages of one partition whose replies are beside each other. */
struct rafka_reply_run {
        uint64_t rkt;
        double first; /* offset */
        double last;
        int32_t partition;
        uint32_t bytes; /* of all replies */
};

size_t rd_kafka_rafka_consume(rd_kafka_queue_t *queue, rd_kafka_message_t **messages, size_t max, size_t enough);

size_t rd_kafka_rafka_write_replies(rd_kafka_message_t **messages,
                                    size_t count,
                                    char *buffer,
                                    size_t size,
                                    struct rafka_reply_run *run);
#endif
