/**
 * Disconnects clients that are idle for `idleTimeoutMs`. One timer serves all clients, so that commands need not read
 * the clock.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { LogSummary, type Occurrences } from "../telemetry/log_summary.ts";

const MAX_INTERVAL_MS = 1_000;
const MIN_INTERVAL_MS = 10;

const logger = getLogger(["rafka", "server"]);

/** The watched state of a client. */
export interface Watched {
  /** Name or address, for logs. */
  readonly id: string;
  /** A command waits or MONITOR is active: the client is not idle. */
  readonly attended: boolean;
  /** Changes with each complete command and each write of a reply. */
  readonly progress: number;
  /** Closes the connection immediately, without a reply. */
  disconnect(): void;
}

/** A client's progress, and the time of the first check that found it. */
interface Sighting {
  progress: number;
  sinceMs: number;
}

/** Checks all clients periodically. */
export class IdleTimeout {
  readonly #timeoutMs: number;
  readonly #clients: () => Iterable<Watched>;
  readonly #sightings = new WeakMap<Watched, Sighting>();
  readonly #log: LogSummary<Idle> = new LogSummary(logIdle);
  readonly #count: () => void;
  readonly #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * Starts immediately.
   *
   * @param timeoutMs 0 turns the check off
   * @param clients the clients to check
   * @param count counts a disconnect
   */
  constructor(timeoutMs: number, clients: () => Iterable<Watched>, count: () => void) {
    this.#count = count;
    this.#timeoutMs = timeoutMs;
    this.#clients = clients;
    if (timeoutMs === 0) return;
    const intervalMs = Math.min(Math.max(timeoutMs / 4, MIN_INTERVAL_MS), MAX_INTERVAL_MS);
    this.#timer = setInterval(() => this.#sweep(), intervalMs);
  }

  /** Stops the timer and logs the pending summary. */
  close(): void {
    clearInterval(this.#timer);
    this.#log.close();
  }

  #sweep(): void {
    const nowMs = performance.now();
    for (const client of this.#clients()) {
      if (this.#idleMs(client, nowMs) < this.#timeoutMs) continue;
      this.#log.note("idle", { client: client.id, timeoutMs: this.#timeoutMs });
      this.#count();
      client.disconnect();
    }
  }

  /** Time since the first check with the present progress: a lower bound of the real idle time. */
  #idleMs(client: Watched, nowMs: number): number {
    const { progress } = client;
    const sighting = this.#sightings.get(client);
    if (!sighting) {
      this.#sightings.set(client, { progress, sinceMs: nowMs });
      return 0;
    }
    if (client.attended || sighting.progress !== progress) {
      sighting.progress = progress;
      sighting.sinceMs = nowMs;
    }
    return nowMs - sighting.sinceMs;
  }
}

interface Idle {
  readonly client: string;
  readonly timeoutMs: number;
}

function logIdle({ latest, count }: Occurrences<Idle>): void {
  logger.warn(
    "Client {client} has sent no whole command for idleTimeoutMs, {timeoutMs}: disconnected ({count} times)",
    { ...latest, count },
  );
}
