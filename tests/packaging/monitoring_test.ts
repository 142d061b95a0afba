/**
 * The files for monitors in packaging/monitoring: checked by the tools that read them, and by the metrics that there are.
 *
 * @module
 */
import assert from "node:assert/strict";
import { allMetrics } from "../../tasks/docs/metrics.ts";
import { hasPrometheus, hasPython } from "../support/machine.ts";

const folder = new URL("../../packaging/monitoring/", import.meta.url);
const HISTOGRAM_PARTS = ["_bucket", "_sum", "_count"];

/** Python with its module for YAML. */
const hasYaml = hasPython &&
  new Deno.Command("python3", { args: ["-c", "import yaml"] }).outputSync().success;

async function read(name: string): Promise<string> {
  return await Deno.readTextFile(new URL(name, folder));
}

async function output(command: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, cwd: folder })
    .output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert.ok(success, said);
  return said;
}

for (const [what, file] of [["rules", "rafka.rules.yml"], ["config", "prometheus.yml"]] as const) {
  Deno.test({
    name: `promtool takes ${file}`,
    ignore: !hasPrometheus,
    fn: async () => assert.match(await output("promtool", "check", what, file), /SUCCESS/),
  });
}

const ruleTests = new URL("rafka.rules.test.yml", import.meta.url).pathname;

Deno.test({
  name: "each alert fires when it should, and not when it should not",
  ignore: !hasPrometheus,
  async fn(): Promise<void> {
    assert.match(await output("promtool", "test", "rules", ruleTests), /SUCCESS/);
    const tests = await Deno.readTextFile(ruleTests);
    const alerts = [...(await read("rafka.rules.yml")).matchAll(/- alert: (\w+)/g)].map((
      [, name],
    ) => name!);
    const fires = alerts.filter((name) =>
      new RegExp(`alertname: ${name}\\s+eval_time: \\w+\\s+exp_alerts:\\s+- `).test(tests)
    );
    assert.deepEqual(fires, alerts);
  },
});

for (const file of ["rafka.rules.yml", "grafana-dashboard.json"]) {
  Deno.test(`${file} names only metrics that there are`, async () => {
    const known = new Set(
      allMetrics().flatMap(({ type, names: { metric } }) =>
        type === "histogram" ? HISTOGRAM_PARTS.map((part) => metric + part) : metric
      ),
    );
    const named = new Set((await read(file)).match(/\b(rafka|process)_[a-z_]+\b/g));
    assert.ok(named.size > 5);
    assert.deepEqual([...named].filter((name) => !known.has(name)), []);
  });
}

Deno.test("the dashboard's panels have ids of their own, and do not lie on each other", async () => {
  const { panels } = JSON.parse(await read("grafana-dashboard.json"));
  const of = (key: string): unknown[] => panels.map((panel: Record<string, unknown>) => panel[key]);
  assert.equal(new Set(of("id")).size, panels.length);
  assert.equal(new Set(of("gridPos").map((one) => JSON.stringify(one))).size, panels.length);
});

Deno.test({
  name: "the manifests are YAML, and their probes are paths of the HTTP port",
  ignore: !hasYaml,
  async fn(): Promise<void> {
    const script =
      "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
    const parse = async (file: string): Promise<Record<string, unknown>[]> =>
      JSON.parse(await output("python3", "-c", script, file));
    const kinds = (await parse("kubernetes.yaml")).map(({ kind }) => kind);
    assert.deepEqual(kinds, ["ConfigMap", "Deployment", "Service"]);
    const [, deployment] = await parse("kubernetes.yaml");
    assert.match(JSON.stringify(deployment), /"readinessProbe":\{"httpGet":\{"path":"\/readyz"/);
    const [compose] = await parse("compose.yaml");
    assert.deepEqual(Object.keys(compose!.services!), ["kafka", "rafka", "prometheus", "grafana"]);
  },
});
