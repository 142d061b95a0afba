/*
 * Reads of a few messages anywhere in a topic. Kafka gives whole batches, of ten thousand messages where a producer was
 * quick, and librdkafka makes all of them; and it gives one partition of a request a batch that is larger than asked for,
 * the others nothing.
 *
 * - A client may limit how many messages a response makes of each partition. What is behind them is fetched again if it
 *   is wanted.
 * - A partition of such a client that has got nothing, though it has messages, asks for more from then on, so that the
 *   batches of all partitions come in one response.
 */
#include "rd.h"
#include "rdkafka_int.h"
#include "rdkafka_partition.h"
#include "rdkafka_msg.h"

/* A partition with large batches asks for so many times as much, up to librdkafka's default. */
#define RAFKA_LARGER           8
#define RAFKA_MAX_LARGER_BYTES (1024 * 1024)

/* From now on responses make at most `count` messages of a partition; 0 for all. */
void rd_kafka_rafka_limit_reads(rd_kafka_t *rk, int count) {
        rd_atomic32_set(&rk->rk_rafka_max_read, count);
}

/* Whether a partition has as many messages of a response as are wanted. */
rd_bool_t rafka_has_enough(rd_kafka_t *rk, int count) {
        int32_t max = rd_atomic32_get(&rk->rk_rafka_max_read);
        return max > 0 && count >= max;
}

/* A response without an error has no messages of a partition, whose next one is not the one at `end_offset`. */
void rafka_got_nothing(rd_kafka_toppar_t *rktp) {
        if (rd_atomic32_get(&rktp->rktp_rkt->rkt_rk->rk_rafka_max_read) > 0 &&
            rktp->rktp_fetch_msg_max_bytes < RAFKA_MAX_LARGER_BYTES)
                rktp->rktp_fetch_msg_max_bytes = RD_MIN(
                    rktp->rktp_fetch_msg_max_bytes * RAFKA_LARGER, RAFKA_MAX_LARGER_BYTES);
}
