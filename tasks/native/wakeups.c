/*
 * When the thread of a broker wakes up to send messages.
 *
 * - With as many requests of a partition under way as there may be, an answer wakes it up; librdkafka looks again and
 *   again until it comes, with all of a core.
 * - A thread that wakes up by itself before a message has lingered is not woken up for it. A change of thread takes as
 *   long as several messages: of 5.5 for a request with 14 messages 3 are left.
 */
#include "rd.h"
#include "rdkafka_int.h"
#include "rdkafka_broker.h"
#include "rdkafka_partition.h"
#include "rdkafka_topic.h"

/* Answers of another broker, which the partition had before, do not wake this one up. */
#define LOOK_AGAIN_US 10000

/* When to wake up for a partition that has to wait for an answer; `next_wakeup_us` is when to do so for the others. */
rd_ts_t rafka_wakeup_for_answer(rd_kafka_broker_t *rkb, rd_ts_t now, rd_ts_t next_wakeup_us) {
        if (rd_atomic32_get(&rkb->rkb_waitresps.rkbq_cnt) > 0 ||
            rd_atomic32_get(&rkb->rkb_outbufs.rkbq_cnt) > 0)
                return next_wakeup_us;
        return RD_MIN(next_wakeup_us, now + LOOK_AGAIN_US);
}

/* Whether the thread wakes up by itself before a message that comes now has lingered. Call with the partition locked. */
rd_bool_t rafka_wakes_in_time(const rd_kafka_toppar_t *rktp, rd_ts_t now) {
        rd_kafka_t *rk = rktp->rktp_rkt->rkt_rk;

        return rktp->rktp_broker && rd_atomic32_get(&rk->rk_flushing) == 0 &&
               rd_atomic64_get(&rktp->rktp_broker->rafka_wakes_us) <=
                   now + rk->rk_conf.buffering_max_us;
}
