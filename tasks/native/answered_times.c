/*
 * The time that Kafka answers for a batch. In a topic with CreateTime there is none: each message has its own. But for a
 * batch that was sent again and that the log has already, the answer is the largest time of that batch, as if it were
 * the topic's LogAppendTime: then only answers to batches that cannot be in the log yet say which of them the topic has.
 *
 * Called from the thread of the broker that leads the partition.
 */
#include "rd.h"
#include "rdkafka_int.h"
#include "rdkafka_msg.h"
#include "rdkafka_partition.h"

static int64_t largest_time(const rd_kafka_msgq_t *rkmq) {
        const rd_kafka_msg_t *rkm;
        int64_t largest = -1;

        TAILQ_FOREACH(rkm, &rkmq->rkmq_msgs, rkm_link)
        largest = RD_MAX(largest, rkm->rkm_timestamp);
        return largest;
}

/* The time that all messages of an acknowledged batch have in Kafka; -1 where each has its own. */
int64_t rafka_answered_time(rd_kafka_toppar_t *rktp, const rd_kafka_msgq_t *rkmq, int64_t time) {
        const rd_kafka_msg_t *first = TAILQ_FIRST(&rkmq->rkmq_msgs);

        if (!(first->rkm_flags & RAFKA_MSG_F_UNCERTAIN)) {
                rktp->rktp_rafka_time_type = time == -1 ? RD_KAFKA_TIMESTAMP_CREATE_TIME
                                                        : RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME;
                return time;
        }
        switch (rktp->rktp_rafka_time_type) {
        case RD_KAFKA_TIMESTAMP_CREATE_TIME:
                return -1;
        case RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME:
                return time;
        default: /* the first batch of all */
                return time == largest_time(rkmq) ? -1 : time;
        }
}
