/**
 * A proxy to a Kafka broker that can lose what the broker answers to a batch of messages: it is stored, and whoever has
 * sent it sends it again.
 *
 * @module
 */

import { Forwarder, pipe } from "./forwarder.ts";

/** Number of the request in the Kafka protocol. */
const PRODUCE = 0;
/** In front of a request: its length. */
const LENGTH_BYTES = 4;
/** What a request begins with: its length and its number. */
const HEAD_BYTES = LENGTH_BYTES + 2;

/** Forwards connections to a port of this machine. */
export class LossyForwarder extends Forwarder {
  /** Requests that are as large get no answer. */
  #lossBytes = Infinity;
  #lost = 0;

  /** Forwards to this port of this machine. */
  constructor(targetPort: number) {
    super(`127.0.0.1:${targetPort}`, "127.0.0.1");
  }

  get port(): number {
    return Number(this.address.split(":")[1]);
  }

  /** How many answers are lost. */
  get lost(): number {
    return this.#lost;
  }

  /** The next answer to a Produce request of so many bytes or more is lost, and its connection ends. */
  loseNextAnswer(requestBytes: number): void {
    this.#lossBytes = requestBytes;
  }

  protected override forward(client: Deno.Conn, server: Deno.Conn): Promise<unknown>[] {
    let losing = false;
    return [
      pipe(client, server, (bytes) => {
        if (this.#isToLose(bytes)) losing = true;
        return true;
      }),
      pipe(server, client, () => {
        if (losing) this.#lost++;
        return !losing;
      }),
    ];
  }

  /** librdkafka writes each request by itself; several may have come when this machine is busy. */
  #isToLose(bytes: Uint8Array): boolean {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at + HEAD_BYTES <= bytes.byteLength;) {
      const byteLength = LENGTH_BYTES + view.getInt32(at);
      if (view.getInt16(at + LENGTH_BYTES) === PRODUCE && byteLength >= this.#lossBytes) {
        this.#lossBytes = Infinity;
        return true;
      }
      at += byteLength;
    }
    return false;
  }
}
