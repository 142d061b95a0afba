/**
 * Fixes of groups: how a consumer joins, leaves and commits, and finds the coordinator.
 *
 * @module
 */
import type { Fix } from "./fix.ts";

/** Kafka answers one request of a connection at a time, and a JoinGroup when the last member of the group joins. */
const FREE_COORDINATOR = `(rd_kafka_cgrp_awaiting_response(rkcg) && rkcg->rkcg_curr_coord
                     ? rkcg->rkcg_curr_coord : rkcg->rkcg_coord)`;

/** For librdkafka 2.12.0. */
export const groupFixes: readonly Fix[] = [{
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
}];
