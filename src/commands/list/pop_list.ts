/**
 * Pops of lists of the gateway itself: to remove an entry acks it.
 *
 * @module
 */

import type { ListEnd, ProcessingList } from "../../groups/processing_lists.ts";
import type { Reply } from "../../resp/reply.ts";
import { valueReply } from "./plain_pop.ts";

/**
 * Removes entries from an end of a list, and acks them.
 *
 * @returns their values
 * @throws {KafkaError} when Kafka does not answer; they are in the list again then
 */
export async function popList(
  list: ProcessingList,
  end: ListEnd,
  count: number,
): Promise<Reply[]> {
  const removed = list.remove(end, count);
  try {
    const read = await list.read(removed);
    list.ack(removed);
    return read.map(({ message }) => valueReply(message));
  } catch (error) {
    list.putBack(removed, end);
    throw error;
  }
}
