/*
 * A topic that is deleted and created again while it is consumed: its name is the same, its id and its messages are
 * others, and the position of a consumer says nothing about them. librdkafka goes on at that position, so that the
 * messages before it are skipped, and commits what was read of the old topic.
 *
 * All of them are newer than anything that the consumer has read: it goes on at the first one, whatever
 * auto.offset.reset says. What was stored of the old topic is not committed, and nothing is stored until the
 * application has stored the offset 0: an ack may be of a message of the old topic. It gets an error event at once, and
 * an error in the queue of the partition between the messages of the old topic and those of the new one.
 */
#include "rd.h"
#include "rdkafka_int.h"
#include "rdkafka_offset.h"
#include "rdkafka_partition.h"
#include "rdkafka_topic.h"

static void begin_again(rd_kafka_toppar_t *rktp) {
        const rd_kafka_fetch_pos_t nowhere = RD_KAFKA_FETCH_POS(RD_KAFKA_OFFSET_INVALID, -1);
        const rd_kafka_fetch_pos_t start   = RD_KAFKA_FETCH_POS(0, -1);
        const rd_kafka_topic_t *rkt        = rktp->rktp_rkt;
        int64_t offset;

        rd_kafka_toppar_lock(rktp);
        rktp->rktp_leader_epoch = -1; /* lower ones are ignored, and those of the new topic begin with 0 */
        if (rkt->rkt_rk->rk_type != RD_KAFKA_CONSUMER ||
            !RD_KAFKA_TOPPAR_FETCH_IS_STARTED(rktp->rktp_fetch_state)) {
                rd_kafka_toppar_unlock(rktp);
                return;
        }
        offset = RD_MAX(rktp->rktp_app_pos.offset, rktp->rktp_stored_pos.offset);
        if (rktp->rktp_stored_pos.offset >= 0)
                rd_kafka_offset_store0(rktp, start, NULL, 0, rd_true /* force */, RD_DONT_LOCK);
        rktp->rktp_committing_pos      = nowhere;
        rktp->rktp_committed_pos       = nowhere;
        rktp->rktp_rafka_begins_again  = rd_true;
        rd_kafka_toppar_unlock(rktp);

        /* from here on what was fetched is outdated */
        rd_kafka_toppar_op_seek(rktp, start, RD_KAFKA_NO_REPLYQ);
        rd_kafka_consumer_err(rktp->rktp_fetchq, RD_KAFKA_NODEID_UA, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID,
                              rd_atomic32_get(&rktp->rktp_version), NULL, rktp, RD_KAFKA_OFFSET_INVALID,
                              "The topic was deleted and created again");
        rd_kafka_op_err(rkt->rkt_rk, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID,
                        "%s [%" PRId32 "]: deleted and created again, it was read up to %" PRId64, rkt->rkt_topic->str,
                        rktp->rktp_partition, RD_MAX(offset, 0));
}

/* The id of a topic is about to change. Caller has its write lock. */
void rafka_topic_recreated(rd_kafka_topic_t *rkt) {
        rd_kafka_toppar_t *rktp;
        int at;

        for (at = 0; at < rkt->rkt_partition_cnt; at++)
                begin_again(rkt->rkt_p[at]);
        RD_LIST_FOREACH(rktp, &rkt->rkt_desp, at)
        begin_again(rktp); /* those that it does not have, or not yet */
}

/* The id that messages of a topic are fetched with, 16 bytes; returns 0 as long as there is none. */
int rd_kafka_rafka_topic_id(rd_kafka_t *rk, const char *topic, char *id) {
        rd_kafka_topic_t *rkt = rd_kafka_topic_find(rk, topic, 1 /* lock */);
        rd_kafka_Uuid_t found = RD_KAFKA_UUID_ZERO;

        if (rkt) {
                rd_kafka_topic_rdlock(rkt);
                found = rkt->rkt_topic_id;
                rd_kafka_topic_rdunlock(rkt);
                rd_kafka_topic_destroy0(rkt);
        }
        memcpy(id, &found.most_significant_bits, 8);
        memcpy(id + 8, &found.least_significant_bits, 8);
        return !RD_KAFKA_UUID_IS_ZERO(found);
}
