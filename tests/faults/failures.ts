/**
 * What a gateway says of the messages that it has taken and not delivered: RAFKA ERRORS, the counters, the log.
 *
 * @module
 */
import type { TestClient } from "../support/client.ts";
import { itemsOf, readFailures } from "../support/rafka_errors.ts";
import { readWireReply, type WireReply } from "../support/wire_reply.ts";
import { idOf } from "./load.ts";

/** So many entries are asked for: more than a trial can have. */
const MOST = 1_000_000;

/** An entry of RAFKA ERRORS. */
export interface NamedFailure {
  readonly id: string;
  readonly key: string | null;
  /** It says that the message may be in Kafka all the same. */
  readonly possiblyPersisted: boolean;
}

/** What was said of the messages of a topic. */
export interface Failures {
  readonly named: readonly NamedFailure[];
  /** `producer.errors:<topic>:…`, all together, at the same time. */
  readonly counted: number;
  /** In the log, up to the end of the gateway. */
  readonly logged: number;
}

/** Of `HGETALL stats`: how many messages. */
export interface Counters {
  readonly produced: number;
  readonly delivered: number;
  readonly failed: number;
}

/** What a gateway has counted. */
export async function askForCounters(client: TestClient): Promise<Counters> {
  const counted = statsOf(readWireReply(await client.ask("HGETALL", "stats")));
  return {
    produced: counted.get("producer.produced.messages")!,
    delivered: counted.get("producer.delivered.messages")!,
    failed: counted.get("producer.delivery.errors")!,
  };
}

function statsOf(reply: WireReply): Map<string, number> {
  const texts = itemsOf(reply).map((item) => "text" in item ? item.text! : "");
  const names = texts.filter((_, at) => at % 2 === 0);
  return new Map(names.map((name, at) => [name, Number(texts[2 * at + 1])]));
}

/** As long as nobody has said anything. */
export const NO_FAILURES: Failures = { named: [], counted: 0, logged: 0 };

/** Of one gateway, and of another. */
export function together(one: Failures, other: Failures): Failures {
  return {
    named: [...one.named, ...other.named],
    counted: one.counted + other.counted,
    logged: one.logged + other.logged,
  };
}

/** What a gateway that runs says: the list and the counters of the same moment. */
export async function askForFailures(
  client: TestClient,
  topic: string,
): Promise<Omit<Failures, "logged">> {
  await client.ask("MULTI");
  await client.ask("RAFKA", "ERRORS", "COUNT", MOST, "WITHVALUES");
  await client.ask("HGETALL", "stats");
  const [list, stats] = itemsOf(readWireReply(await client.ask("EXEC")));
  const named = readFailures(list!).filter((entry) => entry.topic === topic)
    .map(({ key, value, status }) => ({
      id: idOf(value!),
      key: key!,
      possiblyPersisted: status === "POSSIBLY_PERSISTED",
    }));
  const counted = [...statsOf(stats!)]
    .filter(([name]) => name.startsWith(`producer.errors:${topic}:`))
    .reduce((sum, [, count]) => sum + count, 0);
  return { named, counted };
}

/** What the log of a gateway says; of some messages librdkafka does not say which they were. */
export function loggedFailures(log: string, topic: string): number {
  const lines = log.matchAll(/Not delivered: (\d+) messages for (\S+)\[-?\d+\],/g);
  return [...lines].filter(([, , named]) => named === topic || named === "(unknown)")
    .reduce((sum, [, count]) => sum + Number(count), 0);
}
