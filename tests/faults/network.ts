/**
 * Packets that vanish, by rules of the kernel, until the time is over.
 *
 * @module
 */
import { run } from "../bench/process.ts";
import type { Cluster } from "./cluster.ts";
import { GATEWAY_GID } from "./gateway_process.ts";
import { pause } from "./load.ts";
import { Undo } from "./undo.ts";

const LOOPBACK = ["OUTPUT", "-o", "lo", "-p", "tcp"];
const OF_GATEWAY = ["-m", "owner", "--gid-owner", String(GATEWAY_GID)];
const OF_OTHERS = ["-m", "owner", "!", "--gid-owner", String(GATEWAY_GID)];
/** Of the gateway's connections, so that the packets of the other side are told apart, too. */
const MARK = "7";

/** What the gateway sends to these brokers, or to all. */
export async function cutRequests(
  cluster: Cluster,
  cutMs: number,
  ...brokerIds: number[]
): Promise<void> {
  const ports = cluster.portsOf(...brokerIds).join(",");
  const toBrokers = [...LOOPBACK, "-m", "multiport", "--dports", ports];
  await using _ = await rule("filter", [...toBrokers, ...OF_GATEWAY, "-j", "DROP"]);
  await pause(cutMs);
}

/** A packet of so many bytes or more has something in it; a shorter one may say that others have arrived. */
const WITH_CONTENT = ["-m", "length", "--length", "81:65535"];

/** What a broker answers the gateway: it gets all requests, and the gateway hears that they have arrived. */
export async function cutAnswers(cluster: Cluster, cutMs: number, brokerId: number): Promise<void> {
  const [port] = cluster.portsOf(brokerId);
  const marking = [...LOOPBACK, ...OF_GATEWAY, "-j", "CONNMARK", "--set-mark", MARK];
  const fromBroker = [...LOOPBACK, "--sport", String(port), "-m", "connmark", "--mark", MARK];
  await using _marks = await rule("mangle", marking);
  await using _drops = await rule("filter", [...fromBroker, ...WITH_CONTENT, "-j", "DROP"]);
  await pause(cutMs);
}

/** What other brokers send to this one: it leads on, and has no followers. Controllers reach each other. */
export async function cutFollowers(cluster: Cluster, cutMs: number, leader: number): Promise<void> {
  const [port] = cluster.portsOf(leader);
  const toLeader = [...LOOPBACK, "--dport", String(port), ...OF_OTHERS];
  await using _ = await rule("filter", [...toLeader, "-j", "DROP"]);
  await pause(cutMs);
}

async function rule(table: string, words: readonly string[]): Promise<Undo> {
  const undo = new Undo(() => run("iptables", ["-t", table, "-D", ...words]));
  await run("iptables", ["-t", table, "-I", ...words]);
  return undo;
}
