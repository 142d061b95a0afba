/*
 * Which messages go to Kafka together.
 *
 * - A batch that is larger than the topic's max.message.bytes is divided, and the partition's later ones are kept as
 *   small; librdkafka fails all its messages, however small each is.
 * - The first batch that a producer sends to a partition under an epoch goes alone. A broker that knows nothing of a
 *   producer takes any sequence number for its first: with the first batch refused and the second one taken,
 *   librdkafka would take the first for stored, too.
 */
#include "rd.h"
#include "rdkafka_int.h"
#include "rdkafka_broker.h"
#include "rdkafka_idempotence.h"
#include "rdkafka_msg.h"
#include "rdkafka_partition.h"
#include "rdkafka_topic.h"

/* Kafka has refused the batch as a whole: whether to send its messages again, in smaller ones. */
rd_bool_t rafka_divide_batch(rd_kafka_msgbatch_t *batch, rd_kafka_resp_err_t err) {
        rd_kafka_msgq_t *rkmq = &batch->msgq;
        /* less than it takes, so that half of it is a smaller batch in any case */
        size_t bytes = rd_kafka_msgq_size(rkmq) + rd_kafka_msgq_len(rkmq);
        size_t *max  = &batch->rktp->rktp_rafka_max_batch_bytes;
        rd_kafka_msg_t *rkm;

        if (err != RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE &&
            err != RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE)
                return rd_false;
        if (rd_kafka_msgq_len(rkmq) < 2)
                return rd_false;
        TAILQ_FOREACH(rkm, &rkmq->rkmq_msgs, rkm_link)
        if (rafka_kafka_may_have(rkm))
                return rd_false; /* Kafka may have it as it is, from an earlier attempt */

        if (!*max || bytes / 2 < *max)
                *max = bytes / 2;
        return rd_true;
}

/* A batch of the partition ends here, unless that is its first message; `max_bytes` is what it may have otherwise. */
size_t rafka_max_batch_bytes(const rd_kafka_toppar_t *rktp, size_t max_bytes) {
        size_t own = rktp->rktp_rafka_max_batch_bytes;
        return own && own < max_bytes ? own : max_bytes;
}

/* How many requests may be sent now, of `max_requests`. */
int rafka_max_requests(rd_kafka_toppar_t *rktp, int max_requests) {
        if (!rd_kafka_is_idempotent(rktp->rktp_rkt->rkt_rk) || rktp->rktp_eos.next_ack_seq != 0)
                return max_requests;
        return rd_atomic32_get(&rktp->rktp_msgs_inflight) > 0 ? 0 : RD_MIN(max_requests, 1);
}
