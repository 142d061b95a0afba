/**
 * What a stream's group has to endure beside the faults that lists have: order that must be kept, and gateways that
 * share its partitions.
 *
 * @module
 */
import type { GatewayProcess } from "./gateway_process.ts";
import { pause } from "./load.ts";
import { play } from "./play.ts";
import type { Scenario } from "./scenario.ts";
import type { Stage } from "./stage.ts";

/** Time with two gateways, and then with one: a rebalance takes seconds, a killed member its session. */
const TOGETHER_MS = 6_000;
const ALONE_MS = 8_000;
/** Deaths of a gateway, and how long each one lives. */
const KILLS = 5;
const LIFE_MS = 3_000;

/** A second gateway takes its part of the group's partitions, until it ends in some way. */
function secondGateway(
  name: string,
  how: string,
  end: (gateway: GatewayProcess) => Promise<void>,
): Scenario {
  return {
    name,
    what: `a second gateway joins the stream's group, and is ${how}`,
    short: false,
    run: (cluster, full) =>
      play(cluster, {}, async (stage: Stage) => {
        const gateway = await stage.addGateway();
        const workers = ["second-1", "second-2"].map((worker) =>
          stage.stream.addWorker(worker, () => gateway.port)
        );
        await workers[0]!.succeeds(60_000);
        await pause(full ? 3 * TOGETHER_MS : TOGETHER_MS);
        await end(gateway);
        await pause(ALONE_MS);
      }),
  };
}

/** Faults of a stream's group. */
export const streamScenarios: readonly Scenario[] = [
  {
    name: "order-of-keys",
    what: "the gateway is killed (SIGKILL) and started again; server.streams.order is key",
    short: false,
    run: (cluster, full) =>
      play(cluster, { inOrderOfKeys: true }, async (stage) => {
        for (let kill = 1; kill <= (full ? KILLS : 1); kill++) {
          await stage.gateway.kill();
          await stage.gateway.restart();
          await stage.works();
          await pause(LIFE_MS);
        }
      }),
  },
  secondGateway("second-gateway-stopped", "ended (SIGTERM)", (gateway) => gateway.stop()),
  secondGateway("second-gateway-killed", "killed (SIGKILL)", (gateway) => gateway.kill()),
];
