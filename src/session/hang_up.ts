/**
 * What the log is told of a client that has disconnected before its command was answered.
 *
 * @module
 */

import type { ClientLog } from "../telemetry/client_log.ts";
import type { ClientState } from "./client_state.ts";

/** Tells of it; a worker without a name is known by that of its consumer in a stream's group, others by their host. */
export function noteHangUp(client: ClientState, log: ClientLog): void {
  const { command, memo, name, id, address, ageMs, kafka } = client;
  const worker = name ?? memo.consumerName.latest;
  log.hungUp({
    client: worker && worker !== name ? `${worker} (${address})` : id,
    key: worker ?? address.replace(/:\d+$/, ""), // it comes back with another port
    ageMs,
    command: command!,
    consumes: kafka.consumer !== undefined,
  });
}
