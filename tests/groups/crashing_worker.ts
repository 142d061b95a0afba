/**
 * A gateway in a process of its own that works on entries of a group until it is killed: takes them all, acks most of
 * them in random order, and prints what it has and has not acked.
 *
 * @module
 */
import { TestGateway } from "../support/gateway.ts";
import { type TestConfig } from "../support/kafka.ts";
import { TestGroup, valuesOf } from "./group_support.ts";
import { randomFrom } from "./partition_support.ts";

/** What the process is told, as JSON in its first argument. */
export interface Work {
  readonly config: TestConfig;
  readonly group: string;
  readonly topic: string;
  /** Number of entries. */
  readonly count: number;
  /** Of a hundred entries so many are not acked. */
  readonly keptOfHundred: number;
  readonly seed: number;
}

/** What it prints when all is acked that is to be. */
export interface WorkDone {
  readonly acked: readonly number[];
  readonly kept: readonly number[];
}

/** Entries that are worked on at a time. */
const WINDOW = 3_000;

if (import.meta.main) await work(JSON.parse(Deno.args[0]!));

async function work({ config, group, topic, count, keptOfHundred, seed }: Work): Promise<void> {
  const random = randomFrom(seed);
  const test = new TestGroup(await TestGateway.start({ config }), group, topic);
  const entries = await test.open();
  const [acked, kept, held]: Awaited<ReturnType<TestGroup["take"]>>[] = [[], [], []];
  for (let taken = 0; taken < count || held!.length > 0;) {
    const more = await test.take(Math.min(100, count - taken));
    taken += more.length;
    for (const entry of more) (random(100) < keptOfHundred ? kept : held)!.push(entry);
    while (held!.length > (taken < count ? WINDOW : 0)) {
      const [entry] = held!.splice(random(held!.length), 1);
      if (entries.ack([entry!.id]) !== 1) throw new Error(`${entry!.id} is not pending`);
      acked!.push(entry!);
    }
  }
  const done: WorkDone = { acked: valuesOf(acked!), kept: valuesOf(kept!) };
  await Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify(done)}\n`));
  await new Promise(() => setInterval(() => {}, 1_000)); // until it is killed
}
