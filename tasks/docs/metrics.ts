/**
 * The table of all metrics, from the registry of a gateway.
 *
 * @module
 */
import { newDelays, registerProcessMetrics } from "../../src/app/process_metrics.ts";
import { type GaugeSources, registerGauges } from "../../src/session/gauges.ts";
import type { Metric } from "../../src/telemetry/metrics.ts";
import { Telemetry } from "../../src/telemetry/telemetry.ts";
import { code, table } from "./markdown.ts";

/** All metrics that a gateway can have. */
export function allMetrics(): readonly Metric[] {
  const telemetry = new Telemetry(0);
  // what gauges are read from is needed only when they are read
  const sources = { telemetry, principals: { own: {} }, tls: { clientCa: {} } };
  registerGauges(sources as unknown as GaugeSources);
  registerProcessMetrics(telemetry.registry);
  return [...telemetry.registry.metrics, newDelays()];
}

/** One row for each name. */
export function metricTable(): string {
  const families = [...Map.groupBy(allMetrics(), ({ names }) => names.metric).values()];
  return table(
    ["metric", "type", "labels", "meaning"],
    families.map((family) => {
      const { names, type } = family[0]!;
      return [code(names.metric), type, labelsOf(family), names.help];
    }),
  );
}

function labelsOf(family: readonly Metric[]): string {
  const names = family.flatMap(({ names: { labels, labelNames = [] } }) => [
    ...Object.keys(labels ?? {}),
    ...labelNames,
  ]);
  return [...new Set(names)].map(code).join(", ") || "–";
}
