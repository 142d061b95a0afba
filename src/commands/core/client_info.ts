/**
 * A connection in the fields of CLIENT INFO.
 *
 * @see https://redis.io/docs/latest/commands/client-list/
 * @module
 */

import type { ClientView } from "./context.ts";

/** Names and values; a value has no spaces. */
export type ClientFields = Readonly<Record<string, string | number>>;

/** The line of CLIENT INFO. */
export function clientInfo(client: ClientView): string {
  return formatFields(redisFields(client));
}

/**
 * All fields of Redis 7.2 in its order: some clients reject CLIENT INFO with an unknown field, and some fail without a
 * known one. Fields that do not apply are 0.
 */
export function redisFields(client: ClientView): ClientFields {
  const { aheadBytes, unwrittenBytes } = client;
  const transactionBytes = client.transaction?.byteLength ?? 0;
  return {
    id: client.connectionId,
    addr: client.address,
    laddr: client.localAddress,
    fd: -1, // not known
    name: client.name ?? "",
    age: seconds(client.ageMs),
    idle: seconds(client.idleMs),
    flags: flags(client),
    db: 0,
    sub: client.subscriptionCount("channel"),
    psub: client.subscriptionCount("pattern"),
    ssub: client.subscriptionCount("shard"),
    multi: client.transaction?.requests.length ?? -1,
    qbuf: aheadBytes,
    "qbuf-free": 0,
    "argv-mem": 0,
    "multi-mem": transactionBytes,
    rbs: 0,
    rbp: 0,
    obl: 0,
    oll: Number(unwrittenBytes > 0),
    omem: unwrittenBytes,
    "tot-mem": aheadBytes + transactionBytes + unwrittenBytes,
    events: unwrittenBytes > 0 ? "rw" : "r",
    cmd: client.lastCommand || "NULL",
    user: client.user.name,
    redir: client.tracking ? 0 : -1,
    resp: client.protocol,
    "lib-name": client.libraryName,
    "lib-ver": client.libraryVersion,
  };
}

/** `name=value`, with spaces between. */
export function formatFields(fields: ClientFields): string {
  return Object.entries(fields).map(([name, value]) => `${name}=${value}`).join(" ");
}

function flags(client: ClientView): string {
  const { blocked, monitoring, transaction, tracking, noEvict, noTouch } = client;
  const set = [
    monitoring && "O",
    isSubscriber(client) && "P",
    transaction && "x",
    blocked && "b",
    tracking && "t",
    tracking?.options.broadcast && "B",
    noEvict && "e",
    noTouch && "T",
  ];
  return set.filter((flag) => flag).join("") || "N";
}

/** Whether a connection subscribes to something. */
export function isSubscriber(client: Pick<ClientView, "subscriptionCount">): boolean {
  return (["channel", "pattern", "shard"] as const)
    .some((kind) => client.subscriptionCount(kind) > 0);
}

/** Whole seconds. */
export function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
