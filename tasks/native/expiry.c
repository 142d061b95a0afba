/*
 * What the idempotent producer does with messages whose message.timeout.ms has passed, in place of librdkafka's
 * own way: that one takes them out of the middle of the sequence, gets a new epoch and sends all that follows again
 * under it, also what is stored already. Here no expiry needs a new epoch:
 *
 * - A message that Kafka cannot have is taken out, and those behind it, which Kafka cannot have either, close up.
 * - A message that Kafka may have is reported as failed and possibly persisted, and stays where it is without a
 *   report: it is sent again under its own sequence number until Kafka answers, so that those behind it go on in
 *   order. It is neither counted nor waited for any more, and is dropped with the producer.
 *
 * - Messages behind a batch that Kafka has refused for good close up, too, where none of them is under way.
 *
 * Where a new epoch is needed all the same, what Kafka may have is not sent again under it, but fails as possibly
 * persisted. librdkafka first waits for all that is under way, to any partition: a broker that hangs holds up everything.
 *
 * Functions are called from the thread of the broker that leads the partition, like those that they replace.
 */
#include "rd.h"
#include "rdkafka_int.h"
#include "rdkafka_broker.h"
#include "rdkafka_header.h"
#include "rdkafka_idempotence.h"
#include "rdkafka_msg.h"
#include "rdkafka_partition.h"
#include "rdkafka_request.h"
#include "rdkafka_topic.h"

static rd_bool_t is_reported(const rd_kafka_msg_t *rkm) {
        return (rkm->rkm_flags & RAFKA_MSG_F_REPORTED) != 0;
}

/* In an earlier attempt, or in one that is under way. */
rd_bool_t rafka_kafka_may_have(const rd_kafka_msg_t *rkm) {
        return rkm->rkm_status != RD_KAFKA_MSG_STATUS_NOT_PERSISTED ||
               (rkm->rkm_flags & RAFKA_MSG_F_UNCERTAIN);
}

/* What a broker answers before it stores anything. */
static rd_bool_t is_refusal(rd_kafka_resp_err_t err) {
        switch (err) {
        case RD_KAFKA_RESP_ERR_INVALID_MSG:
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
        case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
        case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
        case RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS:
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
        case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
        case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
        case RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER:
        case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
        case RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID:
        case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
        case RD_KAFKA_RESP_ERR_INVALID_RECORD:
                return rd_true;
        default:
                return rd_false;
        }
}

/*
 * A request has failed. librdkafka takes what is answered NOT_LEADER_OR_FOLLOWER, for one, for not persisted; but a
 * leader that has stored a batch and waits for its followers answers so when it stops to be the leader, and the next
 * one has the batch, too. Then the answer has the batch's offset (kafka.server.DelayedProduce), else -1; offset is
 * RD_KAFKA_OFFSET_INVALID where there was no answer.
 */
void rafka_note_failure(rd_kafka_msgbatch_t *batch,
                        const rd_kafka_buf_t *request,
                        rd_kafka_resp_err_t err,
                        int64_t offset) {
        rd_kafka_msg_t *rkm;

        if (is_refusal(err) || !request || !rd_kafka_buf_was_sent(request))
                return;
        if (err == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION && offset == -1)
                return;
        TAILQ_FOREACH(rkm, &batch->msgq.rkmq_msgs, rkm_link)
        rkm->rkm_flags |= RAFKA_MSG_F_UNCERTAIN;
}

/* It has been in a request that came back. */
static rd_bool_t was_in_batch(const rd_kafka_msg_t *rkm) {
        return rkm->rkm_u.producer.ts_backoff != 0;
}

rd_bool_t rafka_expires_in_order(rd_kafka_t *rk) {
        return rd_kafka_is_idempotent(rk) && !rd_kafka_is_transactional(rk);
}

/* The delivery report of a message that stays: a copy of it, which counts for the queue in its place. */
static rd_kafka_msg_t *take_report(rd_kafka_t *rk, rd_kafka_msg_t *rkm) {
        rd_kafka_msg_t *report = rd_malloc(sizeof(*rkm) + rkm->rkm_len + rkm->rkm_key_len);
        char *bytes            = (char *)(report + 1);

        rkm->rkm_status = RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED;

        memcpy(report, rkm, sizeof(*report)); /* its members are const for applications */
        report->rkm_flags = RD_KAFKA_MSG_F_PRODUCER | RD_KAFKA_MSG_F_FREE_RKM |
                            (rkm->rkm_flags & RD_KAFKA_MSG_F_ACCOUNT);
        report->rkm_rkmessage.rkt = rd_kafka_topic_keep(rkm->rkm_rkmessage.rkt);
        if (rkm->rkm_payload) {
                memcpy(bytes, rkm->rkm_payload, rkm->rkm_len);
                report->rkm_payload = bytes;
        }
        if (rkm->rkm_key) {
                memcpy(bytes + rkm->rkm_len, rkm->rkm_key, rkm->rkm_key_len);
                report->rkm_key = bytes + rkm->rkm_len;
        }
        if (rkm->rkm_headers)
                report->rkm_headers = rd_kafka_headers_copy(rkm->rkm_headers);

        rkm->rkm_flags &= ~RD_KAFKA_MSG_F_ACCOUNT;
        rkm->rkm_flags |= RAFKA_MSG_F_REPORTED;
        rkm->rkm_ts_timeout = INT64_MAX;
        rd_atomic32_add(&rk->rk_eos.rafka_reported_cnt, 1);
        return report;
}

/* Whether the first message that is still to be reported has expired; if not, when it does. */
static rd_bool_t has_expired(const rd_kafka_msgq_t *rkmq, rd_ts_t now, rd_ts_t *next) {
        rd_kafka_msg_t *rkm;

        TAILQ_FOREACH(rkm, &rkmq->rkmq_msgs, rkm_link) {
                if (is_reported(rkm))
                        continue;
                if (rkm->rkm_ts_timeout <= now)
                        return rd_true;
                if (!*next || rkm->rkm_ts_timeout < *next)
                        *next = rkm->rkm_ts_timeout;
                break;
        }
        return rd_false;
}

/* The last message in the queue that Kafka may have; 0 for none. */
static uint64_t last_uncertain(const rd_kafka_msgq_t *rkmq) {
        const rd_kafka_msg_t *rkm;
        uint64_t msgid = 0;

        TAILQ_FOREACH(rkm, &rkmq->rkmq_msgs, rkm_link)
        if (rafka_kafka_may_have(rkm))
                msgid = rkm->rkm_u.producer.msgid;
        return msgid;
}

/* Batches that had messages from msgid on: Kafka does not have them, so that they may get another size. */
static void close_batches(rd_kafka_msgq_t *rkmq, uint64_t msgid) {
        rd_kafka_msg_t *rkm;

        TAILQ_FOREACH(rkm, &rkmq->rkmq_msgs, rkm_link)
        if (rkm->rkm_u.producer.last_msgid >= msgid)
                rkm->rkm_u.producer.last_msgid = 0;
}

/*
 * Messages of a partition that wait to be sent or sent again; *next is when the next one expires, 0 for none.
 * The lock of the partition is held.
 */
int rafka_toppar_expire(rd_kafka_toppar_t *rktp, rd_ts_t now, rd_ts_t *next) {
        rd_kafka_t *rk          = rktp->rktp_rkt->rkt_rk;
        /* while a partition has no leader, only rktp_msgq is purged */
        rd_bool_t has_leader    = rktp->rktp_broker->rkb_source != RD_KAFKA_INTERNAL;
        rd_kafka_msgq_t *queue  = has_leader ? &rktp->rktp_xmit_msgq : &rktp->rktp_msgq;
        rd_kafka_msgq_t *other  = has_leader ? &rktp->rktp_msgq : &rktp->rktp_xmit_msgq;
        rd_kafka_msgq_t expired = RD_KAFKA_MSGQ_INITIALIZER(expired);
        rd_kafka_msg_t *rkm, *tmp;
        rd_bool_t all_sent_are_back;
        uint64_t uncertain, first_removed = 0, removed = 0;
        int cnt;

        *next = 0;
        if (!(has_expired(queue, now, next) | has_expired(other, now, next)))
                return 0;

        rd_kafka_msgq_insert_msgq(queue, other, rktp->rktp_rkt->rkt_conf.msg_order_cmp);
        uncertain         = last_uncertain(queue);
        all_sent_are_back = rd_atomic32_get(&rktp->rktp_msgs_inflight) == 0;
        *next             = 0;

        TAILQ_FOREACH_SAFE(rkm, &queue->rkmq_msgs, rkm_link, tmp) {
                if (is_reported(rkm))
                        continue;
                if (rkm->rkm_ts_timeout > now) { /* so are all behind it */
                        if (!*next)
                                *next = rkm->rkm_ts_timeout;
                        if (!removed)
                                break;
                } else if (rafka_kafka_may_have(rkm)) {
                        rd_kafka_msgq_enq(&expired, take_report(rk, rkm));
                        continue;
                } else if (rkm->rkm_u.producer.msgid < uncertain ||
                           (was_in_batch(rkm) && !all_sent_are_back)) {
                        /* Kafka may have one behind it, whose number must not change: the next scan knows more. */
                        *next = now + 1000 * 1000;
                        continue;
                } else {
                        if (!removed++)
                                first_removed = rkm->rkm_u.producer.msgid;
                        rd_kafka_msgq_deq(queue, rkm, 1);
                        rd_kafka_msgq_enq(&expired, rkm);
                        continue;
                }
                rkm->rkm_u.producer.msgid -= removed;
        }
        if (removed)
                close_batches(queue, first_removed);
        rktp->rktp_msgid -= removed;

        cnt = rd_kafka_msgq_len(&expired);
        rd_kafka_dr_msgq(rktp->rktp_rkt, &expired, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT);
        return cnt;
}

/*
 * Kafka has refused a batch for good, and nothing behind it was sent: those that wait get its sequence numbers.
 * Returns whether that could be done; if not, a new epoch is needed.
 */
rd_bool_t rafka_close_gap(rd_kafka_broker_t *rkb, rd_kafka_msgbatch_t *batch, rd_kafka_resp_err_t err) {
        rd_kafka_toppar_t *rktp = batch->rktp;
        rd_kafka_msgq_t *queue  = &rktp->rktp_xmit_msgq;
        int cnt                 = rd_kafka_msgq_len(&batch->msgq);
        rd_kafka_msg_t *rkm;
        rd_bool_t closes;

        if (!rafka_expires_in_order(rkb->rkb_rk) || !is_refusal(err) || last_uncertain(&batch->msgq))
                return rd_false;
        if (err == RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER ||
            err == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH ||
            err == RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID)
                return rd_false; /* the number is refused, not the messages */

        rd_kafka_toppar_lock(rktp);
        closes = rktp->rktp_broker == rkb && /* else the queue is another thread's */
                 rd_kafka_pid_eq(batch->pid, rktp->rktp_eos.pid) &&
                 rd_atomic32_get(&rktp->rktp_msgs_inflight) == cnt;
        if (closes) {
                rd_kafka_msgq_insert_msgq(queue, &rktp->rktp_msgq,
                                          rktp->rktp_rkt->rkt_conf.msg_order_cmp);
                rkm    = rd_kafka_msgq_first(queue);
                closes = !last_uncertain(queue) &&
                         (!rkm || rkm->rkm_u.producer.msgid >
                                      rd_kafka_msgq_last(&batch->msgq)->rkm_u.producer.msgid);
        }
        if (closes) {
                TAILQ_FOREACH(rkm, &queue->rkmq_msgs, rkm_link) {
                        rkm->rkm_u.producer.msgid -= cnt;
                        rkm->rkm_u.producer.last_msgid = 0;
                }
                rktp->rktp_msgid -= cnt;
                rktp->rktp_eos.next_err_seq = rktp->rktp_eos.next_ack_seq;
        }
        rd_kafka_toppar_unlock(rktp);
        return closes;
}

static void expire_requests(rd_kafka_broker_t *rkb, rd_kafka_bufq_t *requests, rd_ts_t now) {
        rd_kafka_buf_t *request;

        TAILQ_FOREACH(request, &requests->rkbq_bufs, rkbuf_link) {
                rd_kafka_msgq_t expired = RD_KAFKA_MSGQ_INITIALIZER(expired);
                rd_kafka_msg_t *rkm;

                if (request->rkbuf_reqhdr.ApiKey != RD_KAFKAP_Produce)
                        continue;
                TAILQ_FOREACH(rkm, &request->rkbuf_batch.msgq.rkmq_msgs, rkm_link) {
                        if (is_reported(rkm))
                                continue;
                        if (rkm->rkm_ts_timeout > now)
                                break;
                        rd_kafka_msgq_enq(&expired, take_report(rkb->rkb_rk, rkm));
                }
                if (rd_kafka_msgq_len(&expired) > 0)
                        rd_kafka_dr_msgq(request->rkbuf_batch.rktp->rktp_rkt, &expired,
                                         RD_KAFKA_RESP_ERR__MSG_TIMED_OUT);
        }
}

/* Messages in requests to this broker: the requests go on, since those behind them need their answer. */
void rafka_broker_expire(rd_kafka_broker_t *rkb, rd_ts_t now) {
        if (!rafka_expires_in_order(rkb->rkb_rk))
                return;
        expire_requests(rkb, &rkb->rkb_waitresps, now);
        expire_requests(rkb, &rkb->rkb_outbufs, now);
}

/* How long the broker may take for a request: not only what its first message has left. */
int rafka_produce_timeout_ms(rd_kafka_topic_t *rkt, int first_msg_timeout_ms) {
        if (!rafka_expires_in_order(rkt->rkt_rk))
                return first_msg_timeout_ms;
        return rkt->rkt_conf.message_timeout_ms > 0 ? rkt->rkt_conf.message_timeout_ms : INT_MAX;
}

/*
 * The partition gets a new producer id or epoch, under which Kafka would store again what it has already. Nothing is
 * under way, so that all others may close up.
 */
void rafka_toppar_fail_uncertain(rd_kafka_toppar_t *rktp) {
        rd_kafka_msgq_t *queue    = &rktp->rktp_xmit_msgq;
        rd_kafka_msgq_t uncertain = RD_KAFKA_MSGQ_INITIALIZER(uncertain);
        rd_kafka_msg_t *rkm, *tmp;
        uint64_t removed = 0;

        if (!rafka_expires_in_order(rktp->rktp_rkt->rkt_rk))
                return;
        rd_kafka_toppar_lock(rktp);
        rd_kafka_msgq_insert_msgq(queue, &rktp->rktp_msgq, rktp->rktp_rkt->rkt_conf.msg_order_cmp);
        TAILQ_FOREACH_SAFE(rkm, &queue->rkmq_msgs, rkm_link, tmp) {
                if (rafka_kafka_may_have(rkm)) {
                        rd_kafka_msgq_deq(queue, rkm, 1);
                        rd_kafka_msgq_enq(&uncertain, rkm);
                        removed++;
                } else {
                        rkm->rkm_u.producer.msgid -= removed;
                        rkm->rkm_u.producer.last_msgid = 0;
                }
        }
        rktp->rktp_msgid -= removed;
        rd_kafka_toppar_unlock(rktp);
        rd_kafka_dr_msgq(rktp->rktp_rkt, &uncertain, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT);
}

/* Before delivery reports: messages that were reported get no other one, and the others their true status. */
void rafka_msgq_before_report(rd_kafka_t *rk, rd_kafka_msgq_t *rkmq, rd_kafka_resp_err_t err) {
        rd_kafka_msg_t *rkm, *tmp;

        if (unlikely(err)) {
                TAILQ_FOREACH(rkm, &rkmq->rkmq_msgs, rkm_link)
                if (rafka_kafka_may_have(rkm))
                        rkm->rkm_status = RD_KAFKA_MSG_STATUS_POSSIBLY_PERSISTED;
        }
        if (likely(rd_atomic32_get(&rk->rk_eos.rafka_reported_cnt) == 0))
                return;
        TAILQ_FOREACH_SAFE(rkm, &rkmq->rkmq_msgs, rkm_link, tmp) {
                if (!is_reported(rkm))
                        continue;
                rd_kafka_msgq_deq(rkmq, rkm, 1);
                rd_kafka_msg_destroy(rk, rkm);
        }
}

void rafka_msg_destroyed(rd_kafka_t *rk, const rd_kafka_msg_t *rkm) {
        if (unlikely(is_reported(rkm)))
                rd_atomic32_sub(&(rk ? rk : rkm->rkm_rkmessage.rkt->rkt_rk)->rk_eos.rafka_reported_cnt, 1);
}

/* That the library has this; looked up by name. */
int rd_kafka_rafka_expires_in_order(void) {
        return 1;
}
