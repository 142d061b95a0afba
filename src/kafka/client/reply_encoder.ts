/**
 * Takes messages and writes what BLPOP replies with them, where librdkafka is Rafka's own build (tasks/native/pops.c):
 * without an object for each message, and for each part of its reply. A message of BLMPOP takes two thirds of the
 * processor time so, half of that of the JavaScript thread.
 *
 * @module
 */

import type { Library } from "../../ffi/library.ts";
import { REPLY_RUN } from "../../ffi/structs.ts";
import type { MessageError, MessageReader } from "./message.ts";
import type { TakenMessages } from "./taken_messages.ts";

/** Replies are written to it within one call, for all connections. A message that has no room there is read as any other. */
const block = new Uint8Array(64 * 1024);

/** Functions of the own build. */
interface Functions {
  readonly consume: NonNullable<Library["symbols"]["rd_kafka_rafka_consume"]>;
  readonly write: NonNullable<Library["symbols"]["rd_kafka_rafka_write_replies"]>;
}

/** The encoder of one queue. */
export class ReplyEncoder {
  readonly #functions: Functions;
  readonly #reader: MessageReader;
  readonly #run = new DataView(new ArrayBuffer(REPLY_RUN.size));
  readonly #runBytes = new Uint8Array(this.#run.buffer);

  private constructor(functions: Functions, reader: MessageReader) {
    this.#functions = functions;
    this.#reader = reader;
  }

  /**
   * An encoder, where librdkafka can write replies.
   *
   * @param reader reads what has no such reply: errors, tombstones, large messages
   */
  static of({ symbols }: Library, reader: MessageReader): ReplyEncoder | undefined {
    const consume = symbols.rd_kafka_rafka_consume;
    const write = symbols.rd_kafka_rafka_write_replies;
    return consume && write ? new ReplyEncoder({ consume, write }, reader) : undefined;
  }

  /**
   * Takes messages from an `rd_kafka_queue_t`.
   *
   * @param pointers gets them: `rd_kafka_message_t *[]`
   * @param enough bytes with which no further one is taken
   * @returns how many; 0 when the queue is empty
   */
  consume(
    queue: Deno.PointerValue,
    pointers: BigUint64Array<ArrayBuffer>,
    max: number,
    enough: number,
  ): number {
    return Number(this.#functions.consume(queue, pointers, BigInt(max), BigInt(enough)));
  }

  /**
   * Adds messages to those that were taken, and destroys them.
   *
   * @param onError gets the errors among them
   * @returns the size of what was added
   */
  encode(
    pointers: BigUint64Array<ArrayBuffer>,
    count: number,
    taken: TakenMessages,
    onError: (error: MessageError) => void,
  ): number {
    let [bytes, used] = [0, 0];
    const keep = (): void => {
      if (used > 0) taken.parts.push(block.slice(0, used));
      bytes += used;
      used = 0;
    };
    for (let at = 0; at < count;) {
      const room = block.subarray(used);
      const written = this.#write(pointers.subarray(at, count), room, taken);
      used += written === 0 ? 0 : this.#run.getUint32(REPLY_RUN.bytes, true);
      at += written;
      if (written > 0) continue;
      const hadRoom = used === 0;
      keep();
      if (!hadRoom) continue;
      this.#reader.take(pointers.subarray(at++), 1, (message) => {
        if ("err" in message) return onError(message);
        taken.add(message);
        bytes += message.value?.byteLength ?? 0;
      });
    }
    keep();
    return bytes;
  }

  /** Writes replies of one partition; returns how many. */
  #write(
    pointers: BigUint64Array<ArrayBuffer>,
    room: Uint8Array<ArrayBuffer>,
    taken: TakenMessages,
  ): number {
    const [length, roomBytes] = [BigInt(pointers.length), BigInt(room.byteLength)];
    const count = Number(
      this.#functions.write(pointers, length, room, roomBytes, this.#runBytes),
    );
    if (count === 0) return 0;
    const run = this.#run;
    taken.addRange({
      topic: this.#reader.topicName(Number(run.getBigUint64(REPLY_RUN.rkt, true))),
      partition: run.getInt32(REPLY_RUN.partition, true),
      first: BigInt(run.getFloat64(REPLY_RUN.first, true)),
      last: BigInt(run.getFloat64(REPLY_RUN.last, true)),
      count,
    });
    return count;
  }
}
