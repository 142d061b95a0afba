/**
 * @module
 * What commands see of what was run: how often, how long, and with which errors.
 */

import type { CallCounter } from "../../telemetry/call_counter.ts";

/** Counters since the start, or since CONFIG RESETSTAT. */
export interface CommandStatsView {
  /** Of each command that was run or refused, by its name as `client|list`. */
  readonly commands: readonly (readonly [name: string, counter: CallCounter])[];
  /** Error replies by their first word. */
  readonly errors: readonly (readonly [code: string, count: number])[];
  /** Sets all of them to 0. */
  reset(): void;
}
