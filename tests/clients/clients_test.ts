/**
 * @module
 * Stock Redis clients of other languages, each with the example that the README shows: they produce, wait for
 * delivery, consume as a worker of a group, and ack.
 */
import assert from "node:assert/strict";
import { BareMachine } from "../support/bare_machine.ts";
import { TestGateway, uniqueName } from "../support/gateway.ts";
import { hasBareMachine } from "../support/machine.ts";
import { Program } from "../support/program.ts";
import { type Example, examples, type Run } from "./toolchains.ts";

const DEADLINE_MS = 60_000; // a Go program is compiled first

for (const example of examples) {
  const { client, command } = example;
  Deno.test({
    name: `${client} produces, consumes and acks with the README's example`,
    ignore: command === undefined,
    fn: async () => await tryOut(example, await TestGateway.start()),
  });

  Deno.test({
    name: `${client} does the same with the compiled gateway, nothing else installed`,
    ignore: command === undefined || !hasBareMachine,
    async fn(): Promise<void> {
      using machine = await BareMachine.create();
      await tryOut(example, await Program.start(["--dev"], {}, machine.launch));
    },
  });
}

async function tryOut(
  { file, command }: Example,
  started: TestGateway | Program,
): Promise<void> {
  await using gateway = started;
  const topic = uniqueName("greetings");
  const source = await Deno.readTextFile(new URL(file, import.meta.url));
  const folder = await Deno.makeTempDir();
  try {
    const fitting = source.replaceAll("6380", String(gateway.port))
      .replaceAll("topics:greetings", `topics:${topic}`);
    const output = await run(await command!(fitting, folder));
    const greeting = /Hello from [\w-]+/.exec(source)![0];
    assert.equal(output, `not delivered yet: 0\nreceived: ${greeting}\n`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const [, key] = /topics:greetings:(\w+)/.exec(source)!;
  const [, group] = /([a-z]+-workers):1/.exec(source)!;
  const next = await nextMessage(gateway, `${group}:2`, `topics:${topic}`, key!);
  assert.equal(next, "Second");
}

async function run({ command, args, cwd, env }: Run): Promise<string> {
  const process = new Deno.Command(command, {
    args: [...args],
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env }),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => process.kill("SIGKILL"), DEADLINE_MS);
  const { success, stdout, stderr } = await process.output();
  clearTimeout(timer);
  const decoder = new TextDecoder();
  assert.ok(success, `${command} failed:\n${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

/** What the group gets next: not what the example has acked, which is the message before in the same partition. */
async function nextMessage(
  gateway: TestGateway | Program,
  name: string,
  topics: string,
  key: string,
): Promise<string | null | undefined> {
  using client = await gateway.connect();
  await client.ask("CLIENT", "SETNAME", name);
  await client.ask("RPUSHX", `${topics}:${key}`, "Second");
  return (await client.pop(topics, 20))?.value;
}
