/**
 * The metrics as Prometheus' text format, or as OpenMetrics. A page of our own: prom-client takes 15 MB of memory, and
 * keeps a second copy of each value.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec/
 * @module
 */

import type { HistogramSample, Labels, Metric, Sample } from "../telemetry/metrics.ts";
import type { HttpResponse } from "./http_response.ts";

/** How metrics are written. */
export interface MetricsFormat {
  /** OpenMetrics instead of Prometheus' text format. */
  readonly openMetrics: boolean;
  /** Names of topics, groups and clients are shown, else the figures that differ only in them are summed up. */
  readonly names: boolean;
}

const TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
const OPEN_METRICS_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/** Labels with names that belong to somebody. */
const NAMING_LABELS = ["topic", "group", "principal"];
/** Stands for them where names are not shown. */
const HIDDEN = "(hidden)";

/** The response to a scrape. */
export function metricsResponse(
  metrics: readonly Metric[],
  accept: string,
  names: boolean,
): HttpResponse {
  const openMetrics = accept.includes("application/openmetrics-text");
  return {
    contentType: openMetrics ? OPEN_METRICS_TYPE : TEXT_TYPE,
    body: metricsText(metrics, { openMetrics, names }),
  };
}

/** Metrics of the same name are one family, whatever stands between them. */
export function metricsText(metrics: readonly Metric[], format: MetricsFormat): string {
  const families = Map.groupBy(metrics, ({ names }) => names.metric);
  const parts = [...families.values()].map((family) => familyText(family, format));
  return parts.join("") + (format.openMetrics ? "# EOF\n" : "");
}

function familyText(family: readonly Metric[], format: MetricsFormat): string {
  const [{ names: { metric, help }, type }] = family as readonly [Metric];
  const name = format.openMetrics ? metric.replace(/_total$/, "") : metric;
  const head = `# HELP ${name} ${escapeHelp(help, format)}\n# TYPE ${name} ${type}\n`;
  return head + family.map((one) => linesOf(one, format)).join("");
}

function linesOf(metric: Metric, format: MetricsFormat): string {
  const { names: { metric: name } } = metric;
  const samples = shown(metric.samples(), format)
    .map(({ labels, total }) => line(name, labels, total));
  const histograms = (metric.histograms?.() ?? []).map((one) => histogramLines(name, one));
  return [...samples, ...histograms].join("");
}

function histogramLines(name: string, { labels, buckets, sum, count }: HistogramSample): string {
  const lines = buckets.map(([le, upTo]) =>
    line(`${name}_bucket`, { ...labels, le: number(le) }, upTo)
  );
  return [
    ...lines,
    line(`${name}_bucket`, { ...labels, le: "+Inf" }, count),
    line(`${name}_sum`, labels, sum),
    line(`${name}_count`, labels, count),
  ].join("");
}

/** The samples, with names or summed up; a limit that is infinite is left out. */
function shown(samples: readonly Sample[], { names }: MetricsFormat): readonly Sample[] {
  const finite = samples.filter(({ total }) => Number.isFinite(total));
  if (names) return finite;
  const hidden = finite.map((sample) => ({ ...sample, labels: withoutNames(sample.labels) }));
  return [...Map.groupBy(hidden, ({ labels }) => JSON.stringify(labels)).values()]
    .map((same) => ({ ...same[0]!, total: same.reduce((sum, { total }) => sum + total, 0) }));
}

function withoutNames(labels: Labels): Labels {
  return Object.fromEntries(
    Object.entries(labels).filter(([name]) => name !== "partition")
      .map(([name, value]) => [name, NAMING_LABELS.includes(name) ? HIDDEN : value]),
  );
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${number(value)}\n`;
}

function number(value: number): string {
  return String(value);
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

function escapeHelp(text: string, { openMetrics }: MetricsFormat): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return openMetrics ? escaped.replaceAll('"', '\\"') : escaped;
}
