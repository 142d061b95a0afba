/**
 * The settings that a checkout of Rafka gives librdkafka unless its configuration says otherwise: what is compared with
 * it gets the same.
 *
 * @module
 */
import type { Library } from "../../src/ffi/library.ts";
import type { KafkaSettings } from "../../src/kafka/client/conf.ts";

/** Those of each kind of client; the producer's where each connection has one for itself. */
export interface Presets {
  readonly producer: KafkaSettings;
  readonly consumer: KafkaSettings;
}

/** Asks a checkout; one from before 0.3.0 presets nothing that makes it faster or slower. */
export async function readPresets(root: string, library: Library): Promise<Presets> {
  const policy = await importIfThere(`${root}/src/kafka/client/settings_policy.ts`);
  const [forProducer, forConsumer] = policy ? [policy, policy] : await Promise.all([
    importIfThere(`${root}/src/producer_defaults.ts`), // before 0.6.0
    importIfThere(`${root}/src/consumer_defaults.ts`),
  ]);
  return {
    producer: forProducer?.["producerDefaults"]?.({}, { shared: false }) ?? {},
    consumer: forConsumer?.["consumerDefaults"]?.(library) ?? {},
  };
}

type Functions = Record<string, (...args: unknown[]) => KafkaSettings>;

async function importIfThere(path: string): Promise<Functions | undefined> {
  const isThere = await Deno.stat(path).then(() => true, () => false);
  return isThere ? await import(`file://${path}`) : undefined;
}
