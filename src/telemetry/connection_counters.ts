/**
 * @module
 * What came and went over all connections since the start: what INFO shows as stats. `DEL stats` leaves it alone.
 */

import type { TrafficView } from "../commands/core/context.ts";

/** Plain counters; whoever sees something counts it. */
export class Traffic implements TrafficView {
  /** Accepted. */
  connections = 0;
  /** Not accepted: there were `maxClients` already. */
  rejected = 0;
  /** Cut off: more than `outputLimitBytes` or `monitorBacklogBytes` waited for them. */
  outputLimited = 0;
  /** Cut off: they had sent more than `pipelineLimitBytes` behind a command that waited. */
  pipelineLimited = 0;
  /** Cut off: what they had begun to send did not arrive, and others waited for its memory, `maxInputBytes`. */
  inputLimited = 0;
  /** Run, whatever the reply. */
  commands = 0;
  /** Replies that were errors. */
  errorReplies = 0;
  /** Read from clients. */
  inputBytes = 0;
  /** Written to clients. */
  outputBytes = 0;
}
