/**
 * Fixes of consumers: messages that are skipped.
 *
 * @module
 */
import type { Fix } from "./fix.ts";

/** For librdkafka 2.12.0. */
export const consumerFixes: readonly Fix[] = [{
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
}];
