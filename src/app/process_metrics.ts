/**
 * Metrics of the process: memory, processor time, threads, descriptors, the delay of the event loop. Their names are
 * those of Prometheus' own clients, where these have one.
 *
 * @see https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
 * @module
 */

import { countOpenFiles, readSystemFile } from "../ffi/system_file.ts";
import { DurationHistogram } from "../telemetry/duration_histogram.ts";
import type { MetricRegistry } from "../telemetry/metrics.ts";

/** How often the delay is measured. */
const DELAY_INTERVAL_MS = 250;
/** From 0.26 milliseconds to 67 seconds. */
const DELAYS = { from: 8, to: 26 };
/** USER_HZ, the same on every Linux. */
const TICKS_PER_SECOND = 100;
/** Fields of /proc/self/stat behind the name of the program, from 0. */
const UTIME_FIELD = 11;
const STIME_FIELD = 12;

/** Registers the metrics that are read when they are asked for; without /proc some have no value. */
export function registerProcessMetrics(registry: MetricRegistry): void {
  const startSeconds = Math.floor((Date.now() - performance.now()) / 1_000);
  const gauge = (metric: string, help: string, read: () => number | undefined): void =>
    registry.gauge({ metric, help }, () => read() ?? NaN);
  gauge("process_start_time_seconds", "Start of the process, Unix time", () => startSeconds);
  gauge("process_resident_memory_bytes", "Memory of the process", () => Deno.memoryUsage().rss);
  gauge("process_open_fds", "Open file descriptors", countOpenFiles);
  gauge("process_max_fds", "File descriptors at most", maxOpenFiles);
  gauge("process_threads", "Threads, most of them librdkafka's", threads);
  gauge("rafka_js_heap_used_bytes", "Memory of JavaScript", () => Deno.memoryUsage().heapUsed);
  gauge("rafka_js_external_bytes", "Memory of its buffers", () => Deno.memoryUsage().external);
  registry.add({
    names: { metric: "process_cpu_seconds_total", help: "Processor time of all threads" },
    type: "counter",
    samples: () => [{ labels: {}, total: cpuSeconds() ?? NaN, value: cpuSeconds() ?? NaN }],
  });
}

/** The delay of the event loop, as long as the monitor is open. */
export class EventLoopDelay implements Disposable {
  readonly #timer: ReturnType<typeof setInterval>;

  /** Registers the metric and begins to measure. */
  constructor(registry: MetricRegistry) {
    const delays = registry.add(newDelays());
    let dueMs = performance.now() + DELAY_INTERVAL_MS;
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      delays.add(Math.max(0, nowMs - dueMs) * 1_000);
      dueMs = nowMs + DELAY_INTERVAL_MS;
    }, DELAY_INTERVAL_MS);
  }

  /** Ends measuring. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** The metric without measurements. */
export function newDelays(): DurationHistogram {
  return new DurationHistogram({
    metric: "rafka_event_loop_delay_seconds",
    help: "How much later than due a timer has run, measured four times a second",
  }, DELAYS);
}

function threads(): number | undefined {
  return numberIn("/proc/self/status", /^Threads:\s+(\d+)/m);
}

function maxOpenFiles(): number | undefined {
  return numberIn("/proc/self/limits", /^Max open files\s+(\d+)/m);
}

function cpuSeconds(): number | undefined {
  const fields = readSystemFile("/proc/self/stat")?.replace(/^.*\) /s, "").split(" ");
  return fields && (Number(fields[UTIME_FIELD]) + Number(fields[STIME_FIELD])) / TICKS_PER_SECOND;
}

function numberIn(path: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(readSystemFile(path) ?? "")?.[1];
  return found === undefined ? undefined : Number(found);
}
