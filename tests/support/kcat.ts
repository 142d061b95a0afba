/**
 * The messages in Kafka as a third-party client, kcat, sees them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fromBytes, toBytes } from "./wire.ts";

/** A message as kcat prints it: one byte per character. */
export interface KcatRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  /** null for a tombstone. */
  readonly value: string | null;
}

/** All messages of a topic. */
export async function kcatRecords(brokers: string, topic: string): Promise<KcatRecord[]> {
  return plain(await consume(["-b", brokers, "-t", topic, "-o", "beginning"]));
}

/** A message as an entry of a stream is made of it. */
export interface KcatEntry extends KcatRecord {
  readonly timestampMs: number;
  /** `name=value,name=value`; kcat cannot tell these from values that hold `,` or `=`. */
  readonly headers: string;
}

/** All messages of a topic, with timestamps and headers; no header may hold a line break. */
export async function kcatEntries(brokers: string, topic: string): Promise<KcatEntry[]> {
  const args = ["-b", brokers, "-t", topic, "-o", "beginning"];
  return (await consume(args, " %T %h")).map(({ rest, ...record }) => {
    const [timestamp, ...headers] = rest;
    const text = headers.join(" ");
    return { ...record, timestampMs: Number(timestamp), headers: text === "NULL" ? "" : text };
  });
}

/** The messages of a topic behind the committed offsets of `group`, or all without a commit. */
export async function kcatUncommitted(
  brokers: string,
  topic: string,
  group: string,
): Promise<KcatRecord[]> {
  return plain(
    await consume([
      ...["-b", brokers, "-t", topic, "-o", "stored", "-X", `group.id=${group}`],
      ...["-X", "enable.auto.commit=false", "-X", "topic.auto.offset.reset=earliest"],
    ]),
  );
}

/** Debian's kcat aborts with this at its exit, after it has printed all messages. */
const ABORT_AT_THE_END = "rd_kafka_offset_broker_commit: assert: rktp->rktp_cgrp != NULL";

function plain(records: readonly (KcatRecord & { rest: unknown })[]): KcatRecord[] {
  return records.map(({ rest: _, ...record }) => record);
}

/** @param more what else the first line of a message has; its words are `rest` */
async function consume(
  args: readonly string[],
  more = "",
): Promise<(KcatRecord & { rest: string[] })[]> {
  const { code, stdout, stderr } = await new Deno.Command("kcat", {
    // lengths first: keys and values may hold any bytes
    args: ["-C", "-e", "-q", "-f", `%p %o %K %S${more}\n%k%s`, ...args],
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stderr);
  assert.ok(code === 0 || said.includes(ABORT_AT_THE_END), said);
  const records: (KcatRecord & { rest: string[] })[] = [];
  for (let at = 0; at < stdout.byteLength;) {
    const lineEnd = stdout.indexOf(toBytes("\n")[0]!, at);
    const words = fromBytes(stdout.subarray(at, lineEnd)).split(" ");
    const [partition = NaN, offset = NaN, keyLength = NaN, valueLength = NaN] = words.map(Number);
    const keyEnd = lineEnd + 1 + Math.max(keyLength, 0);
    at = keyEnd + Math.max(valueLength, 0);
    const key = keyLength < 0 ? null : fromBytes(stdout.subarray(lineEnd + 1, keyEnd));
    const value = valueLength < 0 ? null : fromBytes(stdout.subarray(keyEnd, at));
    records.push({ partition, offset, key, value, rest: words.slice(4) });
  }
  return records;
}
