/**
 * Fixes for defects in librdkafka's source that end the process or break a guarantee, and of its mock cluster, which is
 * the embedded Kafka; applied before it is compiled. A fix that no longer applies needs a review: that release may
 * contain it.
 *
 * @module
 */
import { sha256 } from "../sha256.ts";
import { TaskError } from "../say.ts";

/** A piece of a file, at each occurrence, and its replacement. */
export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A defect and its fix. */
export interface Fix {
  /** Description of the defect. */
  readonly what: string;
  readonly edits: readonly Edit[];
  /** C source beside this file that the edits call; compiled with librdkafka's. */
  readonly source?: string;
  /** The header of that source. */
  readonly header?: string;
}

/** Kafka answers one request of a connection at a time, and a JoinGroup when the last member of the group joins. */
const FREE_COORDINATOR = `(rd_kafka_cgrp_awaiting_response(rkcg) && rkcg->rkcg_curr_coord
                     ? rkcg->rkcg_curr_coord : rkcg->rkcg_coord)`;

/** Brokers change their roles within seconds, and asking takes one of them a millisecond. */
const COORDINATOR_MS = 1_000;

/** The fixes for librdkafka 2.12.0. */
export const fixes: readonly Fix[] = [{
  what:
    "a consumer that leaves while its group rebalances waits for the rebalance: its LeaveGroup and its last commit " +
    "are behind a JoinGroup of the same connection, and are given up or refused",
  edits: [{
    file: "src/rdkafka_cgrp.c",
    from: `rkcg->rkcg_next_unsubscribe  = rd_false;

        if (RD_KAFKA_CGRP_REBALANCING(rkcg)) {`,
    to: `rkcg->rkcg_next_unsubscribe  = rd_false;

        if (RD_KAFKA_CGRP_REBALANCING(rkcg) &&
            (rktparlist ||
             rkcg->rkcg_join_state != RD_KAFKA_CGRP_JOIN_STATE_WAIT_JOIN)) {`,
  }, {
    file: "src/rdkafka_cgrp.c",
    from: "rkcg->rkcg_coord, rkcg->rkcg_group_id->str, member_id,",
    to: `${FREE_COORDINATOR}, rkcg->rkcg_group_id->str, member_id,`,
  }, {
    file: "src/rdkafka_cgrp.c",
    from: "rd_kafka_OffsetCommitRequest(rkcg->rkcg_coord, cgmetadata, offsets,",
    to: `rd_kafka_OffsetCommitRequest(${FREE_COORDINATOR}, cgmetadata, offsets,`,
  }, {
    // while that connection is being set up its versions are unknown, and the request would be rejected
    file: "src/rdkafka_request.c",
    from: `rkb, RD_KAFKAP_LeaveGroup, 0, 1, &features);
`,
    to: `rkb, RD_KAFKAP_LeaveGroup, 0, 1, &features) /* Kafka 0.11 to 4 */;
        if (ApiVersion == -1)
                ApiVersion = 1;
`,
  }, {
    file: "src/rdkafka_request.c",
    from: `rkb, RD_KAFKAP_OffsetCommit, 0, 9, &features);
`,
    to: `rkb, RD_KAFKAP_OffsetCommit, 0, 9, &features) /* Kafka 2.3 to 4 */;
        if (ApiVersion == -1)
                ApiVersion = 7;
`,
  }],
}, {
  what:
    "ListConsumerGroupOffsets of a client that is no consumer ends the process when the group has another coordinator",
  edits: [{
    file: "src/rdkafka_request.c",
    from: `if (actions & RD_KAFKA_ERR_ACTION_REFRESH) {
                /* Re-query for coordinator */
                rd_kafka_cgrp_op(rkb->rkb_rk->rk_cgrp,`,
    to: `if ((actions & RD_KAFKA_ERR_ACTION_REFRESH) && rkb->rkb_rk->rk_cgrp) {
                /* Re-query for coordinator */
                rd_kafka_cgrp_op(rkb->rkb_rk->rk_cgrp,`,
  }],
}, {
  what:
    "a request of the Admin API that has timed out ends the process when its coordinator is found, and so does one " +
    "that the coordinator does not have: the failure is reported twice, the second time by what is freed",
  edits: [{
    file: "src/rdkafka_admin.c",
    from: `        if (!rko)
                /* Admin request has timed out and been destroyed */
                return RD_KAFKA_RESP_ERR__DESTROY;

        rd_kafka_enq_once_add_source(eonce, "coordinator response");
`,
    to: `        if (!rko) {
                /* Admin request has timed out and been destroyed */
                rd_kafka_replyq_destroy(&replyq);
                return RD_KAFKA_RESP_ERR_NO_ERROR;
        }

        rd_kafka_enq_once_add_source(eonce, "coordinator response");
`,
  }, {
    file: "src/rdkafka_admin.c",
    from: `            rd_kafka_admin_handle_response, eonce);

        if (err) {
                rd_kafka_admin_result_fail(
                    rko, err, "%s worker failed to send request: %s",
                    rd_kafka_op2str(rko->rko_type), errstr);
                rd_kafka_admin_common_worker_destroy(rk, rko,
                                                     rd_true /*destroy*/);
        }
        return err;
`,
    to: `            rd_kafka_admin_handle_response, eonce);

        if (err) {
                rd_kafka_enq_once_del_source(eonce, "coordinator response");
                rd_kafka_admin_result_fail(
                    rko, err, "%s worker failed to send request: %s",
                    rd_kafka_op2str(rko->rko_type), errstr);
                rd_kafka_admin_common_worker_destroy(rk, rko,
                                                     rd_true /*destroy*/);
        }
        return RD_KAFKA_RESP_ERR_NO_ERROR;
`,
  }],
}, {
  what:
    "requests of the Admin API about a group go to the coordinator that it once had, for as long as they are made: " +
    "each use keeps the entry of the cache, and no answer removes it",
  edits: [{
    file: "src/rdkafka_coord.h",
    from: "        rd_ts_t cce_ts_used;                /**< Last used timestamp */\n",
    to: "        rd_ts_t cce_ts_used;                /**< Last used timestamp */\n" +
      "        rd_ts_t cce_rafka_ts_found;         /**< Kafka has named it */\n",
  }, {
    file: "src/rdkafka_coord.c",
    from: `                        /* Match */
                        cce->cce_ts_used = rd_clock();
`,
    to: `                        /* Match */
                        if (cce->cce_rafka_ts_found + ${COORDINATOR_MS * 1_000} < rd_clock()) {
                                rd_kafka_coord_cache_entry_destroy(cc, cce);
                                return NULL;
                        }
                        cce->cce_ts_used = rd_clock();
`,
  }, {
    file: "src/rdkafka_coord.c",
    from: "                cce->cce_ts_used   = rd_clock();\n",
    to: "                cce->cce_ts_used   = rd_clock();\n" +
      "                cce->cce_rafka_ts_found = rd_clock();\n",
  }],
}, {
  what:
    "a consumer waits for ever for the partitions whose offsets it asks a broker for that is not the coordinator any " +
    "more (confluentinc/librdkafka#5586)",
  edits: [{
    file: "src/rdkafka_assignment.c",
    from: `        rd_free(req_assignment_version);

        /* offsets may be NULL for certain errors, such`,
    to: `        rd_free(req_assignment_version);

        if (err == RD_KAFKA_RESP_ERR_NOT_COORDINATOR ||
            err == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE) {
                rd_kafka_topic_partition_list_t *queried = rk->rk_consumer.assignment.queried;
                rd_kafka_topic_partition_t *rktpar;
                RD_KAFKA_TPLIST_FOREACH(rktpar, queried) {
                        rd_kafka_topic_partition_list_add_copy(
                            rk->rk_consumer.assignment.pending, rktpar)
                            ->offset = RD_KAFKA_OFFSET_STORED;
                }
                rd_kafka_topic_partition_list_clear(queried);
                RD_IF_FREE(offsets, rd_kafka_topic_partition_list_destroy);
                /* when it is found they are asked for again */
                rd_kafka_cgrp_coord_dead(rk->rk_cgrp, err, "OffsetFetch");
                return;
        }

        /* offsets may be NULL for certain errors, such`,
  }],
}, {
  what: "nobody learns that a consumer could not leave its group",
  edits: [{
    file: "src/rdkafka_cgrp.c",
    from: `rd_kafka_dbg(rkb->rkb_rk, CGRP, "LEAVEGROUP",
                             "LeaveGroup response error`,
    to: `rd_kafka_log(rk, LOG_ERR, "LEAVEGROUP",
                             "LeaveGroup response error`,
  }],
}, {
  what: "a consumer that leaves its group while nobody knows the coordinator reads address 0 " +
    "(confluentinc/librdkafka#5327)",
  edits: [{
    file: "src/rdkafka_cgrp.c",
    from: 'rkb->rkb_rk, CGRP, "LEAVEGROUP",',
    to: 'rk, CGRP, "LEAVEGROUP",',
  }],
}, {
  what: "the OpenSSL inside cannot be called, though TLS towards clients needs one",
  source: "openssl.c",
  edits: [{
    file: "lds-gen.py",
    from: "funcs.append('rd_ut_coverage_check')",
    to: "funcs.append('rd_ut_coverage_check')\n    funcs.append('rd_kafka_rafka_*')",
  }],
}, {
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
}, {
  what:
    "a topic that is deleted and created again is consumed from the position in the old one: the messages before it are " +
    "skipped; and it is not found where its leader epoch is lower",
  source: "recreated_topics.c",
  edits: [{
    file: "src/rdkafka_partition.h",
    from: "        /** Last stored offset, but maybe not yet committed. */",
    to: "        /** Its topic is another one: no offset but 0 may be stored before that is. */\n" +
      "        rd_bool_t rktp_rafka_begins_again;\n\n" +
      "        /** Last stored offset, but maybe not yet committed. */",
  }, {
    file: "src/rdkafka_offset.h",
    from: "!(rktp->rktp_flags & RD_KAFKA_TOPPAR_F_ASSIGNED) &&",
    to: `(!(rktp->rktp_flags & RD_KAFKA_TOPPAR_F_ASSIGNED) ||
                      (rktp->rktp_rafka_begins_again && pos.offset > 0)) &&`,
  }, {
    file: "src/rdkafka_offset.h",
    from: "                rktp->rktp_stored_pos           = pos;\n",
    to: "                rktp->rktp_stored_pos           = pos;\n" +
      "                rktp->rktp_rafka_begins_again   = rd_false;\n",
  }, {
    file: "src/rdkafka_topic.h",
    from: "int rd_kafka_topic_metadata_update2(",
    to: "void rafka_topic_recreated(rd_kafka_topic_t *rkt);\nint rd_kafka_topic_metadata_update2(",
  }, {
    file: "src/rdkafka_topic.c",
    from: "                        rkt->rkt_topic_id = mdit->topic_id;\n",
    to: `                        if (!RD_KAFKA_UUID_IS_ZERO(rkt->rkt_topic_id) &&
                            !RD_KAFKA_UUID_IS_ZERO(mdit->topic_id))
                                rafka_topic_recreated(rkt);
                        rkt->rkt_topic_id = mdit->topic_id;
`,
  }, {
    // a fetch of the new topic may begin at the old position
    file: "src/rdkafka_fetcher.c",
    from: "        fetch_version = rktp->rktp_fetch_version;\n",
    to: `        fetch_version = RD_MAX(rktp->rktp_fetch_version,
                               rd_atomic32_get(&rktp->rktp_version));
`,
  }, {
    // INCONSISTENT_TOPIC_ID: the broker has the old topic still
    file: "src/rdkafka_fetcher.c",
    from: `        switch (err) {
                /* Errors handled by rdkafka */`,
    to: `        if ((int)err == 103)
                err = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_ID;
        switch (err) {
                /* Errors handled by rdkafka */`,
  }, {
    // the answer to a commit of the old topic
    file: "src/rdkafka_cgrp.c",
    from: `                rd_kafka_toppar_lock(rktp);
                rktp->rktp_committed_pos =
                    rd_kafka_topic_partition_get_fetch_pos(rktpar);
                rd_kafka_toppar_unlock(rktp);
`,
    to: `                rd_kafka_toppar_lock(rktp);
                if (rktp->rktp_stored_pos.offset < 0 ||
                    rktpar->offset <= rktp->rktp_stored_pos.offset)
                        rktp->rktp_committed_pos =
                            rd_kafka_topic_partition_get_fetch_pos(rktpar);
                rd_kafka_toppar_unlock(rktp);
`,
  }],
}, {
  what:
    "an error of a partition counts as a consumed message, which is skipped after the next rebalance",
  edits: [{
    file: "src/rdkafka_queue.c",
    from: `                int64_t offset          = rkmessages[i]->offset + 1;
                if (unlikely(rktp && (rktp->rktp_app_pos.offset < offset)))`,
    to: `                int64_t offset          = rkmessages[i]->offset + 1;
                if (unlikely(rktp && !rkmessages[i]->err &&
                             (rktp->rktp_app_pos.offset < offset)))`,
  }],
}, {
  // the heartbeat says whether the group goes on without the consumer; a commit may be of the generation before
  what:
    "a commit that a rebalance has overtaken ends the membership, and what is acked is consumed again",
  edits: [{
    file: "src/rdkafka_cgrp.c",
    from: `                rk->rk_cgrp->rkcg_generation_id = -1;
                rd_kafka_cgrp_revoke_all_rejoin_maybe(
                    rkcg, rd_true /*assignment is lost*/,
                    rd_true /*this consumer is initiating*/,
                    "OffsetCommit error: Illegal generation");
                break;`,
    to: `                rd_interval_reset(&rkcg->rkcg_heartbeat_intvl);
                break;`,
  }],
}, {
  what:
    "the mock cluster changes a group without the members that have not rejoined yet, and takes no commits meanwhile: " +
    "what is acked is consumed again",
  edits: [{
    file: "src/rdkafka_mock_cgrp.c",
    from: `        case RD_KAFKA_MOCK_CGRP_STATE_JOINING:
                if (ApiKey == RD_KAFKAP_JoinGroup ||
`,
    to: `        case RD_KAFKA_MOCK_CGRP_STATE_JOINING:
                if (ApiKey == RD_KAFKAP_JoinGroup ||
                    ApiKey == RD_KAFKAP_OffsetCommit ||
`,
  }, {
    // a member that waits for the others is alive, and so is one that sends heartbeats meanwhile
    file: "src/rdkafka_mock_cgrp.c",
    from: `        int timeout_cnt = 0;

        TAILQ_FOREACH_SAFE(member, &mcgrp->members, link, tmp) {
`,
    to: `        int timeout_cnt = 0;

        TAILQ_FOREACH_SAFE(member, &mcgrp->members, link, tmp) {
                if (member->resp)
                        continue;
`,
  }, {
    file: "src/rdkafka_mock_handlers.c",
    from: `                    mcgrp, member, rkbuf, GenerationId);

        if (!err)
                rd_kafka_mock_cgrp_classic_member_active(mcgrp, member);`,
    to: `                    mcgrp, member, rkbuf, GenerationId);

        if (!err || (member && err == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS))
                rd_kafka_mock_cgrp_classic_member_active(mcgrp, member);`,
  }, {
    file: "src/rdkafka_mock_cgrp.c",
    from: `/**
 * @brief Trigger group rebalance.
 */
`,
    to: `/**
 * @brief Ends the wait for members as soon as all have rejoined.
 */
static void rafka_mock_join_check(rd_kafka_mock_cgrp_classic_t *mcgrp) {
        rd_kafka_mock_cgrp_classic_member_t *member;

        if (mcgrp->state != RD_KAFKA_MOCK_CGRP_STATE_JOINING)
                return;
        TAILQ_FOREACH(member, &mcgrp->members, link) {
                if (!member->resp)
                        return;
        }
        rd_kafka_mock_cgrp_classic_rebalance_timer_restart(mcgrp, 1);
}

/**
 * @brief Trigger group rebalance.
 */
`,
  }, {
    file: "src/rdkafka_mock_cgrp.c",
    from: `                return; /* Do nothing, group is already rebalancing. */
`,
    to: `{
                rafka_mock_join_check(mcgrp);
                return; /* Do nothing, group is already rebalancing. */
        }
`,
  }, {
    file: "src/rdkafka_mock_cgrp.c",
    from: "                timeout_ms = 100; /* All members rejoined, quickly transition\n" +
      "                                   * to election. */",
    to: "                timeout_ms = 300 * 1000;",
  }, {
    file: "src/rdkafka_mock_cgrp.c",
    from: `                timeout_ms = mcgrp->session_timeout_ms > 1000
                                 ? mcgrp->session_timeout_ms - 1000
                                 : mcgrp->session_timeout_ms;`,
    to: "                timeout_ms = 300 * 1000; /* max.poll.interval.ms, by default */",
  }, {
    file: "src/rdkafka_mock_cgrp.c",
    from: `        member->conn = mconn;
        rd_kafka_mock_cgrp_classic_member_active(mcgrp, member);

        return RD_KAFKA_RESP_ERR_NO_ERROR;`,
    to: `        member->conn = mconn;
        rd_kafka_mock_cgrp_classic_member_active(mcgrp, member);
        rafka_mock_join_check(mcgrp);

        return RD_KAFKA_RESP_ERR_NO_ERROR;`,
  }],
}, {
  what: "the mock cluster reports messages with a timestamp that they do not have",
  edits: [{
    file: "src/rdkafka_mock_handlers.c",
    from: "rd_kafka_buf_write_i64(resp, 1234);",
    to: "rd_kafka_buf_write_i64(resp, -1 /* CreateTime */);",
  }],
}, {
  what: "the mock cluster has no controller, which librdkafka waits for to describe topics",
  edits: [{
    file: "src/rdkafka_mock.c",
    from: "        TAILQ_INIT(&mcluster->topics);\n",
    to: "        mcluster->controller_id = TAILQ_FIRST(&mcluster->brokers)->id;\n" +
      "        TAILQ_INIT(&mcluster->topics);\n",
  }],
}, {
  what:
    "a connection of a mock broker that is down goes on where the process has started another one since, which has " +
    "inherited it, and its port may be given away",
  edits: [{
    file: "src/rdkafka_mock.c",
    from: `                new_s = accept(mrkb->listen_s, (struct sockaddr *)&peer,
                               &peer_size);`,
    to: `#ifdef SOCK_CLOEXEC
                new_s = accept4(mrkb->listen_s, (struct sockaddr *)&peer,
                                &peer_size, SOCK_CLOEXEC);
#else
                new_s = accept(mrkb->listen_s, (struct sockaddr *)&peer,
                               &peer_size);
#endif`,
  }, {
    // the system gives away a port that nobody listens on, as long as all who are bound to it allow that
    file: "src/rdkafka_mock.c",
    from: `                        rd_assert(mrkb->listen_s != -1 ||
                                  !*"Failed to-create mock broker listener");
`,
    to: `                        rd_assert(mrkb->listen_s != -1 ||
                                  !*"Failed to-create mock broker listener");
                        rafka_mock_share_port(mrkb->listen_s, 0);
`,
  }, {
    file: "src/rdkafka_mock.c",
    from: `                        rd_assert(mrkb->listen_s != -1);
                        r = rd_kafka_mock_broker_start_listener(mrkb);`,
    to: `                        rd_assert(mrkb->listen_s != -1);
                        rafka_mock_share_port(mrkb->listen_s, 1);
                        r = rd_kafka_mock_broker_start_listener(mrkb);`,
  }, {
    file: "src/rdkafka_mock.c",
    from: `/**
 * @brief Starts listening on the mock broker socket.
`,
    to: `/** @brief Whether others may bind the port of a socket that does not listen. */
static void rafka_mock_share_port(rd_socket_t fd, int on) {
        int r = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, (void *)&on, sizeof(on));
        rd_assert(r == 0 || !*"Failed to set SO_REUSEADDR");
}

/**
 * @brief Starts listening on the mock broker socket.
`,
  }],
}, {
  what: "each broker of the mock cluster has the offsets of each group",
  edits: [{
    file: "src/rdkafka_mock_handlers.c",
    from: `        if (!mrkb && !all_err)
                all_err = RD_KAFKA_RESP_ERR_NOT_COORDINATOR;`,
    to: `        if (mrkb != mconn->broker && !all_err)
                all_err = RD_KAFKA_RESP_ERR_NOT_COORDINATOR;`,
  }],
}, {
  what: "the mock cluster knows no offsets by time",
  source: "mock_times.c",
  edits: [{
    file: "src/rdkafka_mock_int.h",
    from: "const rd_kafka_mock_msgset_t *\nrd_kafka_mock_msgset_find(",
    to: "int64_t rafka_mock_offset_by_time(const rd_kafka_mock_partition_t *mpart,\n" +
      "                                  int64_t timestamp, int64_t *found);\n" +
      "const rd_kafka_mock_msgset_t *\nrd_kafka_mock_msgset_find(",
  }, {
    file: "src/rdkafka_mock_handlers.c",
    from: "int64_t Timestamp, Offset             = -1;",
    to: "int64_t Timestamp, Offset = -1, Found = -1;",
  }, {
    file: "src/rdkafka_mock_handlers.c",
    from: `                                else /* FIXME: by timestamp */
                                        Offset = -1;`,
    to: `                                else
                                        Offset = rafka_mock_offset_by_time(
                                            mpart, Timestamp, &Found);`,
  }, {
    file: "src/rdkafka_mock_handlers.c",
    from: `                                /* Response: Timestamp (FIXME) */
                                rd_kafka_buf_write_i64(resp, -1);`,
    to: `                                /* Response: Timestamp */
                                rd_kafka_buf_write_i64(resp, Found);`,
  }],
}, {
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

/** The fixes, and a checksum of their sources. */
export async function fixesDigest(): Promise<string> {
  const sources = await Promise.all(
    [...sourcesOf(fixes), ...headersOf(fixes)].map((name) => Deno.readTextFile(pathOf(name))),
  );
  return await sha256(new TextEncoder().encode(JSON.stringify([fixes, sources])));
}

/**
 * Changes the source in `folder`.
 *
 * @throws {TaskError} when there is nothing to change
 */
export async function applyFixes(folder: string, all: readonly Fix[] = fixes): Promise<void> {
  for (const { what, edits } of all) {
    for (const { file, from, to } of edits) {
      const path = `${folder}/${file}`;
      const text = await Deno.readTextFile(path);
      if (!text.includes(from)) {
        throw new TaskError(`${file} has no ${from}: is it fixed there that ${what}?`);
      }
      await Deno.writeTextFile(path, text.replaceAll(from, to));
    }
  }
}

/** Makes librdkafka's Makefile, written by `configure`, compile the sources that the fixes call. */
export async function addFixSources(folder: string): Promise<void> {
  for (const name of sourcesOf(fixes)) {
    const copy = `rafka_${name}`;
    await Deno.copyFile(pathOf(name), `${folder}/src/${copy}`);
    await Deno.writeTextFile(`${folder}/Makefile.config`, `SRCS_y += ${copy}\n`, { append: true });
  }
  for (const name of headersOf(fixes)) {
    await Deno.copyFile(pathOf(name), `${folder}/src/rafka_${name}`);
  }
}

function sourcesOf(all: readonly Fix[]): string[] {
  return all.flatMap(({ source }) => source ?? []);
}

function headersOf(all: readonly Fix[]): string[] {
  return all.flatMap(({ header }) => header ?? []);
}

function pathOf(source: string): string {
  return `tasks/native/${source}`;
}
