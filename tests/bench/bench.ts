/**
 * What all rows share: the Rafka to measure, the broker, how much to do.
 *
 * @module
 */
import type { TestConfig } from "../support/kafka.ts";
import { Broker } from "./broker.ts";
import type { Checkout, MeasuredRafka, ProducerMode } from "./rafka.ts";
import { NOT_AVAILABLE, type Round } from "./row.ts";

/** Handed to each row. */
export interface Bench {
  readonly checkout: Checkout;
  readonly broker: Broker;
  /** A real Kafka for the row that is about one. */
  readonly realBrokers: string | undefined;
  readonly quick: boolean;
}

/** The size of a load: `quick` is just enough to see that it works. */
export function size({ quick }: Bench, full: number, quickSize: number): number {
  return quick ? quickSize : full;
}

/** A real one, if possible: the mock cluster has delays of its own, but is good enough to see that the row works. */
export function realBroker({ broker, realBrokers, quick }: Bench): Broker | undefined {
  if (broker.isReal) return broker;
  if (realBrokers !== undefined) return Broker.real(realBrokers);
  return quick ? broker : undefined;
}

/** Why a row is left out that `realBroker` has no broker for. */
export const NEEDS_REAL_BROKER =
  "it needs a real Kafka: --brokers host:port or KAFKA_BROKERS=host:port";

/** What a reader of such a row has to know. */
export function noteOf(broker: Broker): string {
  return broker.isReal
    ? `measured on the Kafka at ${broker.bootstrapServers}`
    : "measured on the mock cluster, for want of a real Kafka";
}

/** Starts Rafka in both ways, and makes a round of each; of the shared one only if there is such a thing. */
export async function eachMode(
  { checkout, broker }: Bench,
  stack: AsyncDisposableStack,
  makeRound: (rafka: MeasuredRafka) => Round,
  config: TestConfig = {},
): Promise<{ own: Round; shared: Round | typeof NOT_AVAILABLE }> {
  const start = async (mode: ProducerMode): Promise<Round> => {
    return makeRound(stack.use(await checkout.start(broker, mode, config)));
  };
  return {
    own: await start("own"),
    shared: checkout.canShare ? await start("shared") : NOT_AVAILABLE,
  };
}
