/**
 * The README says what is true: its tables and listings are those of the program, its examples are the files that
 * are tested, its transcript is what redis-cli shows.
 *
 * @module
 */
import assert from "node:assert/strict";
import { consumerSettings } from "../src/commands/list/consumer_settings.ts";
import { commands } from "../src/commands/registry.ts";
import { HELP } from "../src/app/cli.ts";
import { parseConfig } from "../src/config/load.ts";
import { specialNames } from "../src/kafka/client/settings_policy.ts";
import { serverDefaults, serverDescriptions } from "../src/config/schema.ts";
import { libraryCandidates, openLibrary } from "../src/ffi/library.ts";
import { Gateway } from "../src/app/gateway.ts";
import { clients, shownPrograms } from "./clients/clients.ts";
import { TestGateway } from "./support/gateway.ts";
import { mustPop } from "./support/kafka.ts";
import { hasRedisCli } from "./support/machine.ts";

const project = new URL("../", import.meta.url);
const readme = await read("README.md");
const { tasks } = JSON.parse(await read("deno.json"));

Deno.test("the README needs two set-up commands, and their tasks exist", () => {
  const start = section("Start");
  assert.deepEqual(codeBlocks(start, "sh"), [
    "npx --yes deno@2.9.6 task dev\n",
    "npx --yes deno@2.9.6 task test\n",
  ]);
});

Deno.test("the README lists every command, with its usage and what it does", () => {
  const listed = rows(section("Commands")).map(([usage, _reply, summary]) => [usage, summary]);
  assert.deepEqual(listed, commands.map(({ usage, summary }) => [`\`${usage}\``, summary]));
});

Deno.test("the README lists every key of `server`, with its default and its meaning", () => {
  const keys = Object.entries(serverDefaults);
  assert.deepEqual(
    rows(section("Configuration")),
    keys.map(([key, value]) => [
      `\`${key}\``,
      `\`${JSON.stringify(value)}\``,
      serverDescriptions[key],
    ]),
  );
});

Deno.test("the README names every setting of librdkafka that is refused or ignored in the file", () => {
  const text = section("Configuration");
  for (const name of specialNames) assert.ok(text.includes(`\`${name}\``), name);
});

Deno.test("the README shows --help as it is", () => {
  assert.ok(codeBlocks(section("Configuration"), "text").includes(HELP));
});

Deno.test("the README lists every task, with its description", () => {
  const listed = rows(section("Development"));
  const entries = Object.entries<{ description: string }>(tasks);
  assert.deepEqual(listed, entries.map(([name, task]) => [`\`${name}\``, task.description]));
});

Deno.test("the README shows the client examples that are tested, and no others", async () => {
  const recipes = clients.filter(({ programs }) => programs.includes("recipe"));
  for (const language of new Set(recipes.map((client) => client.language))) {
    const same = recipes.filter((client) => client.language === language);
    const files = new Set(
      same.flatMap(({ folder, programs, extension }) =>
        shownPrograms.filter((name) => programs.includes(name))
          .map((name) => `${folder}/${name}.${extension}`)
      ),
    );
    const sources = await Promise.all([...files].map((file) => read(`tests/clients/${file}`)));
    assert.deepEqual(codeBlocks(readme, language), sources);
  }
});

Deno.test("the README lists every client that is tested, with its version and protocols", () => {
  const listed = rows(section("Clients")).map(([client, version, protocols]) => [
    client,
    version,
    protocols,
  ]);
  assert.deepEqual(
    listed,
    clients.map(({ client, version, protocols }) => [client, version, protocols.join(", ")]),
  );
});

Deno.test("the README lists every setting that BLPOP's JSON may hold, with its bounds", () => {
  assert.deepEqual(
    rows(section("How it works")),
    consumerSettings.map(({ name, rule, meaning }) => [`\`${name}\``, rule.words(), meaning]),
  );
});

Deno.test("the README shows config.sample.json, and librdkafka takes it", async () => {
  const sample = await read("config.sample.json");
  const scram = await read("config.sample.sasl-scram.json");
  assert.deepEqual(codeBlocks(section("Configuration"), "json"), [sample, scram]);
  const config = parseConfig(sample, "config.sample.json");
  assert.deepEqual(config.ignored, []);
  const library = openLibrary(libraryCandidates(undefined));
  const server = { ...config.server, port: 0 };
  const rafka = await Gateway.start({
    config: { ...config, server },
    library,
    dev: false,
    version: "test",
  });
  await rafka.stop();
});

Deno.test("each configuration that the README shows is accepted as it is", () => {
  const fences = [...readme.matchAll(/^ *```(json\w+)$/gm)].map(([, language]) => language);
  assert.deepEqual(fences, [], "the configuration is JSON, without comments");
  const blocks = codeBlocks(readme, "json");
  assert.ok(blocks.length >= 3);
  for (const block of blocks) assert.deepEqual(parseConfig(block, "the README").ignored, [], block);
});

Deno.test({
  name: "the README's transcript is what redis-cli shows",
  ignore: !hasRedisCli,
  async fn(): Promise<void> {
    await using gateway = await TestGateway.start();
    const steps = [...section("Try it").matchAll(/```sh\n(.*?)```\n\n```text\n(.*?)```/gs)];
    assert.ok(steps.length >= 5);
    for (const [, script, output] of steps) {
      const shown = await runInTerminalFormat(script!.replaceAll("6380", String(gateway.port)));
      assert.equal(shown, output, script);
    }
  },
});

Deno.test({
  name: "a shell and redis-cli take the JSON that the README quotes for them",
  ignore: !hasRedisCli,
  async fn(): Promise<void> {
    await using gateway = await TestGateway.start();
    const scripts = codeBlocks(subsection("Clients", "Shell"), "sh");
    let shown = "";
    for (const script of scripts) {
      shown += await runInTerminalFormat(script.replaceAll("6380", String(gateway.port)));
    }
    assert.ok(!/error|invalid/i.test(shown), shown);
    assert.match(shown, /^8\) "\{\\"to\\":\\"(anna|bert)\\",/m);
    using reader = await gateway.connectAs("readers:reader");
    const values = [await mustPop(reader, "greetings"), await mustPop(reader, "greetings")]
      .map(({ value }) => value).sort();
    assert.deepEqual(values, ['{"to":"anna","text":"Hello"}', '{"to":"bert","text":"Hello"}']);
  },
});

/** redis-cli prints types and quotes on a terminal only, unless it is told to. */
async function runInTerminalFormat(script: string): Promise<string> {
  const { stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", `redis-cli() { command redis-cli --no-raw "$@"; }\n${script}`],
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  return text.replaceAll(/^\(\d+\.\d+s\)\n/gm, ""); // how long a command took
}

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, project));
}

/** What stands below a heading, up to the next one of its level. */
function section(title: string): string {
  const found = readme.split(/^## /m).find((part) => part.startsWith(`${title}\n`));
  assert.ok(found, `The README has no section '${title}'`);
  return found;
}

/** What stands below a heading of the third level, within a section. */
function subsection(title: string, name: string): string {
  const found = section(title).split(/^### /m).find((part) => part.startsWith(`${name}\n`));
  assert.ok(found, `The section '${title}' has no '${name}'`);
  return found;
}

function codeBlocks(text: string, language: string): string[] {
  const blocks = text.matchAll(/^```(\w*)\n(.*?)^```$/gms);
  return [...blocks].filter((block) => block[1] === language).map((block) => block[2]!);
}

/** The cells of the tables, without their heads. */
function rows(text: string): string[][] {
  const bodies = text.matchAll(/^\|.*\n\|[ |-]*\n((?:\|.*\n)*)/gm);
  const lines = [...bodies].flatMap(([, body]) => body!.trimEnd().split("\n"));
  return lines.map((line) =>
    line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replaceAll("\\|", "|"))
  );
}
