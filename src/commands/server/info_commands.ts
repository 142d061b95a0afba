/**
 * The sections of INFO that tell what was run: commandstats, errorstats, latencystats.
 *
 * @module
 */

import type { CallCounter } from "../../telemetry/call_counter.ts";
import { canonicalName } from "../core/command.ts";
import type { GatewayView } from "../core/context.ts";

/** Fields of a section, with what is behind the colon. */
export type Lines = Readonly<Record<string, string>>;

/** Redis' `latency-tracking-info-percentiles`. */
const PERCENTILES = [50, 99, 99.9];

/** How often each command was run and refused, and what that took of the gateway's one thread. */
export function commandStats({ telemetry }: GatewayView): Lines {
  return Object.fromEntries(telemetry.commands.commands.map(([command, counter]) => {
    const { calls, rejected, failed, latencies } = counter;
    const perCall = latencies?.mean ?? 0;
    return [
      `cmdstat_${canonicalName(command)}`,
      `calls=${calls},usec=${Math.round(calls * perCall)},usec_per_call=${perCall.toFixed(2)},` +
      `rejected_calls=${rejected},failed_calls=${failed}`,
    ];
  }));
}

/** How many errors were answered, by their first word. */
export function errorStats({ telemetry }: GatewayView): Lines {
  return Object.fromEntries(
    telemetry.commands.errors.map(([code, count]) => [`errorstat_${code}`, `count=${count}`]),
  );
}

/** How long each command took. */
export function latencyStats({ telemetry }: GatewayView): Lines {
  return Object.fromEntries(
    telemetry.commands.commands.filter(([, { latencies }]) => latencies).map((
      [command, counter],
    ) => [
      `latency_percentiles_usec_${canonicalName(command)}`,
      percentiles(counter),
    ]),
  );
}

function percentiles({ latencies }: CallCounter): string {
  return PERCENTILES.map((percent) => `p${percent}=${latencies!.percentile(percent).toFixed(3)}`)
    .join(",");
}
