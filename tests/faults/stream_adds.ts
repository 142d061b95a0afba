/**
 * What XADD has answered, held against the topic: the id names the place and the time of the message, and a message
 * that XADD calls not stored is not there.
 *
 * @module
 */
import type { TopicRecord } from "./check.ts";
import type { Journal, SentEntry } from "./journal.ts";
import type { Problems } from "./problems.ts";
import { placeIn } from "./stream_replies.ts";

/** How an error of XADD says that the message may be in Kafka, now or later. */
const MAY_BE_STORED = /\bmay\b.*\bstored\b|POSSIBLY_PERSISTED/i;

/** Compares. */
export function checkAdded(
  { sent }: Journal,
  topic: readonly TopicRecord[],
  problems: Problems,
): void {
  const records = new Map(topic.map((record) => [record.id, record]));
  for (const { id, entry, entryId, addError } of sent) {
    const record = records.get(id);
    if (addError !== undefined && record && !MAY_BE_STORED.test(addError)) {
      problems.add("answered as not stored, but in the topic", `${id} ${addError}`);
    }
    if (!entry || !record) continue;
    if (entryId !== undefined) checkPlace(entryId, record, problems);
    if (record.headers !== undefined && record.headers !== headersOf(entry)) {
      problems.add("in the topic with other headers", `${id} ${record.headers}`);
    }
  }
}

function checkPlace(entryId: string, record: TopicRecord, problems: Problems): void {
  const place = placeIn(entryId);
  const { id, partition, offset, timestampMs } = record;
  const is = `${id} is at [${partition}]@${offset}, ${timestampMs} ms`;
  if (place?.partition !== partition || place.offset !== offset) {
    problems.add("XADD named another place", `${entryId}: ${is}`);
  } else if (timestampMs !== undefined && place.timestampMs !== timestampMs) {
    problems.add("XADD named another time", `${entryId}: ${is}`);
  }
}

function headersOf({ headers }: SentEntry): string {
  return headers.map(([name, value]) => `${name}=${value}`).join(",");
}
