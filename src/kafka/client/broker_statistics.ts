/**
 * Brokers as the gateway's own clients see them, from librdkafka's statistics (STATISTICS.md). Clients of single
 * connections make none: each would cost one of librdkafka's threads 0.1 ms every few seconds.
 *
 * @module
 */

/** How often librdkafka makes statistics, where they are wanted. */
export const STATISTICS_INTERVAL_MS = 5_000;

/** A broker. */
export interface BrokerState {
  /** Kafka's `broker.id`. */
  readonly id: number;
  /** `host:port`, as the broker announces it. */
  readonly address: string;
  /** Whether a client is connected; undefined when none needs a connection now. */
  readonly up: boolean | undefined;
  /** Mean time from a request to its response, the longest of the clients'; undefined without requests. */
  readonly roundTripSeconds: number | undefined;
  /** Mean time that the broker has held requests back for a quota. */
  readonly throttleSeconds: number;
}

/** What is read of STATISTICS.md. */
interface Statistics {
  readonly brokers: Readonly<Record<string, BrokerEntry>>;
}

interface BrokerEntry {
  /** -1 for one that is known by its address only. */
  readonly nodeid: number;
  readonly nodename: string;
  readonly state: string;
  /** Attempts. */
  readonly connects: number;
  /** Microseconds. */
  readonly rtt: { readonly avg: number; readonly cnt: number };
  /** Milliseconds. */
  readonly throttle: { readonly avg: number };
}

/** A broker, and what a client said of it before. */
interface Seen extends BrokerEntry {
  readonly before: BrokerEntry | undefined;
}

/** Keeps the latest statistics of each client, and reads them when somebody asks. */
export class BrokerStatistics {
  /** Clients that are made from now on make statistics. */
  enabled = false;
  readonly #reports = new Map<object, { readonly latest: string; readonly before: string }>();

  /** Takes the statistics of a client, JSON. */
  add(client: object, latest: string): void {
    const before = this.#reports.get(client)?.latest ?? latest;
    this.#reports.set(client, { latest, before });
  }

  /** Forgets a client. */
  remove(client: object): void {
    this.#reports.delete(client);
  }

  /** All brokers that the clients know, by their ids. */
  get brokers(): BrokerState[] {
    const seen = [...this.#reports.values()].flatMap(({ latest, before }) => {
      const earlier = brokersIn(before);
      return Object.entries(brokersIn(latest))
        .map(([name, entry]): Seen => ({ ...entry, before: earlier[name] }));
    }).filter(({ nodeid }) => nodeid >= 0);
    return [...Map.groupBy(seen, ({ nodeid }) => nodeid)].sort(([a], [b]) => a - b)
      .map(([id, same]) => stateOf(id, same));
  }
}

function brokersIn(json: string): Statistics["brokers"] {
  return (JSON.parse(json) as Statistics).brokers;
}

function stateOf(id: number, same: readonly Seen[]): BrokerState {
  const times = same.filter(({ rtt }) => rtt.cnt > 0).map(({ rtt }) => rtt.avg / 1e6);
  const states = same.map(isUp);
  return {
    id,
    address: same[0]!.nodename,
    up: states.includes(true) ? true : states.find((up) => up === false),
    roundTripSeconds: times.length > 0 ? Math.max(...times) : undefined,
    throttleSeconds: Math.max(...same.map(({ throttle }) => throttle.avg)) / 1e3,
  };
}

/** INIT is a broker that nothing is asked of, or one that has just failed. */
function isUp({ state, connects, before }: Seen): boolean | undefined {
  if (state === "UP") return true;
  const isTried = state !== "INIT" || connects > (before?.connects ?? connects);
  return isTried ? false : undefined;
}
