/**
 * Metrics of the gateway, the same for `HGETALL stats`, INFO and Prometheus. Counting costs an addition to a field.
 *
 * @see https://prometheus.io/docs/concepts/metric_types/
 * @module
 */

/** Labels that distinguish the samples of a metric. */
export type Labels = Readonly<Record<string, string>>;

/** The names of a metric in each output. */
export interface MetricNames {
  /** Prometheus' name, with the base unit; a counter's ends in `_total`. */
  readonly metric: string;
  /** One sentence, for Prometheus' HELP. */
  readonly help: string;
  /** Labels of all its samples; metrics of one Prometheus name differ in them. */
  readonly labels?: Labels;
  /** Names of the labels that its samples have beside them. */
  readonly labelNames?: readonly string[];
  /** Field of `HGETALL stats`. */
  readonly stat?: string;
  /** There is such a field for each sample, `<stat>:<label>:<label>`, else one for their sum. */
  readonly statByLabel?: boolean;
  /** Section and field of INFO. */
  readonly info?: readonly [section: string, field: string];
}

/** One value of a metric. */
export interface Sample {
  /** Empty for a metric with one sample. */
  readonly labels: Labels;
  /** Since start-up, never reset, as Prometheus requires. */
  readonly total: number;
  /** Since start-up or `DEL stats`, as shown to clients. */
  readonly value: number;
}

/** The values of a histogram. */
export interface HistogramSample {
  /** Empty for a metric with one sample. */
  readonly labels: Labels;
  /** Upper bounds in the base unit, each with the number of observations up to it. */
  readonly buckets: readonly (readonly [upperBound: number, count: number])[];
  /** Of all observations, in the base unit. */
  readonly sum: number;
  /** Number of observations. */
  readonly count: number;
}

/** A metric as the outputs read it. */
export interface Metric {
  /** Names in each output. */
  readonly names: MetricNames;
  /** A gauge may decrease. */
  readonly type: "counter" | "gauge" | "histogram";
  /** The current values; none of a histogram. */
  samples(): readonly Sample[];
  /** The current values of a histogram. */
  histograms?(): readonly HistogramSample[];
}

/** A value that only increases. */
export class Counter implements Metric {
  readonly type = "counter";
  readonly names: MetricNames;
  /** Since start-up. Counting adds to this field. */
  total = 0;
  #totalAtReset = 0;

  /** Starts at 0. */
  constructor(names: MetricNames) {
    this.names = names;
  }

  /** Since start-up or the last `reset`. */
  get value(): number {
    return this.total - this.#totalAtReset;
  }

  samples(): Sample[] {
    return [{ labels: this.names.labels ?? {}, total: this.total, value: this.value }];
  }

  /** Sets `value` to 0; `total` continues. */
  reset(): void {
    this.#totalAtReset = this.total;
  }
}

/** All metrics of a gateway, in the order in which they were registered. */
export class MetricRegistry {
  readonly #metrics: Metric[] = [];

  /** All registered metrics. */
  get metrics(): readonly Metric[] {
    return this.#metrics;
  }

  /**
   * Registers a new counter.
   *
   * @throws {Error} when its Prometheus name is taken, with the same labels
   */
  counter(names: MetricNames): Counter {
    return this.add(new Counter(names));
  }

  /**
   * Registers a gauge that is read on demand.
   *
   * @throws {Error} when its Prometheus name is taken
   */
  gauge(names: MetricNames, read: () => number): void {
    this.add({
      names,
      type: "gauge",
      samples(): Sample[] {
        const value = read();
        return [{ labels: names.labels ?? {}, total: value, value }];
      },
    });
  }

  /**
   * Adds a metric of any form.
   *
   * @throws {Error} when its Prometheus name is taken
   */
  add<T extends Metric>(metric: T): T {
    const name = keyOf(metric);
    if (this.#metrics.some((one) => keyOf(one) === name)) {
      throw new Error(`Metric ${name} is registered twice`);
    }
    this.#metrics.push(metric);
    return metric;
  }

  /**
   * The fields of one section of INFO, gauges first. Metrics with the same field are summed; an infinite limit is left
   * out.
   */
  infoFields(section: string): Record<string, number> {
    const fields: Record<string, number> = {};
    for (const type of ["gauge", "counter"]) {
      for (const metric of this.#metrics) {
        const [inSection, field] = metric.names.info ?? [];
        if (metric.type !== type || inSection !== section) continue;
        const sum = metric.samples().reduce((all, { value }) => all + value, fields[field!] ?? 0);
        if (Number.isFinite(sum)) fields[field!] = sum;
      }
    }
    return fields;
  }

  /**
   * The sum of each counter's and gauge's samples, since start-up, by Prometheus' name.
   *
   * @param prefix names of others are left out, unread
   */
  totals(prefix = ""): Record<string, number> {
    const totals: Record<string, number> = {};
    for (const metric of this.#metrics) {
      const { metric: name } = metric.names;
      if (!name.startsWith(prefix)) continue;
      const sum = metric.samples().reduce((all, { total }) => all + total, totals[name] ?? 0);
      if (metric.type !== "histogram" && Number.isFinite(sum)) totals[name] = sum;
    }
    return totals;
  }

  /**
   * The fields of `HGETALL stats`; a metric with `statByLabel` has one for each sample that is not 0.
   *
   * @param isShown decides by the labels which samples are left out
   */
  statFields(isShown: (labels: Labels) => boolean = () => true): [name: string, value: number][] {
    return this.#metrics.flatMap((metric): [string, number][] => {
      const { stat, statByLabel = false } = metric.names;
      if (stat === undefined) return [];
      const samples = metric.samples();
      if (!statByLabel) return [[stat, samples.reduce((sum, { value }) => sum + value, 0)]];
      return samples.filter(({ labels, value }) => value > 0 && isShown(labels))
        .map(({ labels, value }) => [[stat, ...Object.values(labels)].join(":"), value]);
    });
  }
}

function keyOf({ names: { metric, labels = {} } }: Metric): string {
  return metric + Object.values(labels).map((value) => ` ${value}`).join("");
}
