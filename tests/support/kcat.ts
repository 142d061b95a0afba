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

/** A message as kcat shows it to people. */
export interface KcatMessage {
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string;
  /** `name=value,name=value` */
  readonly headers: string;
  readonly value: string;
}

/** All messages of a topic whose keys, headers and values have no line breaks. */
export async function kcatMessages(brokers: string, topic: string): Promise<KcatMessage[]> {
  const format = "%p\n%o\n%T\n%k\n%h\n%s\n";
  const stdout = await output(["-b", brokers, "-t", topic, "-o", "beginning", "-f", format]);
  const lines = new TextDecoder().decode(stdout).split("\n").slice(0, -1);
  return Array.from({ length: lines.length / 6 }, (_, at) => {
    const [partition, offset, timestampMs, key, headers, value] = lines.slice(6 * at);
    return {
      partition: Number(partition),
      offset: Number(offset),
      timestampMs: Number(timestampMs),
      key: key!,
      headers: headers!,
      value: value!,
    };
  });
}

/** Produces a message with headers, each `name=value`. */
export async function kcatProduce(
  brokers: string,
  topic: string,
  value: string,
  headers: readonly string[],
): Promise<void> {
  const options = headers.flatMap((header) => ["-H", header]);
  const kcat = new Deno.Command("kcat", {
    args: ["-P", "-q", "-b", brokers, "-t", topic, ...options],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = kcat.stdin.getWriter();
  await writer.write(toBytes(value));
  await writer.close();
  const { success, stderr } = await kcat.output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

/** The broker that leads partition 0 of a topic. */
export async function kcatLeader(brokers: string, topic: string): Promise<number> {
  const { success, stdout, stderr } = await new Deno.Command("kcat", {
    args: ["-L", "-J", "-b", brokers, "-t", topic],
    stdin: "null",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const { topics } = JSON.parse(new TextDecoder().decode(stdout));
  return topics[0].partitions[0].leader;
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
  // lengths first: keys and values may hold any bytes
  const stdout = await output(["-f", "%p %o %K %S\n%k%s", ...args]);
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

async function output(args: readonly string[]): Promise<Uint8Array> {
  const { code, stdout, stderr } = await new Deno.Command("kcat", {
    args: ["-C", "-e", "-q", ...args],
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stderr);
  assert.ok(code === 0 || said.includes(ABORT_AT_THE_END), said);
  return stdout;
}
