/**
 * Examples do what the documentation says: programs are the files that are tested, transcripts are what redis-cli
 * shows.
 *
 * @module
 */
import assert from "node:assert/strict";
import { clients, shownPrograms } from "../clients/clients.ts";
import { excerptOf } from "../../tasks/docs/parts.ts";
import { TestGateway } from "../support/gateway.ts";
import { mustPop, TestCluster } from "../support/kafka.ts";
import { hasKcat, hasRedisCli } from "../support/machine.ts";
import { allCodeBlocks, codeBlocks, documents, page, read, rows, section } from "./documents.ts";

/** Languages of blocks that are no program. */
const NO_PROGRAMS = ["sh", "text", "json", "ini", "yaml"];
const TRANSCRIPT = /```sh\n([^`]*redis-cli[^`]*)```\n\n```text\n(.*?)```/gs;
/** Where the transcripts have a broker. */
const BROKER = "127.0.0.1:9092";
const transcripts = documents
  .map(({ path, text }) => ({ path, steps: [...text.matchAll(TRANSCRIPT)] }))
  .filter(({ steps }) => steps.length > 0);

Deno.test("the client examples that are tested are shown, all of them in the page on clients", async () => {
  const files = new Set(
    clients.flatMap(({ folder, programs, extension }) =>
      shownPrograms.filter((name) => programs.includes(name))
        .map((name) => `tests/clients/${folder}/${name}.${extension}`)
    ),
  );
  const sources = await Promise.all([...files].map(read));
  const shown = allCodeBlocks(page("docs/clients.md"))
    .filter(({ language }) => !NO_PROGRAMS.includes(language)).map(({ code }) => code);
  assert.deepEqual([...shown].sort(), [...sources].sort());
});

Deno.test("no page shows another program", async () => {
  for (const { path, text } of documents) {
    const shown = allCodeBlocks(text).filter(({ language }) => !NO_PROGRAMS.includes(language));
    const files = [
      ...text.matchAll(/^<!-- generated: (file|excerpt) (tests\/(?:clients|tools)\/.+) -->$/gm),
    ];
    const sources = await Promise.all(files.map(async ([, kind, file]) => {
      const source = await read(file!);
      return kind === "file" ? source : excerptOf(source, file!);
    }));
    assert.deepEqual(shown.map(({ code }) => code), sources, path);
  }
});

Deno.test("the page on clients lists every client that is tested, with its version and protocols", () => {
  const listed = rows(section(page("docs/clients.md"), "Tested clients"));
  assert.deepEqual(
    listed.map(([client, version, protocols]) => [client, version, protocols]),
    clients.map(({ client, version, protocols }) => [client, version, protocols.join(", ")]),
  );
});

Deno.test("the README and the pages on clients and streams have transcripts", () => {
  assert.deepEqual(transcripts.map(({ path, steps }) => [path, steps.length]), [
    ["README.md", 2],
    ["docs/clients.md", 5],
    ["docs/streams.md", 4],
  ]);
});

for (const { path, steps } of transcripts) {
  const needsKcat = steps.some(([, script]) => script!.includes("kcat"));
  Deno.test({
    name: `the transcript of ${path} is what redis-cli shows`,
    ignore: !hasRedisCli || needsKcat && !hasKcat,
    async fn(): Promise<void> {
      await using cluster = await TestCluster.start();
      await using gateway = await TestGateway.start({ config: cluster.config() });
      for (const [, script, output] of steps) {
        const shown = await runInTerminalFormat(
          script!.replaceAll("6380", String(gateway.port))
            .replaceAll(BROKER, cluster.mock.bootstrapServers),
        );
        assert.equal(shown, output, script);
      }
    },
  });
}

Deno.test({
  name: "a shell and redis-cli take the JSON that is quoted for them",
  ignore: !hasRedisCli,
  async fn(): Promise<void> {
    await using gateway = await TestGateway.start();
    const scripts = codeBlocks(section(page("docs/clients.md"), "JSON in a shell"), "sh");
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
  return text.replaceAll(/^\(\d+\.\d+s\)\n/gm, ""); // duration of a command
}
