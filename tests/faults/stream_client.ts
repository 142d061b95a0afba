/**
 * A client of one stream for trials that go step by step: what it asks, and what must come of it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestClient } from "../support/client.ts";
import { pause } from "./load.ts";
import {
  askFor,
  entriesOf,
  entriesRead,
  type Entry,
  fieldsOf,
  listOf,
  placeIn,
  textOf,
} from "./stream_replies.ts";

const REPLY_DEADLINE_MS = 60_000;
/** A group has to form before its first entry. */
export const FIRST_MS = 20_000;
const POLL_MS = 50;

/** One connection, one consumer of one group. */
export class StreamClient implements Disposable {
  readonly key: string;
  readonly group: string;
  readonly consumer: string;
  readonly #client: TestClient;

  private constructor(client: TestClient, topic: string, group: string, consumer: string) {
    this.#client = client;
    this.key = `topics:${topic}`;
    this.group = group;
    this.consumer = consumer;
  }

  /** Connects. */
  static async connect(
    port: number,
    topic: string,
    group = `${topic}-group`,
    consumer = "worker",
  ): Promise<StreamClient> {
    return new StreamClient(await TestClient.connect(port), topic, group, consumer);
  }

  /** Any command; an error is thrown. */
  ask(...args: (string | number)[]): ReturnType<typeof askFor> {
    return askFor(this.#client, REPLY_DEADLINE_MS, ...args);
  }

  /** XGROUP CREATE at the first entry. */
  async create(): Promise<void> {
    await this.ask("XGROUP", "CREATE", this.key, this.group, 0, "MKSTREAM");
  }

  /** XADD, each with its number and a key of its own; their ids. */
  async add(values: readonly string[]): Promise<string[]> {
    const ids: string[] = [];
    const topic = this.key.slice("topics:".length);
    for (const [number, value] of values.entries()) {
      ids.push(
        textOf(await this.ask("XADD", `topics:${topic}:key-${number}`, "*", "value", value)),
      );
    }
    return ids;
  }

  /** XREADGROUP of new entries; waits for so long, or not at all. */
  async read(count: number, blockMs?: number): Promise<Entry[]> {
    return entriesRead(
      await this.ask(
        ...["XREADGROUP", "GROUP", this.group, this.consumer, "COUNT", count],
        ...(blockMs === undefined ? [] : ["BLOCK", blockMs]),
        ...["STREAMS", this.key, ">"],
      ),
    ) ?? [];
  }

  /** Reads until it has so many, or nothing comes for a while. */
  async readAll(count: number, quietMs = FIRST_MS): Promise<Entry[]> {
    const entries: Entry[] = [];
    while (entries.length < count) {
      const more = await this.read(count - entries.length, quietMs);
      if (more.length === 0) break;
      entries.push(...more);
    }
    return entries;
  }

  /** XREADGROUP of what it has. */
  async history(): Promise<Entry[] | undefined> {
    return entriesRead(
      await this.ask(
        ...["XREADGROUP", "GROUP", this.group, this.consumer, "COUNT", 100_000],
        ...["STREAMS", this.key, 0],
      ),
    );
  }

  /** XACK; how many were pending. */
  async ack(entries: readonly Pick<Entry, "entryId">[]): Promise<number> {
    const ids = entries.map(({ entryId }) => entryId);
    return Number(textOf(await this.ask("XACK", this.key, this.group, ...ids)));
  }

  /** XAUTOCLAIM of all: what it has got, and what is deleted. */
  async claimAll(minIdleMs: number): Promise<{ entries: Entry[]; deleted: string[] }> {
    const entries: Entry[] = [];
    const deleted: string[] = [];
    for (let cursor = "0-0";;) {
      const [next, claimed, gone] = listOf(
        await this.ask(
          ...["XAUTOCLAIM", this.key, this.group, this.consumer, minIdleMs, cursor, "COUNT", 100],
        ),
      );
      entries.push(...entriesOf(claimed!));
      deleted.push(...listOf(gone!).map(textOf));
      cursor = textOf(next!);
      if (cursor === "0-0") return { entries, deleted };
    }
  }

  /** XPENDING: how many. */
  async pending(): Promise<number> {
    return Number(textOf(listOf(await this.ask("XPENDING", this.key, this.group))[0]!));
  }

  /** XINFO GROUPS: the lag, undefined for a null. */
  async lag(): Promise<number | undefined> {
    const groups = listOf(await this.ask("XINFO", "GROUPS", this.key)).map(fieldsOf);
    const group = groups.find((one) => textOf(one.get("name")!) === this.group);
    assert.ok(group, `no group ${this.group} in XINFO GROUPS`);
    const lag = textOf(group.get("lag")!);
    return lag === "" ? undefined : Number(lag);
  }

  /** Waits until it is true. */
  async until(what: string, deadlineMs: number, isTrue: () => Promise<boolean>): Promise<number> {
    const startMs = performance.now();
    while (!await isTrue()) {
      if (performance.now() - startMs > deadlineMs) {
        throw new Error(
          `${what} not within ${deadlineMs} ms: lag ${await this.lag()}, ` +
            `pending ${await this.pending()}`,
        );
      }
      await pause(POLL_MS);
    }
    return performance.now() - startMs;
  }

  [Symbol.dispose](): void {
    this.#client[Symbol.dispose]();
  }
}

/** Numbers of the partitions of entries. */
export function partitionsOf(entries: readonly Pick<Entry, "entryId">[]): Set<number> {
  return new Set(entries.map(({ entryId }) => placeIn(entryId)!.partition));
}

/** What is expected is there once, and nothing else is. */
export function differences(
  what: string,
  expected: readonly string[],
  found: readonly string[],
): string[] {
  const [wanted, got] = [new Set(expected), new Set(found)];
  const missing = expected.filter((one) => !got.has(one));
  const strange = found.filter((one) => !wanted.has(one));
  return [
    ...(missing.length > 0 ? [`${missing.length} ${what} are missing: ${missing[0]}`] : []),
    ...(strange.length > 0 ? [`${strange.length} ${what} too many: ${strange[0]}`] : []),
    ...(found.length > got.size ? [`${found.length - got.size} ${what} twice`] : []),
  ];
}
