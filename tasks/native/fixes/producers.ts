/**
 * Fixes of producers: messages that are stored twice, lost, or reported wrongly.
 *
 * @module
 */
import type { Fix } from "./fix.ts";

/** For librdkafka 2.12.0. */
export const producerFixes: readonly Fix[] = [{
  what: "when message.timeout.ms passes, an idempotent producer stores messages twice",
  source: "expiry.c",
  edits: [{
    file: "src/rdkafka.h",
    from: "int rd_kafka_version(void);",
    to: "int rd_kafka_version(void);\nRD_EXPORT int rd_kafka_rafka_expires_in_order(void);",
  }, {
    file: "src/rdkafka_int.h",
    from: "rd_atomic32_t inflight_toppar_cnt;",
    to: "rd_atomic32_t rafka_reported_cnt; rd_atomic32_t inflight_toppar_cnt;",
  }, {
    file: "src/rdkafka_idempotence.c",
    from: "rd_atomic32_init(&rk->rk_eos.inflight_toppar_cnt, 0);",
    to: "rd_atomic32_init(&rk->rk_eos.rafka_reported_cnt, 0);\n" +
      "        rd_atomic32_init(&rk->rk_eos.inflight_toppar_cnt, 0);",
  }, {
    file: "src/rdkafka_msg.h",
    from: "        rd_kafka_timestamp_type_t rkm_tstype; /* rkm_timestamp type */",
    to: "#define RAFKA_MSG_F_REPORTED 0x200000 /* its delivery report is taken */\n" +
      "#define RAFKA_MSG_F_UNCERTAIN 0x400000 /* an attempt may have stored it */\n\n" +
      "        rd_kafka_timestamp_type_t rkm_tstype; /* rkm_timestamp type */",
  }, {
    file: "src/rdkafka_msg.h",
    from: "void rd_kafka_msg_destroy(rd_kafka_t *rk, rd_kafka_msg_t *rkm);",
    to: `void rd_kafka_msg_destroy(rd_kafka_t *rk, rd_kafka_msg_t *rkm);
rd_bool_t rafka_expires_in_order(rd_kafka_t *rk);
int rafka_toppar_expire(rd_kafka_toppar_t *rktp, rd_ts_t now, rd_ts_t *next);
void rafka_broker_expire(struct rd_kafka_broker_s *rkb, rd_ts_t now);
int rafka_produce_timeout_ms(rd_kafka_topic_t *rkt, int first_msg_timeout_ms);
void rafka_toppar_fail_uncertain(rd_kafka_toppar_t *rktp);
rd_bool_t rafka_kafka_may_have(const rd_kafka_msg_t *rkm);
void rafka_msgq_before_report(rd_kafka_t *rk, rd_kafka_msgq_t *rkmq, rd_kafka_resp_err_t err);
void rafka_msg_destroyed(rd_kafka_t *rk, const rd_kafka_msg_t *rkm);`,
  }, {
    file: "src/rdkafka_msg.c",
    from: "        // FIXME\n",
    to: "        rafka_msg_destroyed(rk, rkm);\n",
  }, {
    file: "src/rdkafka_broker.c",
    from: `        if (unlikely(rd_kafka_msgq_len(rkmq) == 0))
                return;

        if (err && rd_kafka_is_transactional(rk))`,
    to: `        rafka_msgq_before_report(rk, rkmq, err);
        if (unlikely(rd_kafka_msgq_len(rkmq) == 0))
                return;

        if (err && rd_kafka_is_transactional(rk))`,
  }, {
    file: "src/rdkafka_broker.c",
    from: `        *abs_next_timeout = 0;

        xcnt =`,
    to: `        *abs_next_timeout = 0;

        if (rafka_expires_in_order(rkb->rkb_rk))
                return rafka_toppar_expire(rktp, now, abs_next_timeout);

        xcnt =`,
  }, {
    file: "src/rdkafka_broker.c",
    from: "} else if (timeoutcnt > 0) {",
    to: "} else if (timeoutcnt > 0 &&\n" +
      "                                   !rafka_expires_in_order(rkb->rkb_rk)) {",
  }, {
    file: "src/rdkafka_broker.c",
    from: `                if (unlikely(!rd_kafka_pid_eq(pid, rktp->rktp_eos.pid))) {
                        /* Attempt to change the pid`,
    to: `                if (unlikely(!rd_kafka_pid_eq(pid, rktp->rktp_eos.pid))) {
                        if (!inflight)
                                rafka_toppar_fail_uncertain(rktp);
                        if (!(rkm = TAILQ_FIRST(&rktp->rktp_xmit_msgq.rkmq_msgs)))
                                return 0;
                        /* Attempt to change the pid`,
  }, {
    file: "src/rdkafka_broker.c",
    from: `                rd_kafka_broker_produce_toppars(rkb, now, &next_wakeup,
                                                do_timeout_scan);
`,
    to: `                if (do_timeout_scan)
                        rafka_broker_expire(rkb, now);
                rd_kafka_broker_produce_toppars(rkb, now, &next_wakeup,
                                                do_timeout_scan);
`,
  }, {
    file: "src/rdkafka_msgbatch.h",
    from: "void rd_kafka_msgbatch_ready_produce(rd_kafka_msgbatch_t *rkmb);",
    to: "void rd_kafka_msgbatch_ready_produce(rd_kafka_msgbatch_t *rkmb);\n" +
      "rd_bool_t rafka_close_gap(struct rd_kafka_broker_s *rkb, rd_kafka_msgbatch_t *batch,\n" +
      "                          rd_kafka_resp_err_t err);\n" +
      "void rafka_note_failure(rd_kafka_msgbatch_t *batch, const struct rd_kafka_buf_s *request,\n" +
      "                        rd_kafka_resp_err_t err, int64_t offset);",
  }, {
    file: "src/rdkafka_request.c",
    from: "                rd_kafka_handle_Produce_error(rkb, request, batch, &perr);",
    to: "                rafka_note_failure(batch, request, err, presult->offset);\n" +
      "                rd_kafka_handle_Produce_error(rkb, request, batch, &perr);",
  }, {
    file: "src/rdkafka_request.c",
    from: `                } else {
                        /* If gapless is not set we bump the Epoch and`,
    to: `                } else if ((gap_closed = rafka_close_gap(rkb, batch, perr->err))) {
                        /* no new epoch is needed */
                } else {
                        /* If gapless is not set we bump the Epoch and`,
  }, {
    file: "src/rdkafka_request.c",
    from: `                /* Make sure the next error will not raise a fatal error. */
                perr->update_next_err = rd_true;`,
    to: `                /* Make sure the next error will not raise a fatal error. */
                perr->update_next_err = !gap_closed;`,
  }, {
    // a request is in flight until its messages are back in the queue, also when another thread leads by then
    file: "src/rdkafka_request.c",
    from: `        last_inflight = !rd_atomic32_sub(&rktp->rktp_msgs_inflight,
                                         rd_kafka_msgq_len(&batch->msgq));
`,
    to: "        const int msgcnt = rd_kafka_msgq_len(&batch->msgq);\n",
  }, {
    file: "src/rdkafka_request.c",
    from: `        if (rd_kafka_is_idempotent(rk) && last_inflight)
                rd_kafka_idemp_inflight_toppar_sub(rk, rktp);`,
    to: `        last_inflight = !rd_atomic32_sub(&rktp->rktp_msgs_inflight, msgcnt);
        if (rd_kafka_is_idempotent(rk) && last_inflight)
                rd_kafka_idemp_inflight_toppar_sub(rk, rktp);`,
  }, {
    file: "src/rdkafka_request.c",
    from: "        rd_kafka_buf_set_abs_timeout(rkbuf, tmout, now);\n\n" +
      "        rd_kafka_broker_buf_enq_replyq(rkb, rkbuf, RD_KAFKA_NO_REPLYQ,\n" +
      "                                       rd_kafka_handle_Produce, NULL);",
    to: "        rd_kafka_buf_set_abs_timeout(\n" +
      "            rkbuf, rafka_produce_timeout_ms(rkt, tmout), now);\n\n" +
      "        rd_kafka_broker_buf_enq_replyq(rkb, rkbuf, RD_KAFKA_NO_REPLYQ,\n" +
      "                                       rd_kafka_handle_Produce, NULL);",
  }],
}, {
  what:
    "a batch that is too large for its topic fails, although none of its messages is; and one that is refused may " +
    "be taken for delivered",
  source: "batches.c",
  edits: [{
    file: "src/rdkafka_partition.h",
    from: "        rd_atomic32_t rktp_msgs_inflight; ",
    to: "        size_t rktp_rafka_max_batch_bytes; /* 0: as configured */\n" +
      "        rd_atomic32_t rktp_msgs_inflight; ",
  }, {
    file: "src/rdkafka_msg.h",
    from: "void rd_kafka_msg_destroy(rd_kafka_t *rk, rd_kafka_msg_t *rkm);",
    to: `void rd_kafka_msg_destroy(rd_kafka_t *rk, rd_kafka_msg_t *rkm);
size_t rafka_max_batch_bytes(const rd_kafka_toppar_t *rktp, size_t max_bytes);
int rafka_max_requests(rd_kafka_toppar_t *rktp, int max_requests);`,
  }, {
    file: "src/rdkafka_msgbatch.h",
    from: "void rd_kafka_msgbatch_ready_produce(rd_kafka_msgbatch_t *rkmb);",
    to: "void rd_kafka_msgbatch_ready_produce(rd_kafka_msgbatch_t *rkmb);\n" +
      "rd_bool_t rafka_divide_batch(rd_kafka_msgbatch_t *batch, rd_kafka_resp_err_t err);",
  }, {
    file: "src/rdkafka_msg.c",
    from: `               rkm->rkm_u.producer.msgid <= last_msgid) {`,
    to: `               rkm->rkm_u.producer.msgid <= last_msgid &&
               rkm->rkm_status != RD_KAFKA_MSG_STATUS_NOT_PERSISTED) {`,
  }, {
    file: "src/rdkafka_broker.c",
    from: `        for (reqcnt = 0; reqcnt < max_requests; reqcnt++) {
                r = rd_kafka_ProduceRequest`,
    to: `        max_requests = rafka_max_requests(rktp, max_requests);
        if (max_requests <= 0)
                *next_wakeup = rafka_wakeup_for_answer(rkb, now, others_wakeup);
        for (reqcnt = 0; reqcnt < max_requests; reqcnt++) {
                r = rd_kafka_ProduceRequest`,
  }, {
    file: "src/rdkafka_msgset_writer.c",
    from: `        size_t max_msg_size =
            RD_MIN((size_t)msetw->msetw_rkb->rkb_rk->rk_conf.max_msg_size,
                   (size_t)msetw->msetw_rkb->rkb_rk->rk_conf.batch_size);`,
    to: `        size_t max_msg_size = rafka_max_batch_bytes(
            rktp, RD_MIN((size_t)msetw->msetw_rkb->rkb_rk->rk_conf.max_msg_size,
                         (size_t)msetw->msetw_rkb->rkb_rk->rk_conf.batch_size));`,
  }, {
    file: "src/rdkafka_request.c",
    from: "        int is_leader;\n",
    to: "        int is_leader;\n        rd_bool_t divided, gap_closed = rd_false;\n",
  }, {
    file: "src/rdkafka_request.c",
    from: `        /*
         * Special handling for Idempotent Producer
         *`,
    to: `        divided = rafka_divide_batch(batch, perr->err);
        if (divided) {
                perr->incr_retry = 0;
                perr->actions    = RD_KAFKA_ERR_ACTION_RETRY |
                                RD_KAFKA_ERR_ACTION_MSG_NOT_PERSISTED;
        }

        /*
         * Special handling for Idempotent Producer
         *`,
  }, {
    file: "src/rdkafka_request.c",
    from: `        /* Update message persistence status based on action flags.`,
    to: `        if (divided) /* not to be reconstructed */
                rd_kafka_msgq_first(&batch->msgq)->rkm_u.producer.last_msgid = 0;

        /* Update message persistence status based on action flags.`,
  }],
}, {
  what:
    "the messages of a batch that was sent again, and that Kafka has already, are reported with one time",
  source: "answered_times.c",
  edits: [{
    file: "src/rdkafka_partition.h",
    from: "        rd_atomic32_t rktp_msgs_inflight; ",
    to:
      "        rd_kafka_timestamp_type_t rktp_rafka_time_type; /* of the topic, when it is known */\n" +
      "        rd_atomic32_t rktp_msgs_inflight; ",
  }, {
    file: "src/rdkafka_msg.h",
    from: "void rd_kafka_msg_destroy(rd_kafka_t *rk, rd_kafka_msg_t *rkm);",
    to: `void rd_kafka_msg_destroy(rd_kafka_t *rk, rd_kafka_msg_t *rkm);
int64_t rafka_answered_time(rd_kafka_toppar_t *rktp, const rd_kafka_msgq_t *rkmq, int64_t time);`,
  }, {
    file: "src/rdkafka_request.c",
    from: `                                           presult->offset, presult->timestamp,
`,
    to: `                                           presult->offset,
                                           err ? presult->timestamp
                                               : rafka_answered_time(rktp, &batch->msgq,
                                                                     presult->timestamp),
`,
  }],
}];
