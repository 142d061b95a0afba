import { configure } from "@logtape/logtape";
import { TestGateway, uniqueName } from "../support/gateway.ts";
import { onBrokers, TestCluster } from "../support/kafka.ts";
import { play } from "./rebalances_test.ts";
const t0 = performance.now();
let rebalances = 0;
await configure({
  sinks: {
    f: (r) => {
      const text = r.message.join("");
      if (/gives up|is assigned|keeps/.test(text)) rebalances++;
      if (
        Deno.args[3] &&
        (r.level === "warning" || r.level === "error" ||
          /gives up|is assigned|keeps|joins/.test(text))
      ) console.log(((performance.now() - t0) / 1000).toFixed(2), r.level, text.slice(0, 160));
    },
  },
  loggers: [{ category: ["rafka"], sinks: ["f"], lowestLevel: "info" }, {
    category: ["logtape", "meta"],
    sinks: [],
    lowestLevel: "warning",
  }],
});
const [where, strategy, rounds] = Deno.args;
const isReal = where === "real";
const cluster = isReal ? undefined : await TestCluster.start();
const result = await play(
  {
    isReal,
    start: (config) =>
      TestGateway.start({
        config: isReal ? onBrokers("127.0.0.1:19592", config) : cluster!.config(config),
      }),
    newTopic() {
      const t = uniqueName("topic");
      cluster?.mock.createTopic(t);
      return t;
    },
  },
  strategy!,
  Number(rounds),
);
console.log(
  where,
  strategy,
  rounds,
  result,
  "rebalances",
  rebalances,
  ((performance.now() - t0) / 1000).toFixed(0),
  "s",
);
await cluster?.[Symbol.asyncDispose]();
