/**
 * The memory of messages that are pending: up to a limit they are kept, those beyond it are read again from Kafka when
 * somebody wants them.
 *
 * @module
 */

import type { Message } from "../kafka/client/message.ts";

/** Cost of a message beside its bytes. */
const MESSAGE_BYTES = 300;
/** The same of a header. */
const HEADER_BYTES = 100;

/** The memory of one group. */
export class MessageMemory {
  /** Maximum size; with more, messages are not kept. */
  readonly limitBytes: number;
  /** Size of the messages that are kept. */
  usedBytes = 0;

  /** Nothing is kept yet. */
  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  /** Takes room; returns false when there is not enough. */
  reserve(bytes: number): boolean {
    if (this.usedBytes + bytes > this.limitBytes) return false;
    this.usedBytes += bytes;
    return true;
  }

  /** Gives room back. */
  release(bytes: number): void {
    this.usedBytes -= bytes;
  }
}

/** What a message takes in memory, about. */
export function sizeOf({ value, metadata }: Message): number {
  let bytes = MESSAGE_BYTES + (value?.byteLength ?? 0) + (metadata?.key?.byteLength ?? 0);
  for (const [name, content] of metadata?.headers ?? []) {
    bytes += HEADER_BYTES + name.length + (content?.byteLength ?? 0);
  }
  return bytes;
}

/** The same message with memory of its own: as it was read, it keeps its neighbours in memory, too. */
export function detached(message: Message): Message {
  const { value, metadata } = message;
  return {
    ...message,
    value: value && value.slice(),
    ...(metadata && {
      metadata: {
        ...metadata,
        key: metadata.key && metadata.key.slice(),
        headers: metadata.headers.map((
          [name, content],
        ) => [name.slice(), content && content.slice()]),
      },
    }),
  };
}
