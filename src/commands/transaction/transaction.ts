/**
 * MULTI and EXEC, which some clients put around every pipeline. The commands between them are kept, and run in order by
 * EXEC. That is all: it is no transaction of Kafka, and each command succeeds or fails by itself.
 *
 * @see https://redis.io/docs/latest/develop/using-commands/transactions/
 * @module
 */

import { array, error, OK, type Reply, simple } from "../../resp/reply.ts";
import { heldReplyBytes } from "../../resp/reply_size.ts";
import type { Request } from "../../resp/request_parser.ts";
import { type Command, command } from "../core/command.ts";
import { CommandError } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";
import { LaterReply } from "../core/later_reply.ts";
import type { TransactionView } from "../core/transaction_view.ts";

/** What a kept word costs beside its bytes, with its share of the request: measured. */
const WORD_BYTES = 460;
/** What a reply that comes later counts as: a promise, and a short reply. */
const LATER_BYTES = 512;

const MULTI: Command = command({
  name: "MULTI",
  arity: 1,
  summary: "Queues the commands that follow until EXEC",
  since: "0.2.0",
  group: "transactions",
  flags: ["fast"],
  endsTransaction: true,
  run({ client, gateway }): Reply {
    if (client.transaction) throw new CommandError("ERR", "MULTI calls can not be nested");
    client.transaction = new Transaction(gateway.settings.maxRequestBytes);
    return OK;
  },
});

const EXEC: Command = command({
  name: "EXEC",
  arity: 1,
  summary: "Runs the queued commands in order; each succeeds or fails by itself",
  since: "0.2.0",
  group: "transactions",
  flags: [],
  endsTransaction: true,
  wrongArity: () =>
    new CommandError(
      "EXECABORT",
      "Transaction discarded because of: wrong number of arguments for 'exec' command",
    ),
  run(context): Promise<Reply> {
    const { requests, failed } = endTransaction(context, "EXEC");
    if (failed) {
      context.kafka.refused(); // whoever is not shown replies asks WAIT
      throw new CommandError("EXECABORT", "Transaction discarded because of previous errors.");
    }
    context.executing = true;
    return runAll(context, requests).finally(() => context.executing = false);
  },
});

const DISCARD: Command = command({
  name: "DISCARD",
  arity: 1,
  summary: "Discards the queued commands",
  since: "0.2.0",
  group: "transactions",
  flags: ["fast"],
  endsTransaction: true,
  run(context): Reply {
    endTransaction(context, "DISCARD");
    return OK;
  },
});

/** MULTI, EXEC, DISCARD */
export const transactionCommands: readonly Command[] = [MULTI, EXEC, DISCARD];

class Transaction implements TransactionView {
  readonly #requests: Request[] = [];
  readonly #maxBytes: number;
  #byteLength = 0;
  #failed = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  get requests(): readonly Request[] {
    return this.#requests;
  }

  get failed(): boolean {
    return this.#failed;
  }

  fail(): void {
    this.#failed = true;
    this.#byteLength = 0;
    this.#requests.length = 0;
  }

  queue(request: Request): Reply {
    if (this.#failed) return simple("QUEUED"); // EXEC will say that it is not
    this.#byteLength += request.reduce((sum, { byteLength }) => sum + byteLength + WORD_BYTES, 0);
    if (this.#byteLength > this.#maxBytes) {
      throw new CommandError("ERR", `transaction larger than ${this.#maxBytes} bytes`);
    }
    this.#requests.push(request.map((word) => word.slice()));
    return simple("QUEUED");
  }
}

function endTransaction({ client }: Context, name: string): TransactionView {
  const { transaction } = client;
  if (!transaction) throw new CommandError("ERR", `${name} without MULTI`);
  client.transaction = undefined;
  return transaction;
}

/**
 * A command may wait, and the connection end meanwhile: what follows is not run. Nor is what follows replies that are
 * too large together to be sent, or to be held: they would fill the memory before they are written. Commands that answer
 * later are in flight together.
 */
async function runAll(context: Context, requests: readonly Request[]): Promise<Reply> {
  const replies: (Reply | Promise<Reply>)[] = [];
  let bytes = 0;
  for (const request of requests) {
    if (context.quitting) {
      replies.push(error("ERR not run: the connection ends"));
      continue;
    }
    const answer = await context.execute(request);
    const isLater = answer instanceof LaterReply;
    replies.push(isLater ? replyOf(answer) : answer);
    bytes += isLater ? LATER_BYTES : heldReplyBytes(answer);
    if (bytes > context.gateway.settings.outputLimitBytes) context.quit();
    const nextTurn = context.giveWay();
    if (nextTurn) await nextTurn;
  }
  return array(await Promise.all(replies));
}

function replyOf(later: LaterReply): Promise<Reply> {
  return new Promise((resolve) => later.sendTo({ answered: ({ reply }) => resolve(reply!) }));
}
