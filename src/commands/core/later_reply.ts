/**
 * A reply that comes later, and does not hold up the requests behind it. It is no promise: with one and its callbacks an
 * XADD took 7 µs of the event loop, so it takes 4.
 *
 * @module
 */

import type { ProtocolVersion, Reply } from "../../resp/reply.ts";

/** Gets replies, in the same turn in which they are given. */
export interface LaterReceiver {
  /** The reply has come. */
  answered(later: LaterReply): void;
}

/**
 * The reply of one command. It is given once; what is given behind it has no effect. It is itself the place that the
 * connection keeps for it: each object of a reply that waits costs more than the work that it does.
 */
export class LaterReply {
  /** The client's protocol when the command ran. */
  protocol: ProtocolVersion = 2;
  /** False when CLIENT REPLY suppresses the reply. */
  wanted = true;
  #reply: Reply | undefined = undefined;
  #receiver: LaterReceiver | undefined = undefined;
  /** Makes the reply of an error. */
  #failed: ((error: unknown) => Reply) | undefined = undefined;

  /** The reply of a promise. */
  static from(promise: Promise<Reply>): LaterReply {
    const later = new LaterReply();
    promise.then((reply) => later.answer(reply), (error) => later.fail(error));
    return later;
  }

  /** Number of requests that it answers. */
  get replyCount(): number {
    return 1;
  }

  /** undefined while pending. */
  get reply(): Reply | undefined {
    return this.#reply;
  }

  /** There is a reply. */
  get isAnswered(): boolean {
    return this.#reply !== undefined;
  }

  /** Gives the reply, which must not refer to memory that is used again. */
  answer(reply: Reply): void {
    if (this.#reply) return;
    this.#reply = reply;
    this.#receiver?.answered(this);
  }

  /** Gives an error as the reply; not before the command has returned this. */
  fail(error: unknown): void {
    if (!this.#reply) this.answer(this.failureReply(error));
  }

  /** The reply of an error; not before the command has returned this. */
  protected failureReply(error: unknown): Reply {
    return this.#failed!(error);
  }

  /** Says what the reply of an error is. */
  onFailure(reply: (error: unknown) => Reply): void {
    this.#failed = reply;
  }

  /** Passes the reply on; one receiver gets it. */
  sendTo(receiver: LaterReceiver): void {
    this.#receiver = receiver;
    if (this.#reply) receiver.answered(this);
  }
}

/** The reply of a command, now or later. */
export type Answer = Reply | LaterReply;
