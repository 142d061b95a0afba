/**
 * @module
 * The settings that a checkout of Rafka gives librdkafka unless its configuration says otherwise: what is compared with
 * it gets the same.
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
  const [forProducer, forConsumer] = await Promise.all([
    importDefaults(root, "producer_defaults.ts"),
    importDefaults(root, "consumer_defaults.ts"),
  ]);
  return {
    producer: forProducer?.["producerDefaults"]?.({}, { shared: false }) ?? {},
    consumer: forConsumer?.["consumerDefaults"]?.(library) ?? {},
  };
}

type Functions = Record<string, (...args: unknown[]) => KafkaSettings>;

/** Where they are, and where they were until 0.5.0. */
const FOLDERS = ["src/kafka/client", "src"];

async function importDefaults(root: string, name: string): Promise<Functions | undefined> {
  for (const folder of FOLDERS) {
    const path = `${root}/${folder}/${name}`;
    const isThere = await Deno.stat(path).then(() => true, () => false);
    if (isThere) return await import(`file://${path}`);
  }
  return undefined;
}
