/**
 * Fixes of the Admin API.
 *
 * @module
 */
import type { Fix } from "./fix.ts";

/** Brokers change their roles within seconds, and asking takes one of them a millisecond. */
const COORDINATOR_MS = 1_000;

/** For librdkafka 2.12.0. */
export const adminFixes: readonly Fix[] = [{
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
}];
