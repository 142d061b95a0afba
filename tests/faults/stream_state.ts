/**
 * What the gateway and Kafka say of a stream and its group when nothing moves: both are asked, and held against the
 * topic and against what the clients have and have not acked.
 *
 * @module
 */
import type { TestClient } from "../support/client.ts";
import type { TopicRecord } from "./check.ts";
import type { EntryHandout, Journal } from "./journal.ts";
import { REPLY_DEADLINE_MS } from "./load.ts";
import type { Problems } from "./problems.ts";
import { handoutsByPlace, nameOf } from "./stream_handouts.ts";
import {
  askFor,
  entriesOf,
  entriesRead,
  fieldsOf,
  listOf,
  placeIn,
  textOf,
} from "./stream_replies.ts";

/** More than a trial leaves pending. */
const MOST = 100_000;
/** The consumer that keeps what it has. */
export const HOARDER = "hoarder";
/** Entries of one XRANGE. */
const PAGE = 1_000;

/** A partition as Kafka's own tool shows it for the group. */
export interface Committed {
  /** undefined for no commit. */
  readonly offset: number | undefined;
  /** Behind the last message. */
  readonly end: number;
}

/** What was seen. */
export interface StreamState {
  /** XPENDING with a range: who has it, by id. */
  readonly pending: ReadonlyMap<string, string>;
  /** XPENDING: how many. */
  readonly pendingCount: number;
  /** XINFO GROUPS, with undefined for a null; undefined where Kafka cannot be asked for groups. */
  readonly group: { readonly pending: number; readonly lag: number | undefined } | undefined;
  /** XLEN */
  readonly xlen: number;
  /** XINFO STREAM, with undefined for a null; undefined where Kafka cannot be asked for groups. */
  readonly stream: {
    readonly length: number;
    readonly first: string | undefined;
    readonly last: string | undefined;
  } | undefined;
  /** Ids of XRANGE, all pages. */
  readonly ids: readonly string[];
  /** Ids of the hoarder's own pending entries, by XREADGROUP; undefined for a null instead of an empty list. */
  readonly history: readonly string[] | undefined;
  /** By partition; undefined where no tool can be asked. */
  readonly committed: ReadonlyMap<number, Committed> | undefined;
}

/** What was seen at a time, and what the clients had at that time. */
export interface Observation {
  /** For people. */
  readonly when: string;
  readonly state: StreamState;
  readonly held: ReadonlyMap<string, Holding>;
}

/** XINFO GROUPS. */
export async function askForGroup(
  client: TestClient,
  topic: string,
  group: string,
): Promise<{ readonly pending: number; readonly lag: number | undefined }> {
  const reply = await askFor(client, REPLY_DEADLINE_MS, "XINFO", "GROUPS", `topics:${topic}`);
  const fields = listOf(reply).map(fieldsOf)
    .find((one) => textOf(one.get("name")!) === group);
  if (!fields) return { pending: NaN, lag: undefined };
  const lag = textOf(fields.get("lag")!);
  return {
    pending: Number(textOf(fields.get("pending")!)),
    lag: lag === "" ? undefined : Number(lag),
  };
}

/** Who has how many entries pending: XPENDING. */
export async function askForPending(
  client: TestClient,
  topic: string,
  group: string,
): Promise<{ count: number; consumers: ReadonlyMap<string, number> }> {
  const reply = await askFor(client, REPLY_DEADLINE_MS, "XPENDING", `topics:${topic}`, group);
  const [count, , , consumers] = listOf(reply);
  return {
    count: Number(textOf(count!)),
    consumers: new Map(
      listOf(consumers!).map((one) => {
        const [name, pending] = listOf(one);
        return [textOf(name!), Number(textOf(pending!))];
      }),
    ),
  };
}

/** All of it. */
export async function askForState(
  client: TestClient,
  topic: string,
  group: string,
  committed: StreamState["committed"],
): Promise<StreamState> {
  const key = `topics:${topic}`;
  const ask = (...args: (string | number)[]): ReturnType<typeof askFor> =>
    askFor(client, REPLY_DEADLINE_MS, ...args);
  const pending = listOf(await ask("XPENDING", key, group, "-", "+", MOST)).map(listOf);
  const isReal = committed !== undefined;
  return {
    pending: new Map(pending.map(([id, consumer]) => [textOf(id!), textOf(consumer!)])),
    pendingCount: (await askForPending(client, topic, group)).count,
    group: isReal ? await askForGroup(client, topic, group) : undefined,
    stream: isReal ? await askForStream(client, key) : undefined,
    xlen: Number(textOf(await ask("XLEN", key))),
    ids: await allIds(client, key),
    history: entriesRead(
      await ask("XREADGROUP", "GROUP", group, HOARDER, "COUNT", MOST, "STREAMS", key, 0),
    )?.map(({ entryId }) => entryId),
    committed,
  };
}

/** XINFO STREAM */
async function askForStream(client: TestClient, key: string): Promise<StreamState["stream"]> {
  const info = fieldsOf(await askFor(client, REPLY_DEADLINE_MS, "XINFO", "STREAM", key));
  const idOf = (name: string): string | undefined =>
    textOf(listOf(info.get(name)!)[0] ?? { type: "_" }) || undefined;
  const length = Number(textOf(info.get("length")!));
  return { length, first: idOf("first-entry"), last: idOf("last-entry") };
}

/** XRANGE from the first entry to the last, as clients page through a stream. */
async function allIds(client: TestClient, key: string): Promise<string[]> {
  const ids: string[] = [];
  for (let start = "-";;) {
    const page = entriesOf(
      await askFor(client, REPLY_DEADLINE_MS, "XRANGE", key, start, "+", "COUNT", PAGE),
    );
    ids.push(...page.map(({ entryId }) => entryId));
    if (page.length < PAGE) return ids;
    start = `(${page.at(-1)!.entryId}`;
  }
}

/** What the clients know of an entry in the end. */
export interface Holding {
  /** Of the message that was handed out last: the topic may have been made again since. */
  readonly id: string;
  /** Who has it, if nobody has acked it; undefined when somebody has. */
  readonly consumer: string | undefined;
  /** An XACK was sent, and nobody knows what became of it. */
  readonly isUncertain: boolean;
}

/** By `[partition]@offset`: only the handouts since it last came as new count. */
export function holdings({ entries }: Journal): Map<string, Holding> {
  return new Map(
    [...handoutsByPlace(entries)].map(([place, handouts]) => [place, holdingOf(handouts)]),
  );
}

function holdingOf(handouts: readonly EntryHandout[]): Holding {
  const sinceMs = handouts.findLast(({ way }) => way === "new")?.askedAtMs ?? 0;
  const isAcked = handouts.some(({ ackedAtMs = -1 }) => ackedAtMs >= sinceMs);
  const isSent = handouts.some(({ ackSentAtMs = -1 }) => ackSentAtMs >= sinceMs);
  const last = handouts.at(-1)!;
  return {
    id: last.id,
    consumer: isAcked ? undefined : last.consumer,
    isUncertain: !isAcked && isSent,
  };
}

/** Compares; all of the topic was handed out. */
export function checkState(
  { when, state, held: all }: Observation,
  topic: readonly TopicRecord[],
  problems: Problems,
): void {
  const ids = new Map(topic.map((record) => [nameOf(record), record.id]));
  const held = new Map([...all].filter(([place, { id }]) => ids.get(place) === id));
  const wrong = (what: string, example: string): void => problems.add(`${what} ${when}`, example);
  checkPending(held, state, wrong);
  checkGroup(held, topic, state, wrong);
  checkTopic(topic, state, wrong);
}

type Wrong = (what: string, example: string) => void;

function checkPending(
  held: ReadonlyMap<string, Holding>,
  { pending, pendingCount, group, history }: StreamState,
  wrong: Wrong,
): void {
  const listed = new Map([...pending].map(([id, consumer]) => [nameOf(placeIn(id)!), consumer]));
  for (const [place, { consumer, isUncertain }] of held) {
    const has = listed.get(place);
    if (isUncertain) continue;
    if (consumer === undefined && has !== undefined) wrong("acked, and pending", place);
    if (consumer !== undefined && has === undefined) wrong("not acked, and not pending", place);
    if (consumer !== undefined && has !== undefined && has !== consumer) {
      wrong("pending with somebody else", `${place} ${has} instead of ${consumer}`);
    }
  }
  for (const place of listed.keys()) if (!held.has(place)) wrong("pending with nobody", place);
  const hoarded = [...pending].filter(([, consumer]) => consumer === HOARDER).map(([id]) => id);
  if (history?.toSorted().join() !== hoarded.toSorted().join()) {
    wrong("XREADGROUP and XPENDING differ", `${history?.join(" ")}, ${hoarded.join(" ")}`);
  }
  const counted = group?.pending ?? pending.size;
  if (pendingCount !== pending.size || counted !== pending.size) {
    const numbers = `XPENDING ${pendingCount}, its list ${pending.size}, XINFO ${counted}`;
    wrong("the numbers of pending entries differ", numbers);
  }
}

/** What is not acked is the lag, and the first of each partition is what is committed. */
function checkGroup(
  held: ReadonlyMap<string, Holding>,
  topic: readonly TopicRecord[],
  { group, pending, committed }: StreamState,
  wrong: Wrong,
): void {
  const open = topic.filter((record) => held.get(nameOf(record))?.consumer !== undefined);
  const uncertain = open.filter((record) => held.get(nameOf(record))!.isUncertain).length;
  const { lag } = group ?? { lag: open.length };
  if (lag === undefined || lag > open.length || lag < open.length - uncertain) {
    wrong("another lag than is not acked", `${lag} instead of ${open.length}`);
  }
  if (!committed) return;
  const places = [...pending.keys()].map((id) => placeIn(id)!);
  for (const [partition, { offset = 0, end }] of committed) {
    const offsets = places.filter((one) => one.partition === partition).map((one) => one.offset);
    const expected = Math.min(end, ...offsets);
    if (offset !== expected) {
      wrong("another offset is committed", `[${partition}] ${offset} instead of ${expected}`);
    }
  }
}

/** Length, ends and range of the stream are those of the topic. */
function checkTopic(
  topic: readonly TopicRecord[],
  { xlen, stream, ids }: StreamState,
  wrong: Wrong,
): void {
  const { length } = stream ?? topic;
  if (length !== topic.length || xlen !== topic.length) {
    const numbers = `XLEN ${xlen}, XINFO ${length}, the topic ${topic.length}`;
    wrong("another length than the topic's", numbers);
  }
  const places = new Set(topic.map(nameOf));
  const ranged = ids.map((id) => nameOf(placeIn(id)!));
  for (const place of ranged) if (!places.has(place)) wrong("in XRANGE, not in the topic", place);
  const seen = new Set(ranged);
  for (const place of places) if (!seen.has(place)) wrong("in the topic, not in XRANGE", place);
  if (ranged.length !== seen.size) {
    wrong("twice in XRANGE", `${ranged.length} entries, ${seen.size} different`);
  }
  for (const id of stream ? [stream.first, stream.last] : []) {
    const isThere = id === undefined ? topic.length === 0 : places.has(nameOf(placeIn(id)!));
    if (!isThere) wrong("XINFO STREAM names an entry that is not there", String(id));
  }
}
