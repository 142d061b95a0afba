/**
 * Fixes of the mock cluster, which is the embedded Kafka.
 *
 * @module
 */
import type { Fix } from "./fix.ts";

/** For librdkafka 2.12.0. */
export const mockClusterFixes: readonly Fix[] = [{
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
}];
