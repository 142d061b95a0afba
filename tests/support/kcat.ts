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
export function kcatRecords(brokers: string, topic: string): Promise<KcatRecord[]> {
  return consume(["-b", brokers, "-t", topic, "-o", "beginning"]);
}

/** The messages of a topic behind the committed offsets of `group`, or all without a commit. */
export function kcatUncommitted(
  brokers: string,
  topic: string,
  group: string,
): Promise<KcatRecord[]> {
  return consume([
    ...["-b", brokers, "-t", topic, "-o", "stored", "-X", `group.id=${group}`],
    ...["-X", "enable.auto.commit=false", "-X", "topic.auto.offset.reset=earliest"],
  ]);
}

/** Debian's kcat aborts with this at its exit, after it has printed all messages. */
const ABORT_AT_THE_END = "rd_kafka_offset_broker_commit: assert: rktp->rktp_cgrp != NULL";

async function consume(args: readonly string[]): Promise<KcatRecord[]> {
  const { code, stdout, stderr } = await new Deno.Command("kcat", {
    // lengths first: keys and values may hold any bytes
    args: ["-C", "-e", "-q", "-f", "%p %o %K %S\n%k%s", ...args],
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stderr);
  assert.ok(code === 0 || said.includes(ABORT_AT_THE_END), said);
  const records: KcatRecord[] = [];
  for (let at = 0; at < stdout.byteLength;) {
    const lineEnd = stdout.indexOf(toBytes("\n")[0]!, at);
    const head = fromBytes(stdout.subarray(at, lineEnd)).split(" ").map(Number);
    const [partition = NaN, offset = NaN, keyLength = NaN, valueLength = NaN] = head;
    const keyEnd = lineEnd + 1 + Math.max(keyLength, 0);
    at = keyEnd + Math.max(valueLength, 0);
    const key = keyLength < 0 ? null : fromBytes(stdout.subarray(lineEnd + 1, keyEnd));
    const value = valueLength < 0 ? null : fromBytes(stdout.subarray(keyEnd, at));
    records.push({ partition, offset, key, value });
  }
  return records;
}
