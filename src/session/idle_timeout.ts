/**
 * Disconnects clients that have done nothing for `idleTimeoutMs`: one timer for all of them, and no look at the clock
 * for each command.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { LogSummary, type Occurrences } from "../telemetry/log_summary.ts";

const MAX_INTERVAL_MS = 1_000;
const MIN_INTERVAL_MS = 10;

const logger = getLogger(["rafka", "server"]);

/** A client, as it is watched. */
export interface Watched {
  /** As logs show it. */
  readonly id: string;
  /** A command waits, or it monitors: it need not send anything. */
  readonly attended: boolean;
  /** Another number when it has sent a whole command or taken some of a reply. */
  readonly progress: number;
  /** Ends its connection at once, without a word. */
  disconnect(): void;
}

/** What was seen of a client, and when it was first seen so. */
interface Sighting {
  progress: number;
  sinceMs: number;
}

/** Looks at all clients again and again. */
export class IdleTimeout {
  readonly #timeoutMs: number;
  readonly #clients: () => Iterable<Watched>;
  readonly #sightings = new WeakMap<Watched, Sighting>();
  readonly #log: LogSummary<Idle> = new LogSummary(logIdle);
  readonly #timer: ReturnType<typeof setInterval> | undefined;

  /** Begins at once; never does anything when `timeoutMs` is 0. */
  constructor(timeoutMs: number, clients: () => Iterable<Watched>) {
    this.#timeoutMs = timeoutMs;
    this.#clients = clients;
    if (timeoutMs === 0) return;
    const intervalMs = Math.min(Math.max(timeoutMs / 4, MIN_INTERVAL_MS), MAX_INTERVAL_MS);
    this.#timer = setInterval(() => this.#sweep(), intervalMs);
  }

  /** Ends it. */
  close(): void {
    clearInterval(this.#timer);
    this.#log.close();
  }

  #sweep(): void {
    const nowMs = performance.now();
    for (const client of this.#clients()) {
      if (this.#idleMs(client, nowMs) < this.#timeoutMs) continue;
      this.#log.note("idle", { client: client.id, timeoutMs: this.#timeoutMs });
      client.disconnect();
    }
  }

  /** Since the first look at which it was as it is now: never more than it really is. */
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
