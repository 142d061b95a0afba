/**
 * @module
 * Mistakes in librdkafka's source that end the process, and with it all connections, or stop a whole group, put right
 * before it is compiled. A fix that no longer applies since a release has its own is to be deleted.
 */
import { TaskError } from "../say.ts";

/** A piece of one file, each time it occurs, and what it should be. */
export interface Fix {
  /** For people. */
  readonly what: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Kafka answers one request of a connection at a time, and a JoinGroup when the last member of the group joins. */
const FREE_COORDINATOR = `(rd_kafka_cgrp_awaiting_response(rkcg) && rkcg->rkcg_curr_coord
                     ? rkcg->rkcg_curr_coord : rkcg->rkcg_coord)`;

/** Those of librdkafka 2.12.0. */
export const fixes: readonly Fix[] = [{
  what: "a consumer that leaves while its group rebalances first waits for the rebalance",
  file: "src/rdkafka_cgrp.c",
  from: `rkcg->rkcg_next_unsubscribe  = rd_false;

        if (RD_KAFKA_CGRP_REBALANCING(rkcg)) {`,
  to: `rkcg->rkcg_next_unsubscribe  = rd_false;

        if (RD_KAFKA_CGRP_REBALANCING(rkcg) &&
            (rktparlist ||
             rkcg->rkcg_join_state != RD_KAFKA_CGRP_JOIN_STATE_WAIT_JOIN)) {`,
}, {
  what: "a LeaveGroup waits behind a JoinGroup of the same connection, and is given up after 5 s",
  file: "src/rdkafka_cgrp.c",
  from: "rkcg->rkcg_coord, rkcg->rkcg_group_id->str, member_id,",
  to: `${FREE_COORDINATOR}, rkcg->rkcg_group_id->str, member_id,`,
}, {
  what: "a commit waits behind a JoinGroup of the same connection, and is refused after it",
  file: "src/rdkafka_cgrp.c",
  from: "rd_kafka_OffsetCommitRequest(rkcg->rkcg_coord, cgmetadata, offsets,",
  to: `rd_kafka_OffsetCommitRequest(${FREE_COORDINATOR}, cgmetadata, offsets,`,
}, {
  what:
    "a LeaveGroup is refused where that connection is being made: its versions are not known yet",
  file: "src/rdkafka_request.c",
  from: `rkb, RD_KAFKAP_LeaveGroup, 0, 1, &features);
`,
  to: `rkb, RD_KAFKAP_LeaveGroup, 0, 1, &features) /* Kafka 0.11 to 4 */;
        if (ApiVersion == -1)
                ApiVersion = 1;
`,
}, {
  what: "a commit is refused where that connection is being made: its versions are not known yet",
  file: "src/rdkafka_request.c",
  from: `rkb, RD_KAFKAP_OffsetCommit, 0, 9, &features);
`,
  to: `rkb, RD_KAFKAP_OffsetCommit, 0, 9, &features) /* Kafka 2.3 to 4 */;
        if (ApiVersion == -1)
                ApiVersion = 7;
`,
}, {
  what: "nobody learns that a consumer could not leave its group",
  file: "src/rdkafka_cgrp.c",
  from: `rd_kafka_dbg(rkb->rkb_rk, CGRP, "LEAVEGROUP",
                             "LeaveGroup response error`,
  to: `rd_kafka_log(rk, LOG_ERR, "LEAVEGROUP",
                             "LeaveGroup response error`,
}, {
  what: "a consumer that leaves its group while nobody knows the coordinator reads address 0 " +
    "(confluentinc/librdkafka#5327)",
  file: "src/rdkafka_cgrp.c",
  from: 'rkb->rkb_rk, CGRP, "LEAVEGROUP",',
  to: 'rk, CGRP, "LEAVEGROUP",',
}];

/**
 * Changes the source in `folder`.
 *
 * @throws {TaskError} when there is nothing to change
 */
export async function applyFixes(folder: string, all: readonly Fix[] = fixes): Promise<void> {
  for (const { what, file, from, to } of all) {
    const path = `${folder}/${file}`;
    const text = await Deno.readTextFile(path);
    if (!text.includes(from)) {
      throw new TaskError(`${file} has no ${from}: is it fixed there that ${what}?`);
    }
    await Deno.writeTextFile(path, text.replaceAll(from, to));
  }
}
