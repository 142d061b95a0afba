import { Cluster } from "./cluster.ts";
import { brokerScenarios } from "./broker_scenarios.ts";
import { clientScenarios } from "./client_scenarios.ts";
await using cluster = await Cluster.start();
console.log("up", cluster.bootstrapServers);
for (const name of Deno.args) {
  const s = [...brokerScenarios, ...clientScenarios].find((x) => x.name === name)!;
  const t = performance.now();
  try {
    console.log(name, await s.run(cluster, false), Math.round(performance.now() - t));
  } catch (e) {
    console.log(name, "FAILED", e);
  }
}
