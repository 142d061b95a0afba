/**
 * A consumer group of a stream, as clients of a test use it.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Argument, TestClient } from "./client.ts";
import { uniqueName } from "./gateway.ts";
import { readWireReply, type WireReply } from "./wire_reply.ts";

/** Forming a group takes a real Kafka 3 s. */
const PATIENCE_MS = 20_000;

/** An entry of a reply. */
export interface TestEntry {
  readonly id: string;
  /** name, value, name, value …; null for an entry that is gone. */
  readonly fields: readonly string[] | null;
  /** Milliseconds since the last delivery and number of deliveries, with CLAIM. */
  readonly counts?: readonly number[];
}

/** What a reply of XREADGROUP has, by key; null for nothing. */
export type TestStreams = ReadonlyMap<string, readonly TestEntry[]> | null;

/** A group on a topic of its own. */
export class TestGroup {
  readonly key: string;
  readonly name: string;

  private constructor(key: string, name: string) {
    this.key = key;
    this.name = name;
  }

  /** Makes a topic, and a group that begins with its first entry. */
  static async create(client: TestClient, name: string = uniqueName("group")): Promise<TestGroup> {
    const group = new TestGroup(`topics:${uniqueName("topic")}`, name);
    assert.equal(
      await client.ask("XGROUP", "CREATE", group.key, group.name, 0, "MKSTREAM"),
      "+OK\r\n",
    );
    return group;
  }

  /** A group on a topic, neither of which is made. */
  static of(topic: string, name: string): TestGroup {
    return new TestGroup(`topics:${topic}`, name);
  }

  /** This group on the topic of another, which is not made. */
  sameName({ key }: TestGroup): TestGroup {
    return new TestGroup(key, this.name);
  }

  /** Makes a group that begins with the first entry of a topic, which is made by adding that: any Kafka can do this. */
  static async createWith(
    client: TestClient,
    value: string,
    messageKey: string,
  ): Promise<TestGroup> {
    const group = new TestGroup(`topics:${uniqueName("topic")}`, uniqueName("group"));
    await group.add(client, value, messageKey);
    assert.equal(await client.ask("XGROUP", "CREATE", group.key, group.name, 0), "+OK\r\n");
    return group;
  }

  /** Another group on the same topic, which is not made. */
  sameTopic(name: string): TestGroup {
    return new TestGroup(this.key, name);
  }

  /** Adds an entry with one field; returns its id. */
  async add(client: TestClient, value: string, messageKey?: string): Promise<string> {
    const key = messageKey === undefined ? this.key : `${this.key}:${messageKey}`;
    return textOf(await client.ask("XADD", key, "*", "value", value));
  }

  /** XREADGROUP of this stream with options. */
  async read(client: TestClient, consumer: string, ...options: Argument[]): Promise<TestStreams> {
    const reply = await this.#read(client, consumer, options, ">");
    return readStreams(reply);
  }

  /** Reads as many new entries, waiting for them. */
  async take(
    client: TestClient,
    consumer: string,
    count: number,
    ...options: Argument[]
  ): Promise<TestEntry[]> {
    const entries: TestEntry[] = [];
    const deadline = performance.now() + PATIENCE_MS;
    while (entries.length < count) {
      const left = count - entries.length;
      const streams = await this.read(client, consumer, "COUNT", left, "BLOCK", 500, ...options);
      entries.push(...streams?.get(this.key) ?? []);
      assert.ok(performance.now() < deadline, `${entries.length} of ${count} entries`);
    }
    return entries;
  }

  /** The pending entries of a consumer. */
  async history(client: TestClient, consumer: string, after = "0"): Promise<readonly TestEntry[]> {
    const streams = readStreams(await this.#read(client, consumer, [], after));
    return streams?.get(this.key) ?? assert.fail("a stream without entries is in the reply, too");
  }

  /** XACK; how many were pending. */
  async ack(client: TestClient, ...ids: string[]): Promise<number> {
    return numberOf(await client.ask("XACK", this.key, this.name, ...ids));
  }

  /** All pending entries: id, consumer, idle time, number of deliveries. */
  async pending(
    client: TestClient,
    ...filter: Argument[]
  ): Promise<[id: string, consumer: string, idleMs: number, deliveries: number][]> {
    const query = filter.length > 0 ? filter : ["-", "+", 100];
    const reply = await client.ask("XPENDING", this.key, this.name, ...query);
    return itemsOf(readWireReply(reply)).map((entry) => {
      const [id, consumer, idleMs, deliveries] = itemsOf(entry).map(text);
      return [id!, consumer!, Number(idleMs), Number(deliveries)];
    });
  }

  async #read(
    client: TestClient,
    consumer: string,
    options: Argument[],
    id: string,
  ): Promise<string> {
    const command = ["XREADGROUP", "GROUP", this.name, consumer, ...options];
    return await client.ask(...command, "STREAMS", this.key, id);
  }
}

/** The reply of XREADGROUP, an array of pairs in RESP2, a map in RESP3. */
export function readStreams(reply: string): TestStreams {
  const streams = readWireReply(reply);
  if (streams.type === "*-1" || streams.type === "_") return null;
  assert.ok(streams.type === "*" || streams.type === "%", reply);
  const flat = streams.type === "%" ? streams.items : streams.items.flatMap(itemsOf);
  const pairs = Array.from({ length: flat.length / 2 }, (_, at): [string, TestEntry[]] => [
    text(flat[2 * at]!),
    itemsOf(flat[2 * at + 1]!).map(readEntry),
  ]);
  return new Map(pairs);
}

/** An array of entries, as XCLAIM returns it. */
export function readEntries(reply: string): TestEntry[] {
  return itemsOf(readWireReply(reply)).map(readEntry);
}

/** An array of texts. */
export function readTexts(reply: string): string[] {
  return itemsOf(readWireReply(reply)).map(text);
}

/** The values of entries with one field, sorted: those of several partitions come in any order. */
export function valuesOf(entries: Iterable<TestEntry>): string[] {
  return Array.from(entries, ({ fields }) => fields?.[1] ?? "").sort();
}

/** The ids of entries. */
export function idsOf(entries: Iterable<TestEntry>): string[] {
  return Array.from(entries, ({ id }) => id);
}

/** A bulk string. */
export function textOf(reply: string): string {
  return text(readWireReply(reply));
}

/** An integer. */
export function numberOf(reply: string): number {
  assert.match(reply, /^:-?\d+\r\n$/);
  return Number(reply.slice(1));
}

function readEntry(reply: WireReply): TestEntry {
  const [id, fields, ...counts] = itemsOf(reply);
  return {
    id: text(id!),
    fields: "items" in fields! ? fields.items.map(text) : null,
    ...(counts.length > 0 && { counts: counts.map((count) => Number(text(count))) }),
  };
}

/** The items of an array or a map. */
export function itemsOf(reply: WireReply): readonly WireReply[] {
  assert.ok("items" in reply, `an array, not ${JSON.stringify(reply)}`);
  return reply.items;
}

function text(reply: WireReply): string {
  assert.ok("text" in reply, `a text, not ${JSON.stringify(reply)}`);
  return reply.text;
}
