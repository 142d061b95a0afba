/**
 * What takes more processor time than it must.
 *
 * @module
 */
import type { Fix } from "./fix.ts";

/** For librdkafka 2.12.0. */
export const costFixes: readonly Fix[] = [{
  what:
    "a read of a few messages makes all messages of their batches, and takes a request for each partition",
  source: "point_reads.c",
  edits: [{
    file: "src/rdkafka_int.h",
    from: "rd_atomic32_t rk_simple_cnt;",
    to: "rd_atomic32_t rk_rafka_max_read;\n        rd_atomic32_t rk_simple_cnt;",
  }, {
    file: "src/rdkafka_msg.h",
    from: "void rd_kafka_msg_destroy(rd_kafka_t *rk, rd_kafka_msg_t *rkm);",
    to: `void rd_kafka_msg_destroy(rd_kafka_t *rk, rd_kafka_msg_t *rkm);
rd_bool_t rafka_has_enough(rd_kafka_t *rk, int count);
void rafka_got_nothing(rd_kafka_toppar_t *rktp);`,
  }, {
    file: "src/rdkafka_fetcher.c",
    from: `        if (unlikely(hdr.MessageSetSize <= 0))
                goto done;`,
    to: `        if (unlikely(hdr.MessageSetSize <= 0)) {
                if (rktp->rktp_offsets.fetch_pos.offset < end_offset)
                        rafka_got_nothing(rktp);
                goto done;
        }`,
  }, {
    file: "src/rdkafka_msgset_reader.c",
    from: "        int msetr_aborted_cnt; /**<",
    to: "        rd_bool_t msetr_rafka_cut; /* the last batch is not read to its end */\n\n" +
      "        int msetr_aborted_cnt; /**<",
  }, {
    file: "src/rdkafka_msgset_reader.c",
    from: `                err = rd_kafka_msgset_reader_msg_v2(msetr);
                if (unlikely(err))
                        return err;
`,
    to: `                err = rd_kafka_msgset_reader_msg_v2(msetr);
                if (unlikely(err))
                        return err;
                if (rafka_has_enough(msetr->msetr_rkb->rkb_rk, msetr->msetr_msgcnt)) {
                        msetr->msetr_rafka_cut = rd_true;
                        rd_kafka_buf_skip(msetr->msetr_rkbuf,
                                          rd_slice_remains(&msetr->msetr_rkbuf->rkbuf_reader));
                        break;
                }
`,
  }, {
    file: "src/rdkafka_msgset_reader.c",
    from: "        msetr->msetr_next_offset = LastOffset + 1;",
    to: `        if (!msetr->msetr_rafka_cut) /* else it goes on behind the last message */
                msetr->msetr_next_offset = LastOffset + 1;`,
  }, {
    file: "src/rdkafka_msgset_reader.c",
    from: "        } while (!err && rd_slice_remains(&rkbuf->rkbuf_reader) > 0);",
    to: `        } while (!err && !msetr->msetr_rafka_cut &&
                 rd_slice_remains(&rkbuf->rkbuf_reader) > 0);`,
  }],
}, {
  what:
    "rd_kafka_produce_batch looks for the sticky partition and its broker, and at the clock twice, for each message " +
    "without a key: half of its time",
  edits: [{
    file: "src/rdkafka_msg.c",
    from: `        rd_kafka_resp_err_t all_err;
        rd_kafka_topic_t *rkt   = rd_kafka_topic_proper(app_rkt);
        rd_kafka_toppar_t *rktp = NULL;

        /* Propagated per-message below */`,
    to: `        rd_kafka_resp_err_t all_err;
        rd_kafka_topic_t *rkt   = rd_kafka_topic_proper(app_rkt);
        rd_kafka_toppar_t *rktp = NULL;
        rd_kafka_toppar_t *rafka_sticky = NULL; /* that of the first message without a key */

        /* Propagated per-message below */`,
  }, {
    file: "src/rdkafka_msg.c",
    from: `                        if (rkm->rkm_partition == RD_KAFKA_PARTITION_UA) {
                                /* Partition the message */
                                rkmessages[i].err = rd_kafka_msg_partitioner(
                                    rkt, rkm, 0 /*already locked*/);
                        } else {`,
    to: `                        if (rkm->rkm_partition == RD_KAFKA_PARTITION_UA) {
                                const rd_bool_t rafka_has_key = rkm->rkm_key != NULL;
                                if (rafka_sticky && !rafka_has_key) {
                                        rkm->rkm_partition = rafka_sticky->rktp_partition;
                                        rd_atomic64_add(
                                            &rafka_sticky->rktp_c.producer_enq_msgs, 1);
                                        rd_kafka_toppar_enq_msg(rafka_sticky, rkm, now);
                                        rkmessages[i].err = RD_KAFKA_RESP_ERR_NO_ERROR;
                                        good++;
                                        continue;
                                }
                                /* Partition the message */
                                rkmessages[i].err = rd_kafka_msg_partitioner(
                                    rkt, rkm, 0 /*already locked*/);
                                if (!rkmessages[i].err && !rafka_has_key &&
                                    !rkt->rkt_conf.random_partitioner &&
                                    rkt->rkt_state == RD_KAFKA_TOPIC_S_EXISTS &&
                                    !rd_kafka_is_transactional(rkt->rkt_rk))
                                        rafka_sticky = rd_kafka_toppar_get(
                                            rkt, rkt->rkt_sticky_partition, 0);
                        } else {`,
  }, {
    file: "src/rdkafka_msg.c",
    from: `        if (rktp != NULL)
                rd_kafka_toppar_destroy(rktp);

        return good;`,
    to: `        if (rktp != NULL)
                rd_kafka_toppar_destroy(rktp);
        if (rafka_sticky != NULL)
                rd_kafka_toppar_destroy(rafka_sticky);

        return good;`,
  }],
}, {
  what:
    "a producer that has as many requests under way as it may looks again and again whether it may send, with all of " +
    "a core, until Kafka answers",
  source: "wakeups.c",
  edits: [{
    file: "src/rdkafka_partition.h",
    from: "void rd_kafka_toppar_enq_msg(rd_kafka_toppar_t *rktp,",
    to:
      `rd_ts_t rafka_wakeup_for_answer(rd_kafka_broker_t *rkb, rd_ts_t now, rd_ts_t next_wakeup_us);
rd_bool_t rafka_wakes_in_time(const rd_kafka_toppar_t *rktp, rd_ts_t now);
void rd_kafka_toppar_enq_msg(rd_kafka_toppar_t *rktp,`,
  }, {
    file: "src/rdkafka_broker.c",
    from: `        int inflight              = 0;
        uint64_t epoch_base_msgid = 0;
        rd_bool_t batch_ready     = rd_false;`,
    to: `        int inflight              = 0;
        uint64_t epoch_base_msgid = 0;
        rd_bool_t batch_ready     = rd_false;
        const rd_ts_t others_wakeup = *next_wakeup;`,
  }, {
    file: "src/rdkafka_broker.c",
    from: `                                            RD_KAFKA_RESP_ERR__RETRY);

                                return 0;`,
    to: `                                            RD_KAFKA_RESP_ERR__RETRY);

                                *next_wakeup = rafka_wakeup_for_answer(rkb, now, others_wakeup);
                                return 0;`,
  }, {
    file: "src/rdkafka_broker.c",
    from: `        /* Check if allowed to create and enqueue a ProduceRequest */
        if (max_requests <= 0)
                return 0;`,
    to: `        /* Check if allowed to create and enqueue a ProduceRequest */
        if (max_requests <= 0) {
                if (batch_ready)
                        *next_wakeup = rafka_wakeup_for_answer(rkb, now, others_wakeup);
                return 0;
        }`,
  }, {
    file: "src/rdkafka_broker.c",
    from: `                                rktp, pid, rkm->rkm_u.producer.msgid))
                                return 0;`,
    to: `                                rktp, pid, rkm->rkm_u.producer.msgid)) {
                                *next_wakeup = rafka_wakeup_for_answer(rkb, now, others_wakeup);
                                return 0;
                        }`,
  }],
}, {
  what:
    "a broker thread is woken up for the first message of each partition, and again when its linger time is over, " +
    "though it wakes up by itself then",
  edits: [{
    file: "src/rdkafka_broker.h",
    from: "        rd_socket_t rkb_wakeup_fd[2]; /* Wake-up fds (r/w) to wake",
    to:
      `        rd_atomic64_t rafka_wakes_us; /* when its thread wakes up by itself; INT64_MAX while it is awake */
        rd_ts_t rafka_expects_us;     /* when the messages after those that were sent have lingered */
        rd_socket_t rkb_wakeup_fd[2]; /* Wake-up fds (r/w) to wake`,
  }, {
    file: "src/rdkafka_broker.c",
    from: `        rkb->rkb_wakeup_fd[0] = -1;
        rkb->rkb_wakeup_fd[1] = -1;

#ifndef _WIN32`,
    to: `        rd_atomic64_init(&rkb->rafka_wakes_us, INT64_MAX);
        rkb->rkb_wakeup_fd[0] = -1;
        rkb->rkb_wakeup_fd[1] = -1;

#ifndef _WIN32`,
  }, {
    file: "src/rdkafka_broker.c",
    from: `        /* Update the allowed wake-up time based on remaining messages
         * in the queue. */`,
    to: `        if (cnt > 1)
                rkb->rafka_expects_us = now + rkb->rkb_rk->rk_conf.buffering_max_us;

        /* Update the allowed wake-up time based on remaining messages
         * in the queue. */`,
  }, {
    file: "src/rdkafka_broker.c",
    from: `                if (rd_kafka_broker_ops_io_serve(rkb, next_wakeup))
                        return; /* Wakeup */

                rd_kafka_broker_lock(rkb);
        }

        rd_kafka_broker_unlock(rkb);
}



/**
 * Consumer serving`,
    to: `                if (rkb->rafka_expects_us > now)
                        rd_kafka_set_next_wakeup(&next_wakeup, rkb->rafka_expects_us);
                rd_atomic64_set(&rkb->rafka_wakes_us, next_wakeup);
                overshot = rd_kafka_broker_ops_io_serve(rkb, next_wakeup);
                rd_atomic64_set(&rkb->rafka_wakes_us, INT64_MAX);
                if (overshot)
                        return; /* Wakeup */

                rd_kafka_broker_lock(rkb);
        }

        rd_kafka_broker_unlock(rkb);
}



/**
 * Consumer serving`,
  }, {
    file: "src/rdkafka_msg.h",
    from: `rd_kafka_msgq_may_wakeup(const rd_kafka_msgq_t *rkmq, rd_ts_t now) {
        /* No: Wakeup already signalled */
        if (rkmq->rkmq_wakeup.signalled)
                return rd_false;

        /* Yes: Wakeup linger time has expired */
        if (now >= rkmq->rkmq_wakeup.abstime)
                return rd_true;

        /* Yes: First message enqueued may trigger wakeup */
        if (rkmq->rkmq_msg_cnt == 1 && rkmq->rkmq_wakeup.on_first)
                return rd_true;
`,
    to:
      `rd_kafka_msgq_may_wakeup(const rd_kafka_msgq_t *rkmq, rd_ts_t now, rd_bool_t rafka_in_time) {
        /* No: Wakeup already signalled */
        if (rkmq->rkmq_wakeup.signalled)
                return rd_false;

        /* Yes: Wakeup linger time has expired */
        if (!rafka_in_time && now >= rkmq->rkmq_wakeup.abstime)
                return rd_true;

        /* Yes: First message enqueued may trigger wakeup */
        if (!rafka_in_time && rkmq->rkmq_msg_cnt == 1 && rkmq->rkmq_wakeup.on_first)
                return rd_true;
`,
  }, {
    file: "src/rdkafka_partition.c",
    from: "rd_kafka_msgq_may_wakeup(&rktp->rktp_msgq, now) &&",
    to: "rd_kafka_msgq_may_wakeup(&rktp->rktp_msgq, now, rafka_wakes_in_time(rktp, now)) &&",
  }, {
    // what has lingered half of the time leaves with the rest, in place of a wake-up of its own
    file: "src/rdkafka_msg.c",
    from: `                        if (rkmq->rkmq_wakeup.abstime <= now)
                                rkmq->rkmq_wakeup.abstime = now;`,
    to:
      `                        if (rkmq->rkmq_wakeup.abstime - RD_MIN(linger_us / 2, 10000) <= now)
                                rkmq->rkmq_wakeup.abstime = now;`,
  }],
}, {
  what: "reading a message by functions of rdkafka.h takes a call for each of its parts",
  source: "packed.c",
  header: "packed.h",
  edits: [],
}, {
  what:
    "messages are taken by number, whatever their size, and copied for each step on their way to a reply",
  source: "pops.c",
  header: "pops.h",
  edits: [{
    file: "src/rdkafka_queue.h",
    from: "int rd_kafka_q_serve_rkmessages(",
    to: `rd_bool_t rafka_is_enough(const rd_kafka_message_t *message);
int rd_kafka_q_serve_rkmessages(`,
  }, {
    file: "src/rdkafka_queue.c",
    from: "                rkmessages[cnt++] = rd_kafka_message_get(rko);",
    to: `                rkmessages[cnt++] = rd_kafka_message_get(rko);
                if (rafka_is_enough(rkmessages[cnt - 1]))
                        break;`,
  }],
}];
