/**
 * Every figure that the gateway shows of itself: `HGETALL stats`, INFO and Prometheus read the same ones. To count costs
 * an addition to a field.
 *
 * @see https://prometheus.io/docs/concepts/metric_types/
 * @module
 */

/** What tells apart the figures of one metric. */
export type Labels = Readonly<Record<string, string>>;

/** What a metric is called, and where. */
export interface MetricNames {
  /** Prometheus' name, with the base unit; a counter's ends in `_total`. */
  readonly metric: string;
  /** One sentence, for Prometheus' HELP. */
  readonly help: string;
  /** Field of `HGETALL stats`. */
  readonly stat?: string;
  /** Section and field of INFO. */
  readonly info?: readonly [section: string, field: string];
}

/** One figure. */
export interface Sample {
  /** Empty for a metric that has one figure only. */
  readonly labels: Labels;
  /** Since the start, never set back: what Prometheus wants. */
  readonly total: number;
  /** Since the start, or since `DEL stats`: what clients are shown. */
  readonly value: number;
}

/** A metric, as whoever shows it sees it. */
export interface Metric {
  /** What it is called. */
  readonly names: MetricNames;
  /** A gauge may go down. */
  readonly type: "counter" | "gauge";
  /** Its figures now. */
  samples(): readonly Sample[];
}

/** A number that only grows. */
export class Counter implements Metric {
  readonly type = "counter";
  readonly names: MetricNames;
  /** Since the start. Whoever counts adds to it. */
  total = 0;
  #totalAtReset = 0;

  /** Nothing is counted yet. */
  constructor(names: MetricNames) {
    this.names = names;
  }

  /** Since the start, or the last `reset`. */
  get value(): number {
    return this.total - this.#totalAtReset;
  }

  samples(): Sample[] {
    return [{ labels: {}, total: this.total, value: this.value }];
  }

  /** `value` counts from 0 again, `total` goes on. */
  reset(): void {
    this.#totalAtReset = this.total;
  }
}

/** All metrics of a gateway, in the order in which they were registered. */
export class MetricRegistry {
  readonly #metrics: Metric[] = [];

  /** Everything that is registered. */
  get metrics(): readonly Metric[] {
    return this.#metrics;
  }

  /** A new counter. */
  counter(names: MetricNames): Counter {
    return this.add(new Counter(names));
  }

  /** A figure that is read when it is asked for. */
  gauge(names: MetricNames, read: () => number): void {
    this.add({
      names,
      type: "gauge",
      samples(): Sample[] {
        const value = read();
        return [{ labels: {}, total: value, value }];
      },
    });
  }

  /**
   * Adds a metric of any form.
   *
   * @throws {Error} when its Prometheus name is taken
   */
  add<T extends Metric>(metric: T): T {
    const { metric: name } = metric.names;
    if (this.#metrics.some(({ names }) => names.metric === name)) {
      throw new Error(`Metric ${name} is registered twice`);
    }
    this.#metrics.push(metric);
    return metric;
  }

  /** The fields of one section of INFO, gauges first. Metrics with the same field are added up; a limit of none is left out. */
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

  /** The fields of `HGETALL stats`; a metric with labels has one for each that is not 0, `<stat>:<label>:<label>`. */
  statFields(): [name: string, value: number][] {
    return this.#metrics.flatMap((metric) => {
      const { stat } = metric.names;
      if (stat === undefined) return [];
      return metric.samples().map(({ labels, value }) => ({ labels: Object.values(labels), value }))
        .filter(({ labels, value }) => labels.length === 0 || value > 0)
        .map(({ labels, value }): [string, number] => [[stat, ...labels].join(":"), value]);
    });
  }
}
