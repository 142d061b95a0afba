/**
 * @module
 * The settings that a checkout of Rafka gives librdkafka unless its configuration says otherwise, read from its source:
 * `PRODUCER_DEFAULTS` and `CONSUMER_DEFAULTS`. What is compared with Rafka uses the same.
 */

/** Settings by name. */
export type Preset = Readonly<Record<string, string>>;

/** Those of each kind of client. */
export interface Presets {
  readonly producer: Preset;
  readonly consumer: Preset;
}

/** Where they may be declared. */
const FILES = ["src/rafka.ts", "src/kafka/cluster.ts"];

/** Reads those of a checkout; none where it has none. */
export async function readPresets(root: string): Promise<Presets> {
  const sources = await Promise.all(FILES.map((file) => Deno.readTextFile(`${root}/${file}`)));
  const text = sources.join("\n");
  return {
    producer: presetIn(text, "PRODUCER_DEFAULTS"),
    consumer: presetIn(text, "CONSUMER_DEFAULTS"),
  };
}

/** The literal object that a constant is. */
export function presetIn(source: string, name: string): Preset {
  const body = new RegExp(`const ${name}\\b[^=]*=\\s*\\{([^}]*)\\}`).exec(source)?.[1] ?? "";
  const entries = body.matchAll(/"([\w.]+)":\s*(?:"([^"]*)"|([\w.]+))/g);
  return Object.fromEntries(
    [...entries].map(([, setting, text, word]) => [setting!, text ?? word!.replaceAll("_", "")]),
  );
}
